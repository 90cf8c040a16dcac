"""Files of each kind, made for the tests."""

import gzip
import io
import tarfile
import zipfile
from email.message import EmailMessage

SAID = "On 9 April 2016 five civilians were killed near Hajin."


def pdf(*pages: str, encrypted: bool = False) -> bytes:
    """A PDF with one line of text a page."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for text in pages:
        drawn = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET".encode("latin-1")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    lock = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -44 /O <%s> /U <%s> >> /ID [<00> <00>]" % (
        b"41" * 32,
        b"42" * 32,
    )
    data = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"/Size %d /Root 1 0 R %s" % (len(objects) + 1, lock if encrypted else b"")
    return data + b"trailer << %s >>\nstartxref\n%d\n%%%%EOF\n" % (trailer, start)


def docx(*paragraphs: str, table: list[list[str]] | None = None, after: str = "") -> bytes:
    """A Word document of paragraphs, a table, and a paragraph after it."""
    import docx as library

    document = library.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if table:
        grid = document.add_table(len(table), len(table[0]))
        for row, words in zip(grid.rows, table, strict=True):
            for cell, word in zip(row.cells, words, strict=True):
                cell.text = word
    if after:
        document.add_paragraph(after)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def mail(body: str = SAID, html: str | None = None, attachments: dict[str, bytes] | None = None) -> bytes:
    """A mail of 3 June 2019 from "Press Office"."""
    message = EmailMessage()
    message["Subject"] = "Monthly report"
    message["From"] = "Press Office <press@example.org>"
    message["To"] = "list@example.org"
    message["Date"] = "Mon, 03 Jun 2019 23:30:00 -0500"
    message.set_content(html or body, subtype="html" if html else "plain")
    for name, content in (attachments or {}).items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip archive, deflated."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def tarred(members: dict[str, bytes], packed: str = "") -> bytes:
    """A tar archive; `packed` is "", "gz", "bz2" or "xz"."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=f"w:{packed}") as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def bomb(megabytes: int) -> bytes:
    """A gzip stream of NULs."""
    return gzip.compress(bytes(megabytes << 20), 9)
