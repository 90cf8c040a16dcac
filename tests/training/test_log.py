"""What a training tells: rows on the terminal or in a pipe, and the curves."""

import io
from pathlib import Path

import pytest
from spacy.language import Language

from civex.training.log import draw_curves, rich_logger

ROWS = [
    {"step": 0, "losses": {"civex_entities": 90.0}, "score": 0.1, "scores": {"mentions_f": 0.2}},
    {"step": 5, "losses": {"civex_entities": 40.0}, "score": 0.4, "scores": {"mentions_f": 0.8}},
    {"step": 9, "losses": {"civex_entities": 30.0}, "score": 0.3, "scores": {"mentions_f": 0.6}},
]


@pytest.fixture
def printed(blank_nlp: Language) -> list[list[str]]:
    """The words of each line that the three rows give, in a pipe."""
    blank_nlp.config["training"]["score_weights"] = {"mentions_f": 1.0, "mentions_p": 0.0}
    out = io.StringIO()
    log_step, finalize = rich_logger()(blank_nlp, out, out)
    results: list[tuple[float, int]] = []
    for row in ROWS:
        results.append((row["score"], row["step"]))
        log_step(None)
        log_step({**row, "other_scores": row["scores"], "checkpoints": results})
    finalize()
    return [line.split() for line in out.getvalue().splitlines()]


def test_a_line_for_each_evaluation(printed: list[list[str]]) -> None:
    assert printed == [
        ["step", "mentions_f", "score"],
        ["0", "0.200", "0.100", "best"],
        ["5", "0.800", "0.400", "best"],
        ["9", "0.600", "0.300"],
    ]


def test_the_curves_are_a_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pip install 'civex[train]'")
    path = draw_curves(ROWS, ["mentions_f"], tmp_path / "curves.png")
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.read_bytes() != draw_curves(ROWS[:2], ["mentions_f"], tmp_path / "other.png").read_bytes()
