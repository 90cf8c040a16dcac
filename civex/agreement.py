"""Agreement of two annotators: the second one's records and mentions scored against the first one's."""

from collections.abc import Iterable
from typing import NamedTuple

from spacy.language import Language
from spacy.training import Example

from civex.annotations import AnnotatedText
from civex.corpus import to_doc
from civex.evaluation import Judged, gold_report
from civex.pipeline.layout import Layout


class Agreement(NamedTuple):
    """`judged`: the documents that both have, the first annotator as gold; `skipped`: the others, with the reason."""

    judged: list[Judged]
    skipped: list[str]


def agree(one: Iterable[AnnotatedText], other: Iterable[AnnotatedText], nlp: Language) -> Agreement:
    """Set the documents of two annotators side by side, by their names.

    F1 does not depend on who is taken for gold; precision and recall change places. A document of which the two have
    different texts is skipped. Raises CorpusError where a mention is not on token edges.
    """
    second = {document.id: document for document in other}
    judged, skipped = [], []
    for document in one:
        own = second.pop(document.id, None)
        if own is None:
            skipped.append(f"{document.id}: only the first annotator has it")
        elif own.text != document.text:
            skipped.append(f"{document.id}: the two texts differ")
        else:
            judged.append(_judge(document, own, nlp))
    skipped += [f"{name}: only the second annotator has it" for name in second]
    return Agreement(judged, skipped)


def _judge(one: AnnotatedText, other: AnnotatedText, nlp: Language) -> Judged:
    layout = Layout(nlp, "civex_layout")
    example = Example(layout(to_doc(other, nlp)), layout(to_doc(one, nlp)))
    return Judged(one, gold_report(one, nlp), gold_report(other, nlp), example)
