"""Train the smallest pipeline and see that it has learned its own documents: `python tests/tiny_run.py OUT`."""

import sys
from pathlib import Path

from civex.training import evaluate_folder, train

ROOT = Path(__file__).parent.parent
TINY = ROOT / "tests" / "data" / "tiny"
LEAST = {"mentions_f": 0.95, "relations_f": 0.9, "fields_f1": 0.9}  # on the training documents; exactness is not asked


def main(out: Path) -> None:
    """Exit with status 1 where a figure on the training documents is below its least."""
    folder = train(
        TINY / "train", out, base="none", dev=TINY / "dev", config=ROOT / "training" / "configs" / "tiny.cfg"
    )
    figures = evaluate_folder(folder, TINY / "train").to_dict()
    unseen = evaluate_folder(folder, TINY / "dev").to_dict()
    print({name: round(figures[name], 3) for name in LEAST}, "unseen:", round(unseen["mentions_f"], 3))
    low = [f"{name} {figures[name]:.3f} < {least}" for name, least in LEAST.items() if figures[name] < least]
    if low:
        sys.exit("the tiny run did not learn its own documents: " + ", ".join(low))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
