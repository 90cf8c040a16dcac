"""The model card: what a model was made of and what it was measured to do, from facts only."""

import json
from pathlib import Path
from typing import Any

from civex.training.log import LOG
from civex.training.run import CONFIG, RUN


def card(name: str, summary: str, about: list[str], measured: dict[str, Any] | None) -> str:
    """Markdown of a name, a sentence, bullet points, and the figures of an evaluation (`Evaluation.to_dict`)."""
    lines = [f"# {name}", "", summary, "", *(f"- {point}" for point in about), ""]
    return "\n".join([*lines, *(_figures(measured) if measured else [])])


def about_run(run: Path) -> list[str]:
    """The bullet points of a run folder: base, documents, steps, scores on the documents that chose the model."""
    facts = json.loads((run / RUN).read_text(encoding="utf-8"))
    rows = [json.loads(line) for line in (run / LOG).read_text(encoding="utf-8").splitlines()]
    best = max(rows, key=lambda row: (row["score"], -row["step"]))
    base, rehearsal = facts["base"], facts["rehearsal"]
    how = f"Fine-tuned from {base['name']} (weights {base['sha256'][:16]}...)" if base else "Trained anew"
    again = f", rehearsing documents that it knew (sha256 `{rehearsal[:16]}...`)" if rehearsal else ""
    scores = ", ".join(f"{name} {best['scores'][name]:.3f}" for name in _WEIGHED if name in best["scores"])
    return [
        f"{how}{again}, on {len(facts['train'])} documents.",
        f"The best of {rows[-1]['step']} steps, step {best['step']}, by {len(facts['dev'])} documents: {scores}.",
        f"civex {facts['civex']}, spaCy {facts['spacy']}; settings and the sha256 of each document: {CONFIG}, {RUN}.",
    ]


_WEIGHED = ("mentions_f", "attributes_acc", "relations_f")


def _figures(measured: dict[str, Any]) -> list[str]:
    lines = [
        "| what | figure |",
        "| --- | --- |",
        f"| mentions, exact spans, F1 | {_share(measured['mentions_f'])} |",
        f"| relations on gold spans, F1 | {_share(measured['gold_spans_relations_f'])} |",
        f"| relations end to end, F1 | {_share(measured['relations_f'])} |",
        f"| attributes on gold spans, accuracy | {_share(measured['gold_spans_attributes_acc'])} |",
        f"| all fields of the incidents, F1 | {_share(measured['fields_f1'])} |",
        f"| incidents with every field right | {_share(measured['exact'])} |",
        f"| false incidents in {measured['without_incident']['documents']} documents without one | "
        f"{measured['without_incident']['false_incidents']} |",
        "",
    ]
    for title, table in (("Field", measured["fields"]), ("Genre", measured["genres"]), ("War", measured["wars"])):
        rows = [f"| {name or '-'} | {_share(f1)} |" for name, f1 in table.items()]
        lines += [f"| {title} | F1 |", "| --- | --- |", *rows, ""]
    lines += ["| Mention | P | R | F1 |", "| --- | --- | --- | --- |"]
    per_type = sorted(measured["mentions_per_type"].items())
    lines += [f"| {name} | {_share(v['p'])} | {_share(v['r'])} | {_share(v['f'])} |" for name, v in per_type]
    worst = sorted(measured["fields"].items(), key=lambda x: x[1])[:4]
    return [*lines, "", "Weakest fields: " + ", ".join(f"{name} ({f1:.2f})" for name, f1 in worst) + ".", ""]


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
