"""A document judged by hand: the annotation and what a pipeline would have found, both in the inline form."""

from collections.abc import Callable

from spacy.tokens import Doc
from spacy.training import Example

from civex.annotations import parse
from civex.corpus import annotate
from civex.evaluation import Evaluation, Judged, _compare
from civex.pipeline.assessments import set_assessments
from civex.pipeline.dates import set_dates
from civex.pipeline.incidents import set_incidents
from civex.pipeline.layout import Layout
from civex.pipeline.places import set_places
from civex.report import build_report

MODEL = {"name": "x", "version": "0"}


def judge(nlp, gold: str, found: str, id: str = "d", on_gold: str | None = None, **meta: str) -> Judged:
    """`found` has the text of `gold`; `on_gold` stands for what was predicted on the gold mentions."""
    header = "".join(f"{key}: {value}\n" for key, value in ({"genre": "g", "war": "w"} | meta).items()) + "---\n"

    def doc_of(source: str) -> Doc:
        doc = nlp.make_doc(parse(header + source + "\n").text)
        annotate(doc, parse(header + source + "\n", id=id))
        return Layout(nlp, "civex_layout")(doc)

    def read(source: str) -> tuple[Doc, object]:
        doc = doc_of(source)
        steps: tuple[Callable, ...] = (set_dates, set_assessments, set_incidents, set_places)
        for step in steps:
            doc = step(doc)
        return doc, build_report(doc, doc.text, model=MODEL)

    (reference, gold_report), (predicted, found_report) = read(gold), read(found)
    assert reference.text == predicted.text, "the two annotations are not of one text"
    document = parse(header + gold + "\n", id=id)
    related = None if on_gold is None else Example(doc_of(on_gold), reference)
    return Judged(document, gold_report, found_report, Example(predicted, reference), related)


def evaluated(*judged: Judged) -> Evaluation:
    """What `evaluate` gives for these documents, without the scores of the components."""
    result = Evaluation()
    for j in judged:
        _compare(result, j.document, j.gold, j.found)
        result.judged.append(j)
    return result
