"""Training and packaging: `train` and `package` as on the command line, and what the shipped model is made with."""

from civex.training.packaging import evaluate_folder, package, ship
from civex.training.run import train

__all__ = ["evaluate_folder", "package", "ship", "train"]
