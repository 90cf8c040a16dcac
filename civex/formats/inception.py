"""INCEpTION's UIMA CAS XMI 1.0, through dkpro-cassis, which counts UTF-16 units as UIMA does.

Mentions are a span layer of civex's own (`webanno.custom.Civex`) with a feature for all that a mention says, relations
a relation layer over it. The document's id and header stand in a document layer. Characters that XML 1.0 can't hold
are written as U+FFFD and kept there too. `civex corpus labels --format inception` gives the type system to import
into a project first.
"""

import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from civex.annotations import AnnotatedText
from civex.formats.files import (
    Log,
    Note,
    collect,
    file_names,
    refuse_surrogates,
    write_atomically,
)
from civex.formats.flat import FEATURES, Damaged, Link, Span, Task, flatten, json_object
from civex.formats.offsets import tokenizing

if TYPE_CHECKING:
    from cassis import Cas, TypeSystem

SPAN = "webanno.custom.Civex"
RELATION = "webanno.custom.CivexRelation"
DOCUMENT = "webanno.custom.CivexDocument"
TOKEN = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token"
SENTENCE = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence"
_BOOKKEEPING = (
    "uima.tcas.DocumentAnnotation",
    "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData",
    "de.tudarmstadt.ukp.clarin.webanno.api.type.CASMetadata",
)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def cassis() -> Any:
    """The module of dkpro-cassis. Raises ImportError that says what to install."""
    try:
        import cassis
    except ImportError as error:
        raise ImportError("INCEpTION's XMI needs dkpro-cassis: pip install 'civex[formats]'") from error
    return cassis


@cache
def type_system() -> "TypeSystem":
    """civex's layers, with the tokens and sentences that INCEpTION needs."""
    types = cassis().TypeSystem()
    string, annotation = "uima.cas.String", "uima.tcas.Annotation"
    for name in (TOKEN, SENTENCE):
        types.create_type(name=name, supertypeName=annotation)
    span = types.create_type(name=SPAN, supertypeName=annotation, description="A mention of civex")
    relation = types.create_type(name=RELATION, supertypeName=annotation, description="A relation of civex")
    document = types.create_type(name=DOCUMENT, supertypeName=annotation, description="Id and header of a document")
    for name in ("label", *FEATURES):
        types.create_feature(domainType=span, name=_feature(name), rangeType=string)
    for name in ("Governor", "Dependent"):
        types.create_feature(domainType=relation, name=name, rangeType=SPAN)
    for name in ("label", "more"):
        types.create_feature(domainType=relation, name=name, rangeType=string)
    types.create_feature(domainType=document, name="kept", rangeType=string)
    return types


def _feature(name: str) -> str:
    """The feature's name in UIMA, where `id` is the number of a feature structure."""
    return "mentionId" if name == "id" else name


def to_cas(document: AnnotatedText, nlp: Any) -> "Cas":
    """The document as a CAS; `nlp` gives its tokens."""
    refuse_surrogates(document)
    types = type_system()
    cas = cassis().Cas(typesystem=types)
    task = flatten(document)
    odd = {str(match.start()): match[0] for match in _NOT_XML.finditer(task.text)}
    cas.sofa_string, cas.sofa_mime = _NOT_XML.sub("\ufffd", task.text), "text/plain"
    for token in nlp.make_doc(task.text):
        if not token.is_space:
            cas.add(types.get_type(TOKEN)(begin=token.idx, end=token.idx + len(token)))
    for line in re.finditer(r"\S(?:[^\n]*\S)?", task.text):
        cas.add(types.get_type(SENTENCE)(begin=line.start(), end=line.end()))
    mentions = {}
    for span in task.spans:
        said = {_feature(name): words for name, words in span.features.items()}
        mentions[span.id] = types.get_type(SPAN)(begin=span.start, end=span.end, label=span.label, **said)
    relations = [
        types.get_type(RELATION)(
            begin=mentions[link.tail].begin,
            end=mentions[link.tail].end,
            Governor=mentions[link.head],
            Dependent=mentions[link.tail],
            label=link.label,
            more=json.dumps(link.attributes) if link.attributes else None,
        )
        for link in task.links
    ]
    kept = json.dumps({"id": task.id, "meta": task.meta, "characters": odd})
    cas.add_all([*mentions.values(), *relations, types.get_type(DOCUMENT)(begin=0, end=len(task.text), kept=kept)])
    return cas


def to_xmi(document: AnnotatedText, nlp: Any) -> str:
    """The document as XMI."""
    return to_cas(document, nlp).to_xmi(pretty_print=False)


def from_xmi(source: str, id: str, types: "TypeSystem | None", note: Note) -> Task:
    """The Task of a document's XMI. types: the project's own type system, civex's where None. Raises Damaged."""
    try:
        cas = cassis().load_cas_from_xmi(source, typesystem=types or type_system(), lenient=True)
    except Exception as error:  # lxml and cassis raise many kinds for a broken file
        raise Damaged(f"no XMI: {' '.join(str(error).split())[:200] or type(error).__name__}") from error
    text = cas.sofa_string
    if text is None:
        raise Damaged("the XMI holds no text (no sofaString)")
    return _from_cas(cas, text, id, note)


def _from_cas(cas: "Cas", text: str, id: str, note: Note) -> Task:
    if not cas.typesystem.contains_type(SPAN):
        raise Damaged(f"the project has no layer {SPAN}: import the one of `civex corpus labels --format inception`")
    mentions = list(cas.select(SPAN))
    spans, ids = [], {}
    for n, found in enumerate(mentions, 1):
        ids[found.xmiID] = str(n)
        if not (
            isinstance(found.begin, int) and isinstance(found.end, int) and 0 <= found.begin < found.end <= len(text)
        ):
            raise Damaged(f"no span of the text lies at {found.begin} to {found.end} (the text ends at {len(text)})")
        if not found.label:
            raise Damaged(f"{text[found.begin : found.end]!r} has no label")
        said = {name: getattr(found, _feature(name), None) for name in FEATURES}
        spans.append(Span(found.begin, found.end, found.label, str(n), {k: v for k, v in said.items() if v}))
    links = []
    for relation in cas.select(RELATION) if cas.typesystem.contains_type(RELATION) else ():
        ends = [getattr(relation, side) for side in ("Governor", "Dependent")]
        if any(getattr(end, "xmiID", None) not in ids for end in ends):
            raise Damaged(f"relation {relation.label!r} leads to a mention that is not there")
        more = json_object(relation.more, "the feature 'more'")
        links.append(Link(ids[ends[0].xmiID], ids[ends[1].xmiID], relation.label, more))
    others = Counter(found.type.name for found in cas.select_all_annotations())
    for name, number in others.items():
        if name not in (SPAN, RELATION, DOCUMENT, TOKEN, SENTENCE, *_BOOKKEEPING):
            note(f"{number} annotations of the layer {name} were left out: civex reads {SPAN} and {RELATION}")
    own = list(cas.select(DOCUMENT)) if cas.typesystem.contains_type(DOCUMENT) else []
    kept = json_object(own[0].kept, "the feature 'kept'") if own else {}
    for position, char in kept.get("characters", {}).items():
        text = text[: int(position)] + char + text[int(position) + 1 :]
    return Task(kept.get("id", id), kept.get("meta", {}), text, spans, links)


def _rows(path: Path, log: Log) -> Iterator[tuple[Path, int, tuple[str, str, Any]]]:
    for file in sorted(path.rglob("*.xmi")) if path.is_dir() else [path]:
        types = file.with_name("TypeSystem.xml")
        try:
            own = cassis().load_typesystem(io.BytesIO(types.read_bytes())) if types.exists() else None
            yield file, 1, (file.read_bytes().decode("utf-8"), file.stem, own)
        except ImportError:
            raise
        except UnicodeDecodeError as error:
            log.faults.append((str(file), 1, f"not UTF-8 (byte {error.start})"))
        except Exception as error:  # as in from_xmi
            log.faults.append((str(types), 1, f"no type system: {' '.join(str(error).split())[:200]}"))


def _size(row: tuple[str, str, Any]) -> Counter:
    names = Counter(re.findall(r"<[\w-]+:(Civex|CivexRelation) ", row[0]))
    return Counter(spans=names["Civex"], relations=names["CivexRelation"])


def read(path: Path, log: Log) -> list[AnnotatedText]:
    """The .xmi files of a folder, each with the TypeSystem.xml beside it."""
    return collect(_rows(path, log), lambda row, note: from_xmi(row[0], row[1], row[2], note), _size, log)


def write(documents: Iterable[AnnotatedText], path: Path, log: Log) -> None:
    """Write an .xmi file a document to a folder, and TypeSystem.xml."""
    nlp, documents = tokenizing(), list(documents)
    for name, document in zip(file_names(documents), documents, strict=True):
        write_atomically(path / f"{name}.xmi", to_xmi(document, nlp))
    write_atomically(path / "TypeSystem.xml", type_system().to_xml())
