"""Readers of single documents: what a `Source` of each kind holds, as text.

A reader is a generator over a `Source`. It yields a `Document`, a `Broken`, or a further `Source` (an attachment, a
member of an archive) for `civex.batch.inputs` to read; what ends the reading of its whole source it raises as
`ReadError`. Text is kept as it is: line ends are those of the file, only a byte order mark is dropped.
"""

import email.policy
import io
import logging
import re
import zipfile
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from civex.batch.sources import Broken, Items, Options, ReadError, Source, decode, finished, held, needed, one_line

_META_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w:.-]+)|<\?xml[^>]+encoding=["']([\w:.-]+)""", re.I
)
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SPECIAL = {_WORD + "tab": "\t", _WORD + "br": "\n", _WORD + "cr": "\n", _WORD + "noBreakHyphen": "-"}


def read_text(source: Source, options: Options) -> Items:
    """Plain text and Markdown, character for character."""
    data = held(source, 4 * options.limits.characters)
    yield finished(source.name, decode(data, source.charset), data, options)


def read_html(source: Source, options: Options) -> Items:
    """The main text of a page by trafilatura; date, publisher and address only where its metadata says them."""
    data = held(source, 4 * options.limits.characters)
    declared = source.charset or _declared(data)
    page = decode(data, declared)
    if len(page) > options.limits.characters:
        yield finished(source.name, page, data, options)
        return
    advice = "no text without running its scripts: save the page from a browser as text"
    yield finished(source.name, page_text(page), data, options, advice, **_page_facts(page))


def _declared(data: bytes) -> str | None:
    found = _META_CHARSET.search(data[:4096])
    return (found[1] or found[2]).decode("ascii") if found else None


def page_text(page: str) -> str:
    """The main text of HTML; all of its text where no main part stands out."""
    trafilatura = needed("trafilatura")
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it misses in a page is said by a Broken
    if not page.strip():
        return ""
    text = trafilatura.extract(_tree(page), include_comments=False, favor_recall=True)
    return text or trafilatura.html2txt(_tree(page)) or ""


def _tree(page: str) -> Any:
    html = needed("lxml.html")
    return html.document_fromstring(page.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8"))


def _page_facts(page: str) -> dict[str, str | None]:
    """What the meta elements and the JSON-LD of a page say.

    trafilatura also takes dates from the title, the address and the text, and those may be the event's: so it gets to
    see the metadata only.
    """
    html = needed("lxml.html")
    if not page.strip():
        return {}
    tree = _tree(page)
    addresses = tree.xpath("//link[@rel='canonical']/@href") + tree.xpath("//meta[@property='og:url']/@content")
    head = html.Element("head")
    head.extend(tree.xpath("//meta[not(@property='og:url' or contains(@property, 'modified'))]"))
    head.extend(tree.xpath("//script[@type='application/ld+json']"))
    metadata = html.Element("html")
    metadata.extend([head, html.Element("body")])
    only = {"extensive_search": False, "original_date": True}
    facts = needed("trafilatura").extract_metadata(metadata, date_config=only, extensive=False)
    url = next((str(a) for a in addresses if a.startswith(("http://", "https://"))), None)
    return {"published": facts.date, "publisher": facts.sitename, "url": url}


def read_pdf(source: Source, options: Options) -> Items:
    """The text of a PDF, page by page, by pypdfium2; pages are parted by a blank line."""
    pdfium = needed("pypdfium2")
    data = held(source, options.limits.document_bytes)
    try:
        pdf = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise ReadError("open", "an encrypted PDF", "save it without a password: qpdf --decrypt") from None
        raise ReadError("open", "not a whole PDF", "open it in a viewer and save it again") from None
    pages: list[str] = []
    length = 0
    try:
        for page in pdf:
            words = page.get_textpage()
            pages.append(_pdf_text(words.get_text_range()))
            words.close()
            page.close()
            length += len(pages[-1])
            if length > options.limits.characters:
                break
    finally:
        pdf.close()
    advice = "scanned pages have no text: ocrmypdf adds it"
    yield finished(source.name, "\n\n".join(pages), data, options, advice)


def _pdf_text(text: str) -> str:
    """Line ends as in a text file; a word broken over two lines, which PDFium marks, in one piece.

    The hyphen goes between small letters ("civil-ians") and stays elsewhere ("al-Bado", "US-led").
    """
    text = re.sub("(?<=[a-z])[\x02\ufffe](?=[a-z])", "", text)
    return re.sub("[\x02\ufffe]", "-", text).replace("\r\n", "\n").replace("\r", "\n")


def read_docx(source: Source, options: Options) -> Items:
    """Paragraphs and tables of a Word document in their order, then its footnotes; tracked deletions are left out."""
    docx = needed("docx")
    data = held(source, options.limits.document_bytes)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            unpacked = sum(info.file_size for info in package.infolist())
        if unpacked > options.limits.document_bytes or unpacked > options.limits.ratio * len(data):
            raise ReadError("open", f"unpacks to {unpacked:,} bytes", "open it and save it as text")
        part = docx.Document(io.BytesIO(data)).part
    except (zipfile.BadZipFile, KeyError, ValueError, docx.opc.exceptions.PackageNotFoundError):
        raise ReadError("open", "not a whole Word document", "open it in a word processor and save it again") from None
    blocks = list(_blocks(part.element.body))
    for relation in part.rels.values():
        if relation.reltype.endswith("/footnotes") and not relation.is_external:
            notes = docx.oxml.parse_xml(relation.target_part.blob)
            blocks += [block for note in notes for block in _blocks(note) if block.strip()]
    yield finished(source.name, "\n".join(blocks), data, options)


def _blocks(element: Any) -> Iterator[str]:
    """Paragraphs, and rows of tables with tabs between the cells, of a body, a note or a content control."""
    for child in element:
        if child.tag == _WORD + "p":
            yield _paragraph(child)
        elif child.tag == _WORD + "tbl":
            for row in child.iterchildren(_WORD + "tr"):
                yield "\t".join(" ".join(_blocks(cell)).strip() for cell in row.iterchildren(_WORD + "tc"))
        elif child.tag in (_WORD + "sdt", _WORD + "sdtContent", _WORD + "ins", _WORD + "customXml"):
            yield from _blocks(child)


def _paragraph(element: Any) -> str:
    pieces = []
    for child in element.iter(_WORD + "t", *_SPECIAL):
        if next(child.iterancestors(_FALLBACK), None) is None:  # a second copy of a text box, for old programs
            pieces.append(_SPECIAL.get(child.tag) or child.text or "")
    return "".join(pieces)


def read_eml(source: Source, options: Options) -> Items:
    """A mail: subject and body, then its attachments of known kinds as documents of their own."""
    yield from _mail(source, source.name, held(source, options.limits.document_bytes), options)


def read_mbox(source: Source, options: Options) -> Items:
    """The mails of a mailbox, one after the other (mboxrd, RFC 4155: "From " after a blank line begins a mail)."""
    lines: list[bytes] = []
    number = size = 0
    stream = source.stream
    before = b"\n"
    most = options.limits.document_bytes
    while True:
        line = stream.readline(most + 1)
        begins = line.startswith(b"From ") and not before.strip()
        if (begins or not line) and number:
            name = f"{source.name}#{number}"
            if size > most:
                yield Broken(name, "read", f"more than {most:,} bytes", "take the mail out, or raise the limit")
            else:
                yield from _mail(source, name, b"".join(lines), options)
        if not line:
            break
        if begins:
            number, lines, size = number + 1, [], 0
        elif not number:
            raise ReadError("parse", 'not a mailbox: it does not begin with "From "', "export it as mbox, or as .eml")
        else:
            size += len(line)
            if size <= most:
                lines.append(re.sub(rb"^>(>*From )", rb"\1", line))
            else:
                lines.clear()
        before = line


def _mail(source: Source, name: str, data: bytes, options: Options) -> Items:
    try:
        mail = BytesParser(EmailMessage, policy=email.policy.default).parsebytes(data)
        if not mail.keys():
            raise ReadError("parse", "no mail: it has no headers", "give it the ending of its kind")
        facts, subject = _mail_facts(mail), str(mail["subject"] or "").strip()
        attachments = list(_attachments(mail)) if mail.is_multipart() else []
    except ReadError as error:
        yield Broken(name, error.stage, error.cause, error.advice)
        return
    except Exception as error:  # the parser of the standard library stumbles over some malformed headers
        yield Broken(name, "parse", f"malformed mail ({type(error).__name__})", "save its text as .txt")
        return
    try:
        text = "\n\n".join(filter(None, (subject, _body(mail))))
        if text.strip() or not attachments:
            yield finished(name, text, data, options, **facts)
    except ReadError as error:
        yield Broken(name, error.stage, error.cause, error.advice)
    for file, content, charset in attachments:
        stream = io.BytesIO(content)
        yield Source(f"{name}!{one_line(file)}", stream, source.depth + 1, charset, optional=True, budget=source.budget)


def _mail_facts(mail: EmailMessage) -> dict[str, Any]:
    """Day and sender by the headers; the day is that of the sender's clock."""
    date, sender = mail["date"], mail["from"]
    address = sender.addresses[0] if sender and sender.addresses else None
    return {
        "published": date.datetime.date().isoformat() if date and date.datetime else None,
        "publisher": (address.display_name or address.addr_spec or None) if address else None,
    }


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain", "html"))
    if part is None:
        return ""
    content = part.get_payload(decode=True) or b""
    text = decode(content, part.get_content_charset()) if isinstance(content, bytes) and content.strip() else ""
    return page_text(text) if text and part.get_content_subtype() == "html" else text


def _attachments(mail: EmailMessage) -> Iterator[tuple[str, bytes, str | None]]:
    """Name, content and charset of each; a further piece of text without a name counts as one."""
    for number, part in enumerate(mail.iter_attachments(), 1):
        if part.get_content_type() == "message/rfc822":
            yield f"{number}.eml", part.get_content().as_bytes(), None
            continue
        content = part.get_payload(decode=True)
        unnamed = {"text/plain": f"{number}.txt", "text/html": f"{number}.html"}.get(part.get_content_type())
        file = part.get_filename() or unnamed
        if file and isinstance(content, bytes) and content.strip():
            yield file, content, part.get_content_charset()
