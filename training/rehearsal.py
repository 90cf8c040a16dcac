"""Compile corpus/train to models/en_civex_sm/rehearsal.spacy, which fine-tuning mixes in. No arguments needed."""

from pathlib import Path

import typer

from civex.training.rehearsal import FILE, compile_rehearsal

ROOT = Path(__file__).parent.parent


def main(corpus: Path = ROOT / "corpus" / "train", out: Path = ROOT / "models" / "en_civex_sm" / FILE) -> None:
    """Write the DocBin."""
    number = compile_rehearsal(corpus, out)
    typer.echo(f"{number} documents, {out.stat().st_size:,} bytes in {out}")


if __name__ == "__main__":
    typer.run(main)
