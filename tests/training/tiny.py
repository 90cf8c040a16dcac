"""What the tests of training share: the tiny documents, the tiny config, and a training by it."""

from pathlib import Path

from civex.training import train
from tests.conftest import ROOT

TINY = ROOT / "tests" / "data" / "tiny"
CONFIG = ROOT / "training" / "configs" / "tiny.cfg"
STEPS = {"training.max_steps": 6, "training.eval_frequency": 2}


def train_tiny(out: Path, **more) -> Path:
    """Six steps on four documents, seconds."""
    options = {"base": "none", "dev": TINY / "dev", "config": CONFIG, "overrides": STEPS}
    return train(TINY / "train", out, **{**options, **more})


def weights(run: Path) -> dict[str, bytes]:
    """Every weight file of the best and of the last model."""
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in sorted(run.glob("model-*/*/model"))}
