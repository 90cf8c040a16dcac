"""Explanations: what decided is said, in words, of annotated texts and of what the shipped model reads."""

import re

import pytest
from spacy.language import Language
from typer.testing import CliRunner

import civex
from civex.cli import app
from civex.explanation import RULES
from civex.pipeline.assessments import set_assessments
from civex.pipeline.claims import set_claims
from civex.pipeline.dates import set_dates
from civex.pipeline.events import set_events
from civex.pipeline.incidents import set_incidents
from civex.report import build_report
from civex.schema import Incident, Report

TEXT = """Joint Task Force Amber, 3 June 2019
Credible reports
9 April 2016, near Hajin, Syria, via Airwars report. A Coalition airstrike on a Daesh vehicle killed five civilians.
"""


def report(gold, text: str, published: str | None = None) -> Report:
    """What the pipeline makes of an annotation, `civex_claims` included."""
    doc = gold(text)
    doc._.civex_published = published
    for step in (set_events, set_claims, set_dates, set_assessments, set_incidents):
        doc = step(doc)
    return build_report(doc, doc.text, model={"name": "gold", "version": "0"})


def explained(gold, text: str, number: int = 0, published: str | None = None) -> str:
    return report(gold, text, published).incidents[number].explain()


def toll(words: str) -> list[str]:
    """The lines of the part on the killed."""
    return re.search(r"^Killed:.*(?:\n  .*)*", words, re.M)[0].split("\n")


def test_the_sentences_are_shown(gold) -> None:
    words = explained(gold, "Old news . In {Hajin|place i1} {five civilians|killed i1 civilians 5} died . More news .")
    assert '  "In Hajin five civilians died ." (characters 11 to 41)' in words
    assert "Old news" not in words and "More news" not in words


def test_one_figure(gold) -> None:
    text = "In {Hajin|place i1} {five civilians|killed i1 civilians 5} died ."
    assert toll(explained(gold, text)) == [
        "Killed: 5 civilians (score 1.00, not calibrated)",
        '  c1 "five civilians": 5 civilians, score 1.00',
        "     used",
        "  5 civilians: the figure of c1",
    ]


def test_a_summing_up_stands_for_the_figures_it_sums_up(gold) -> None:
    text = (
        "In {Hajin|place i1} {15|killed i1 civilians 15 summed_up sup=#s} died , {the mayor|source i1 #m} said ; "
        "{18|killed i1 civilians 18 summed_up sup=#s} , others said . {15 to 18|killed i1 civilians 15..18 #s} died ."
    )
    lines = toll(explained(gold, text))
    assert lines[2] == "     not used; the text itself sums it up in another figure (c3)"
    assert lines[-1] == "  15–18 civilians: the figure of c3"


def test_rivals_widen_the_range_and_the_rule_is_named(gold) -> None:
    text = (
        "In {Hajin|place i1} {15 civilians|killed i1 civilians 15} died . {18 civilians|killed i1 civilians 18} died ."
    )
    lines = toll(explained(gold, text))
    assert lines[2:4] == ["     used; a rival figure: it widens the range", f"     rule: {RULES['rival_before']}"]
    assert lines[-1] == "  15–18 civilians: from the lowest to the highest of c1, c2, which are rival figures"


def test_parts_are_inside_their_total(gold) -> None:
    text = "{Hajin|place i1} : {nine civilians|killed i1 civilians 9} , including {two girls|killed i1 civilians 2} ."
    lines = toll(explained(gold, text))
    assert lines[4:6] == [
        '     not added: they are inside a total that is counted; a part of c1 "nine civilians"',
        f"     rule: {RULES['said_part']}",
    ]
    assert lines[-1] == "  9 civilians: the figure of c1"


def test_parts_that_the_text_leaves_unsummed_are_added(gold) -> None:
    text = "In {Hajin|place i1} {two women|killed i1 civilians 2} and {three men|killed i1 civilians 3} died ."
    assert toll(explained(gold, text))[-1] == "  5 civilians: c1, c2 added up, since the text does not add them"


def test_denied_and_conceded_figures(gold) -> None:
    text = (
        "In {Hajin|place i1} {nine civilians|killed i1 civilians 9 alleged} died ; the army spoke of "
        "{two civilians|killed i1 civilians 2 conceded} ."
    )
    words = explained(gold, text)
    assert "not used: the side that struck admits it, and others give a figure" in words
    assert "Admitted by the side that struck: 2 civilians killed (c2)" in words
    assert '"nine civilians": 9 civilians, alleged' in words


@pytest.mark.parametrize(
    ("text", "published", "line"),
    [
        ("On {4 May 2016|date i1 ?} ", None, "its own words say the date"),
        ("On {Tuesday|date i1 ?} ", "2019-06-06", "counted from the day of publication, which was given with the text"),
        (
            "{6 June 2019|date published 2019-06-06} . On {Tuesday|date i1 ?} ",
            None,
            'counted from the day of publication: "6 June 2019" (characters 0 to 11)',
        ),
        ("On {Tuesday|date i1 ?} ", None, "nothing in the text fixes it to a day, month or year"),
    ],
)
def test_why_this_date(gold, text: str, published: str | None, line: str) -> None:
    doc_text = text + "in {Hajin|place i1} {five civilians|killed i1 civilians 5} died ."
    doc = gold(doc_text)
    doc._.civex_published = published
    group = doc.spans["civex_mentions"]
    bare = [{key: row[key] for key in row if key != "value"} for row in group.attrs["attributes"]]
    group.attrs = {**group.attrs, "attributes": bare}
    for step in (set_dates, set_assessments, set_incidents):
        doc = step(doc)
    (incident,) = build_report(doc, doc.text, model={"name": "gold", "version": "0"}).incidents
    assert line in incident.explain()


def test_which_heading_governs_the_outcome(gold) -> None:
    text = (
        "{Credible reports|outcome i1-i2 credible}\n\n{4 May 2016|date i1 2016-05-04} , near {Hajin|place i1} .\n\n"
        "{5 May 2016|date i2 2016-05-05} , near {Tabqa|place i2} ; {unfounded|outcome i2 non_credible} .\n"
    )
    first, second = (explained(gold, text, n) for n in (0, 1))
    assert '"Credible reports" (characters 0 to 16) speaks for a list of reports, this one among them' in first
    assert "Outcome: non-credible" in second and '"unfounded"' in second and "is said of this report" in second


def test_every_rule_that_a_figure_can_carry_has_words() -> None:
    import inspect

    from civex.pipeline import claims

    written = set(re.findall(r'_note\([^,]+, "(\w+)"|"rules": \["(\w+)"\]', inspect.getsource(claims)))
    named = {name for pair in written for name in pair if name} | {"said_before", "inside_before"}
    assert named == set(RULES)


# What `extract` returns, what JSON brings back, and the command


def test_explain_of_what_extract_returns(model: Language) -> None:
    (incident,) = civex.extract(TEXT).incidents
    words = incident.explain()
    assert '"Credible reports"' in words and "five civilians" in words and "% sure" in words
    assert words == civex.extract(TEXT).incidents[0].explain()


def test_a_loaded_report_has_the_reduced_explanation(model: Language) -> None:
    whole = civex.extract(TEXT)
    (loaded,) = Report.from_json(whole.to_json()).incidents
    assert loaded == whole.incidents[0]
    words = loaded.explain()
    assert 'c1 "five civilians"' in words and "the figure of c1" in words
    assert "civex explain FILE --incident i1" in words and "A Coalition airstrike on" not in words
    assert "A Coalition airstrike on" in loaded.explain(TEXT)
    with pytest.raises(ValueError, match="was not read from this text"):
        loaded.explain("Another text.")


def test_worker_processes_and_batches_keep_the_evidence(model: Language) -> None:
    (alone,) = civex.extract_many([TEXT])
    assert alone.incidents[0].explain() == civex.extract(TEXT).incidents[0].explain()


def test_an_empty_incident_is_explained() -> None:
    assert Incident(id="i1").explain().startswith("i1: no date or place\n")


def test_a_field_in_doubt_says_so(model: Language) -> None:
    (incident,) = civex.extract(TEXT, min_confidence=1.0).incidents
    words = incident.explain()
    assert "Killed: left empty, in doubt" in words and 'read: "five civilians"' in words
    assert "Date: left empty, in doubt" in words


def test_the_command(model: Language, tmp_path) -> None:
    file = tmp_path / "text.txt"
    file.write_text(TEXT)
    done = CliRunner().invoke(app, ["explain", str(file), "--incident", "i1"])
    assert done.exit_code == 0 and done.stdout.startswith("i1: 2016-04-09, Hajin, Syria\n")
    wrong = CliRunner().invoke(app, ["explain", str(file), "--incident", "i7"])
    assert wrong.exit_code == 2 and wrong.stderr == "civex: --incident i7: the text has i1\n"
    file.write_text("Nothing to tell.")
    assert CliRunner().invoke(app, ["explain", str(file)]).stdout == "No incident was found in this text.\n"
