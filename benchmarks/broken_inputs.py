"""1,000 broken inputs among 1,000 good ones: what `read_inputs` makes of them, and what it takes.

    python benchmarks/broken_inputs.py [--number 1000]

Both are made in a temporary folder and read in a process of their own, whose home, temporary and working folder are
another one. Printed: good ones read (each with the very text that was put in), broken ones named (an archive that is
cut may give its first members, and is named all the same), time, peak memory of the process, files that it wrote.
Files without read permission are among the broken ones unless root runs this, who may read them.
"""

import base64
import gzip
import io
import json
import os
import random
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).parent.parent
SAID = "On 9 April 2016 five civilians were killed near Hajin, report {n}. The café’s owner was injured."
LINE = 50 << 20  # bytes of the long line


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return stream.getvalue()


def tarred(name: str, data: bytes, packed: str = "gz") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=f"w:{packed}") as archive:  # type: ignore[call-overload]
        info = tarfile.TarInfo(name)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def pdf(text: str, lock: bytes = b"") -> bytes:
    drawn = f"BT /F1 9 Tf 20 700 Td ({text}) Tj ET".encode("cp1252")
    data = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(
        (
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 << "
            b"/Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> >> >> >>",
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        ),
        1,
    ):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size 5 /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (lock, len(data))
    return data + b"xref\n0 5\n0000000000 65535 f \n" + table + trailer


def encrypted_pdf(text: str) -> bytes:
    keys = (b"41" * 32, b"42" * 32)
    return pdf(text, b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -44 /O <%s> /U <%s> >> /ID [<00> <00>]" % keys)


def docx(text: str) -> bytes:
    import docx as library

    document = library.Document()
    document.add_paragraph(text)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def parquet(text: str) -> bytes:
    import pyarrow
    from pyarrow import parquet as library

    stream = io.BytesIO()
    library.write_table(pyarrow.table({"text": [text]}), stream)
    return stream.getvalue()


def page(text: str) -> bytes:
    return f"<html><head><meta charset='utf-8'></head><body><p>{text}</p></body></html>".encode()


def mail(text: str) -> bytes:
    head = "From: a@example.org\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
    return f"{head}Content-Transfer-Encoding: base64\n\n{base64.b64encode(text.encode()).decode()}\n".encode()


def ninjs(text: str) -> bytes:
    return json.dumps({"uri": "urn:1", "bodies": [{"contentType": "text/plain", "value": text}]}).encode()


def rows(text: str) -> bytes:
    return json.dumps({"text": text}).encode() + b"\n"


GOOD: dict[str, Callable[[str], bytes]] = {
    "utf8.txt": str.encode,
    "cp1252.txt": lambda text: text.encode("cp1252"),
    "utf16.md": lambda text: text.encode("utf-16"),
    "page.html": page,
    "page.pdf": pdf,
    "word.docx": docx,
    "mail.eml": mail,
    "box.mbox": lambda text: b"From a@b Mon Jun  3 2019\n" + mail(text),
    "table.csv": lambda text: f'text,n\n"{text}",1\n'.encode(),
    "table.jsonl": rows,
    "table.parquet": parquet,
    "news.json": ninjs,
    "a.zip": lambda text: zipped(a__txt=text.encode()),
    "a.tar": lambda text: tarred("a.txt", text.encode(), ""),
    "a.tar.gz": lambda text: tarred("a.jsonl", rows(text)),
    "nested.zip": lambda text: zipped(b__tgz=tarred("c.zip", zipped(d__txt=text.encode()))),
}


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def nested(text: str) -> bytes:
    data = text.encode()
    for depth in range(12):
        data = zipped(**{f"{depth}__zip" if depth else "a__txt": data})
    return data


def bomb(kind: str) -> bytes:
    nulls = bytes(200 << 20)
    if kind == "zip":
        return zipped(a__txt=nulls)
    if kind == "tgz":
        return tarred("a.csv", nulls)
    if kind == "nested":
        return zipped(a__zip=zipped(b__txt=nulls))
    return gzip.compress(tarred("a.txt", nulls), 9)


BROKEN: dict[str, Callable[[str], bytes]] = {
    "cut.zip": lambda text: zipped(a__txt=text.encode() + noise(500))[:-40],
    "cut.tar": lambda text: tarred("a.txt", text.encode() + noise(9000), "")[:5000],
    "cut.tar.gz": lambda text: tarred("a.txt", text.encode() + noise(9000))[:5000],
    "cut.docx": lambda text: docx(text)[:-500],
    "cut.pdf": lambda text: pdf(text)[:90],
    "cut.parquet": lambda text: parquet(text)[:-20],
    "cut.json": lambda text: ninjs(text)[:-9],
    "cut.jsonl": lambda text: rows(text)[:-9],
    "cut.csv": lambda text: f'text,n\n"{text}'.encode(),
    "encrypted.pdf": encrypted_pdf,
    "binary.txt": lambda text: noise(4000 + len(text)),
    "image.md": lambda text: b"\x89PNG\r\n" + noise(900),
    "really_a_pdf.txt": pdf,
    "really_a_zip.pdf": lambda text: zipped(a__txt=text.encode()),
    "marked_utf8.txt": lambda text: b"\xef\xbb\xbf" + text.encode("cp1252"),
    "marked_utf16.txt": lambda text: text.encode("utf-16")[:-1],
    "damaged_utf8.txt": lambda text: text.encode() * 3 + "“".encode()[:2],
    "nul.txt": lambda text: text.encode().replace(b" ", b"\0", 3),
    "nul.html": lambda text: page(text).replace(b" ", b"\0", 3),
    "empty.txt": lambda _: b"",
    "empty.pdf": lambda _: b"",
    "empty.zip": lambda _: b"",
    "empty.csv": lambda _: b"",
    "empty.eml": lambda _: b"",
    "blank.html": lambda _: b"<html><body> </body></html>",
    "no_pages_text.pdf": lambda _: pdf(""),
    "outside.zip": lambda text: zipped(**{"../../../outside__txt": text.encode()}),
    "outside.tar": lambda text: tarred("/tmp/outside.txt", text.encode(), ""),
    "windows.zip": lambda text: zipped(**{"C:\\outside__txt": text.encode()}),
    "deep.zip": nested,
    "deep.json": lambda _: b"[" * 200_000,
    "bomb.zip": lambda _: bomb("zip"),
    "bomb.tgz": lambda _: bomb("tgz"),
    "nested_bomb.zip": lambda _: bomb("nested"),
    "double_bomb.tar.gz": lambda _: bomb("double"),
    "bomb.docx": lambda _: bomb("zip"),
    "no_column.csv": lambda text: b"body\nfive\n",
    "headless.mbox": mail,
    "program.exe": lambda text: b"MZ" + noise(300),
    "line.txt": lambda _: b"five civilians " * (LINE // 15),
    "line.html": lambda _: b"<p>" + b"five civilians " * (LINE // 15),
    "line.jsonl": lambda _: b'{"text": "' + b"x" * LINE + b'"}',
    "line.csv": lambda _: b"text\n" + b"x" * LINE,
    "line.mbox": lambda _: b"From a@b Mon Jun  3 2019\nSubject: x\n\n" + b"x" * LINE,
    "dangling.txt": lambda _: b"",
    "pipe.txt": lambda _: b"",
    "secret.txt": str.encode,
}
SAME = ("line", "bomb", "nested_bomb", "double_bomb")  # large, or slow to make: made once


def make(folder: Path, number: int) -> tuple[dict[str, str], list[str]]:
    """Name -> text of the good ones, names of the broken ones."""
    good, broken = {}, []
    kinds = {kind: work for kind, work in BROKEN.items() if kind != "secret.txt" or os.geteuid() != 0}
    for n in range(number):
        path = place(folder, n, "good", list(GOOD)[n % len(GOOD)])
        text = SAID.format(n=n)
        path.write_bytes(GOOD[list(GOOD)[n % len(GOOD)]](text))
        good[str(path)] = text
    made: dict[str, Path] = {}
    for n in range(number):
        kind = list(kinds)[n % len(kinds)]
        path = place(folder, n, "broken", kind)
        broken.append(str(path))
        if kind in made:
            os.link(made[kind], path)
        elif kind == "dangling.txt":
            path.symlink_to(folder / "nowhere")
        elif kind == "pipe.txt":
            os.mkfifo(path)
        else:
            path.write_bytes(kinds[kind](SAID.format(n=n)))
        if kind == "secret.txt":
            path.chmod(0)
        if kind.partition(".")[0] in SAME:
            made[kind] = path
    return good, broken


def place(folder: Path, n: int, which: str, kind: str) -> Path:
    path = folder / f"{n // 50:03}" / f"{n:04}_{which}_{kind}"
    path.parent.mkdir(exist_ok=True)
    return path


def read(folder: str) -> None:
    """The child: read, and print a JSON line for each Document and Broken, then one of what it took."""
    written: list[str] = []

    def watch(event: str, arguments: tuple) -> None:
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if writes or event in ("os.mkdir", "os.rename", "os.link", "os.symlink"):
            written.append(f"{event} {arguments[0]}")

    sys.addaudithook(watch)
    from civex.batch.inputs import Document, read_inputs

    start = time.perf_counter()
    for item in read_inputs([folder]):
        print(json.dumps({"name": item.name, "text": item.text[:500]} if isinstance(item, Document) else asdict(item)))
    took = {"seconds": time.perf_counter() - start, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}
    print(json.dumps({**took, "written": written}))


def main(
    number: Annotated[int, typer.Option(help="Of each, good and broken.")] = 1000,
    folder: Annotated[str | None, typer.Option("--read", hidden=True)] = None,
) -> None:
    """Make the inputs, read them, print the figures."""
    if folder is not None:
        read(folder)
        return
    with tempfile.TemporaryDirectory() as work:
        inputs, home = Path(work) / "inputs", Path(work) / "home"
        inputs.mkdir()
        home.mkdir()
        good, broken = make(inputs, number)
        before = {str(p) for p in inputs.rglob("*")}
        env = {**os.environ, "HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(ROOT)}
        env |= {"PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, str(Path(__file__).resolve()), "--read", str(inputs)]
        done = subprocess.run(command, env=env, cwd=home, stdout=subprocess.PIPE, check=True)
        *items, took = [json.loads(line) for line in done.stdout.splitlines()]
        left = {str(p) for p in inputs.rglob("*")} - before | {str(p) for p in home.rglob("*")}
    tell(good, broken, items, took, left)


def tell(good: dict[str, str], broken: list[str], items: list[dict], took: dict, left: set[str]) -> None:
    texts, failures = {}, Counter()
    causes: dict[str, str] = {}
    for item in items:
        file = item["name"].partition("!")[0].partition("#")[0]
        if "text" in item:
            texts[file] = item["text"].strip()
        else:
            failures[file] += 1
            causes.setdefault(file, f"{item['stage']}: {item['cause']}")
    kept = sum(texts.get(name) == text for name, text in good.items())
    named = sum(failures[name] > 0 for name in broken)
    shown = {}
    for name in broken:
        shown.setdefault(Path(name).name.split("_", 2)[2], causes.get(name, "NOT NAMED"))
    for kind, cause in shown.items():
        print(f"{kind:<22} {cause[:110]}")
    print(
        f"good ones read with their text: {kept} of {len(good)}; named as broken: {sum(failures[n] > 0 for n in good)}"
    )
    print(f"broken ones named: {named} of {len(broken)}")
    print(f"seconds: {took['seconds']:.1f}; peak memory of the process: {took['peak'] / 1024:.0f} MiB")
    print(f"files written or made: {len(left) + len(took['written'])} {sorted(left | set(took['written']))[:5]}")
    whole = kept == len(good) and named == len(broken) and not left and not took["written"]
    if not (whole and took["peak"] < 2 << 20 and not any(failures[n] for n in good)):
        raise SystemExit(1)


if __name__ == "__main__":
    typer.run(main)
