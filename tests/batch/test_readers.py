"""Each kind of document: its text to the character, and what is taken from its metadata."""

import hashlib
import io
from pathlib import Path

import pytest

from civex.batch.inputs import read_inputs
from civex.batch.sources import Broken, Document, ReadError, decode
from tests.batch.made import SAID, docx, mail, pdf

ENGLISH = "Residents of São Tomé said the café’s owner – José García – was killed on 9 April 2016 near the old mosque. "
RUSSIAN = "Жители села сообщили, что в результате удара погибли пять мирных жителей. "
ARABIC = "وقتل خمسة مدنيين في غارة جوية على المدينة يوم الثلاثاء. "


def one(path: Path, data: bytes) -> Document:
    path.write_bytes(data)
    (found,) = read_inputs([path])
    assert isinstance(found, Document), found
    return found


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (ENGLISH, "utf-8"),
        (ENGLISH, "utf-8-sig"),
        (ENGLISH, "cp1252"),
        (ENGLISH * 20_000, "cp1252"),
        ("x" * 100_000 + "\n" + ENGLISH, "cp1252"),
        (ENGLISH.replace("’", "'").replace("–", "-"), "latin-1"),
        (ENGLISH, "utf-16"),
        (ENGLISH, "utf-16-le"),
        (ENGLISH, "utf-16-be"),
        (ENGLISH, "utf-32"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "utf-16"),
        (ARABIC, "cp1256"),
        (ARABIC, "utf-8"),
    ],
)
def test_encodings_are_told(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_a_declared_encoding_counts_where_it_fits() -> None:
    assert decode("£5 — café".encode("cp1252"), "windows-1252") == "£5 — café"
    assert decode("Жители".encode("koi8-r"), "koi8-r") == "Жители"
    assert decode("café".encode(), "ascii") == "café"
    assert decode("café".encode(), "no-such-charset") == "café"


@pytest.mark.parametrize("data", [b"\x00\x01\x02", b"a\0b\0c\0d", b"\xff\xfe\x00", "Genève – “x”".encode()[:-1]])
def test_bytes_that_are_no_text(data: bytes) -> None:
    if data == b"a\0b\0c\0d":
        data += b"\0\0"  # NULs on both sides of the pairs
    with pytest.raises(ReadError) as raised:
        decode(data)
    assert raised.value.stage == "decode"


def test_line_ends_and_controls_are_kept(tmp_path: Path) -> None:
    text = "one\r\ntwo\rthree\n\u200f\ufeffend\u2028\f"
    assert one(tmp_path / "a.txt", text.encode()).text == text
    assert one(tmp_path / "a.md", b"# Title\r\n\r\n*five*\r\n").text == "# Title\r\n\r\n*five*\r\n"


PAGE = """<!doctype html><html><head><title>Statement of 9 April 2016 | Some Site</title>{head}</head><body>
<nav><a href="/">Home</a></nav><article><h1>Five killed near Hajin</h1><p>Posted 2017-01-02.</p><p>{said}</p>
<ul><li>One.</li><li>Two.</li></ul></article><footer>Copyright 2018</footer></body></html>"""
LINKED = '{"@context": "https://schema.org", "@type": "NewsArticle", "datePublished": "2019-06-04", "publisher": \
{"@type": "Organization", "name": "Bar Watch"}}'


@pytest.mark.parametrize(
    ("head", "published", "publisher", "url"),
    [
        ("", None, None, None),
        ('<meta property="article:modified_time" content="2020-01-01">', None, None, None),
        ('<meta name="dc.date" content="2019-06-05">', "2019-06-05", None, None),
        (f'<script type="application/ld+json">{LINKED}</script>', "2019-06-04", "Bar Watch", None),
        (
            '<meta property="og:site_name" content="Foo Watch">'
            '<meta property="article:published_time" content="2019-06-03T10:00:00Z">',
            "2019-06-03",
            "Foo Watch",
            None,
        ),
        (
            '<link rel="canonical" href="https://foo.example.org/2014/05/06/x">'
            '<meta property="og:url" content="https://foo.example.org/2014/05/06/x">',
            None,
            None,
            "https://foo.example.org/2014/05/06/x",
        ),
    ],
)
def test_pages(tmp_path: Path, head: str, published: str | None, publisher: str | None, url: str | None) -> None:
    found = one(tmp_path / "a.html", PAGE.format(head=head, said=SAID).encode())
    assert SAID in found.text and "- Two." in found.text
    assert "Home" not in found.text and "Copyright" not in found.text
    assert (found.published, found.publisher, found.url) == (published, publisher, url)


@pytest.mark.parametrize(
    "page",
    [
        '<html><head><meta charset="koi8-r"></head><body><p>Жители</p></body></html>'.encode("koi8-r"),
        '<?xml version="1.0" encoding="koi8-r"?><html><body><p>Жители</p></body></html>'.encode("koi8-r"),
        '<html><head><meta charset="utf-8"></head><body><p>Жители</p></body></html>'.encode("utf-16"),
        "<p>Жители</p>".encode(),
    ],
)
def test_pages_say_their_encoding(tmp_path: Path, page: bytes) -> None:
    assert one(tmp_path / "a.htm", page).text == "Жители"


def test_pages_that_lie_about_their_encoding(tmp_path: Path) -> None:
    page = f'<html><head><meta charset="utf-8"></head><body><p>{ENGLISH}</p></body></html>'
    assert one(tmp_path / "a.html", page.encode("cp1252")).text == ENGLISH.strip()


def test_pdf(tmp_path: Path) -> None:
    data = pdf(SAID, "Two were injured.")
    found = one(tmp_path / "a.PDF", data)
    assert found.text == f"{SAID}\n\nTwo were injured."
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert found.published is None


def test_words_broken_over_two_lines_of_a_pdf(tmp_path: Path) -> None:
    lines = ("Five civil-", "ians near al-", "Bado in a US-", "led strike", "of 2014 -", "2015.")
    found = one(tmp_path / "a.pdf", pdf(") Tj 0 -14 Td (".join(lines)))
    assert found.text == "Five civilians near al-Bado in a US-led strike\nof 2014 -\n2015."


def test_docx(tmp_path: Path) -> None:
    table = [["Date", "Place"], ["9 April 2016", "Hajin"]]
    found = one(tmp_path / "a.docx", docx("Title", SAID, table=table, after="End\tof it\nall."))
    assert found.text == f"Title\n{SAID}\nDate\tPlace\n9 April 2016\tHajin\nEnd\tof it\nall."


def test_docx_insertions_links_and_footnotes(tmp_path: Path) -> None:
    import docx as library
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.oxml import parse_xml

    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    document = library.Document()
    document.element.body.insert(
        0,
        parse_xml(
            f"<w:p {space}><w:r><w:t>Five</w:t><w:tab/></w:r><w:ins><w:r><w:t>civilians</w:t></w:r></w:ins>"
            "<w:del><w:r><w:delText>fighters</w:delText></w:r></w:del><w:hyperlink><w:r><w:t>, said Airwars</w:t></w:r>"
            "</w:hyperlink></w:p>"
        ),
    )
    notes = f"<w:footnotes {space}><w:footnote><w:p><w:r><w:t>* Duplicate.</w:t></w:r></w:p></w:footnote></w:footnotes>"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), kind, notes.encode(), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    stream = io.BytesIO()
    document.save(stream)
    assert one(tmp_path / "a.docx", stream.getvalue()).text == "Five\tcivilians, said Airwars\n* Duplicate."


def test_mail(tmp_path: Path) -> None:
    data = mail(SAID)
    found = one(tmp_path / "a.eml", data)
    assert found.text == f"Monthly report\n\n{SAID}\n"
    assert (found.published, found.publisher) == ("2019-06-03", "Press Office")
    assert found.sha256 == hashlib.sha256(data).hexdigest()


def test_mail_of_html_in_another_charset(tmp_path: Path) -> None:
    body = "Subject: =?koi8-r?B?9sk=?=\nFrom: a@example.org\nContent-Type: text/html; charset=koi8-r\n\n<p>Жители</p>"
    found = one(tmp_path / "a.eml", body.encode("koi8-r"))
    assert (found.text, found.published, found.publisher) == ("Жи\n\nЖители", None, "a@example.org")


def test_attachments_of_known_kinds_are_documents(tmp_path: Path) -> None:
    inner = mail("Inner.")
    data = mail("Outer.", attachments={"a.pdf": pdf(SAID), "logo.png": b"\x89PNG", "b.eml": inner, "c.txt": b"\0"})
    (tmp_path / "a.eml").write_bytes(data)
    found = list(read_inputs([tmp_path / "a.eml"]))
    assert [d.name.partition("!")[2] for d in found] == ["", "a.pdf", "b.eml", "c.txt"]
    assert [getattr(d, "text", "broken") for d in found] == [
        "Monthly report\n\nOuter.\n",
        SAID,
        "Monthly report\n\nInner.\n",
        "broken",
    ]
    assert found[1].published is None
    assert found[1].sha256 == hashlib.sha256(pdf(SAID)).hexdigest()


def test_a_body_that_cannot_be_read_costs_no_attachment(tmp_path: Path) -> None:
    data = mail("Body.", attachments={"a.txt": b"fine", "c.md": b"good"}).replace(b"Body.", b"Bo\0y.")
    (tmp_path / "a.eml").write_bytes(data)
    found = list(read_inputs([tmp_path / "a.eml"]))
    assert [getattr(d, "text", "broken") for d in found] == ["broken", "fine", "good"]


def test_mailbox(tmp_path: Path) -> None:
    quoted = mail(">From here on.\nFrom there.\n\nfine").replace(b"\nFrom there", b"\n>From there")
    junk = b"no header here\n"
    box = b"From a@b Mon Jun  3 2019\n" + mail("One.") + b"\nFrom a@b Mon Jun  3 2019\n" + junk
    box += b"\nFrom a@b Mon Jun  3 2019\n" + quoted
    (tmp_path / "a.mbox").write_bytes(box)
    first, second, third = read_inputs([tmp_path / "a.mbox"])
    assert first.name.endswith("a.mbox#1") and first.text == "Monthly report\n\nOne.\n\n"
    assert isinstance(second, Broken) and second.name.endswith("a.mbox#2")
    assert third.text == "Monthly report\n\nFrom here on.\nFrom there.\n\nfine\n"
    assert (third.published, third.publisher) == ("2019-06-03", "Press Office")
