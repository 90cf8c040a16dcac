"""The label configuration of each annotation tool, made from civex's label file."""

import json
from xml.sax.saxutils import quoteattr

from civex.annotations import REFERENCES
from civex.formats import TOOLS
from civex.formats.flat import ABOUT, FREE_FEATURES, TELLS_OF
from civex.labels import ATTRIBUTES, LAYER_LABELS, MENTION_LABELS, RELATIONS

# One colour a layer, light enough for black letters (after Paul Tol's light qualitative scheme).
_COLOURS = ("#77aadd", "#99ddff", "#44bb99", "#bbcc33", "#aaaa00", "#eedd88", "#ee8866", "#ffaabb", "#dddddd")
COLOURS = {label: colour for layer, colour in zip(LAYER_LABELS, _COLOURS, strict=True) for label in layer}
LINKS = tuple(REFERENCES.values())
_TEXT_FIELDS = tuple(name for name in FREE_FEATURES if name != "id")
_HINTS = {
    "events": "i1 i2 (incidents) or t1 (a tally)",
    "number": "5, 5.., ..11, 8..12 or ?",
    "value": "2019-03-24, 2019-03, 2019-03-01..2019-03-05 or ?",
    "name": "the usual name",
    "more": "JSON of other schemes",
}


def label_studio() -> str:
    """The labelling interface: labels, a choice for each attribute, text fields, relations."""
    lines = ["<View>", "  <Relations>"]
    lines += [f"    <Relation value={quoteattr(label)}/>" for label in LINKS]
    lines += ["  </Relations>", '  <Labels name="label" toName="text">']
    lines += [
        f"    <Label value={quoteattr(label)} background={quoteattr(COLOURS[label])}/>" for label in MENTION_LABELS
    ]
    lines += ["  </Labels>", '  <Text name="text" value="$text" granularity="symbol"/>']
    for name, (values, labels, several, _) in ATTRIBUTES.items():
        if name == "harm":
            continue
        choice = "multiple" if several else "single"
        lines.append(
            f'  <View visibleWhen="region-selected" whenTagName="label" whenLabelValue={quoteattr(",".join(labels))}>'
        )
        lines.append(f'    <Choices name="{name}" toName="text" perRegion="true" choice="{choice}" showInline="true">')
        lines += [f"      <Choice value={quoteattr(value)}/>" for value in values]
        lines += ["    </Choices>", "  </View>"]
    for name in _TEXT_FIELDS:
        hint = quoteattr(f"{name}: {_HINTS[name]}")
        lines.append(
            f'  <TextArea name="{name}" toName="text" perRegion="true" maxSubmissions="1" placeholder={hint}/>'
        )
    return "\n".join([*lines, "</View>"]) + "\n"


def doccano() -> str:
    """A list of the span types, to import under Labels > Span."""
    rows = [{"text": label, "background_color": COLOURS[label], "text_color": "#000000"} for label in MENTION_LABELS]
    return json.dumps(rows, indent=2) + "\n"


def brat() -> str:
    """annotation.conf."""
    lines = [
        "[entities]",
        *MENTION_LABELS,
        "",
        "[relations]",
        "<OVERLAP> Arg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>",
    ]
    for label in LINKS:
        heads, tails = RELATIONS[label]
        lines.append(f"{label} Arg1:{'|'.join(heads)}, Arg2:{'|'.join(tails)}")
    lines += ["", "[events]", "", "[attributes]"]
    for name, (values, labels, several, _) in ATTRIBUTES.items():
        arguments = f"Arg:{'|'.join(labels)}"
        if name != "harm" and several:
            lines += [f"{name}_{value} {arguments}" for value in values]
        elif name != "harm":
            lines.append(f"{name} {arguments}, Value:{'|'.join(values)}")
    return "\n".join(lines) + "\n"


def inception() -> str:
    """The type system, to import under Layers."""
    from civex.formats.inception import type_system

    return type_system().to_xml()


def prodigy() -> str:
    """prodigy.json's part for `rel.manual`: labels, relation labels and colours."""
    labels = {"labels": list(MENTION_LABELS), "relations_span_labels": list(MENTION_LABELS)}
    links = {"relation_labels": [*LINKS, TELLS_OF, ABOUT], "custom_theme": {"labels": COLOURS}}
    return json.dumps({**labels, **links}, indent=2) + "\n"


_CONFIGURATIONS = dict(zip(TOOLS, (label_studio, doccano, brat, inception, prodigy), strict=True))


def configuration(tool: str) -> str:
    """The configuration of one of `civex.formats.TOOLS`. Raises ImportError where an extra is missing."""
    return _CONFIGURATIONS[tool]()
