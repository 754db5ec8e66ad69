"""What a reader, a scanner and an archivist see of a PDF; none of it by Daftar's own code."""

import io
import re

import pikepdf
import pypdfium2
import zxingcpp
from PIL import Image

_WORD = re.compile(r"\w(?:[\w.,:]*\w)?")


def picture(pdf: bytes, dpi: int, page: int = 0) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return document[page].render(scale=dpi / 72).to_pil().convert("L")
    finally:
        document.close()


def scanned(image: Image.Image) -> list[str]:
    """The texts of the QR codes that a scanner finds in a picture."""
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    return [code.text for code in found]


def words(pdf: bytes) -> str:
    """The text of all pages, as copy and search see it."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def missing(pdf: bytes, phrases: list[str]) -> list[str]:
    """The phrases that the text of the PDF lacks.

    Word by word: a reader puts the words of a line of two directions into an order of its own.
    """
    text = words(pdf)
    return [said for said in phrases if any(w not in text for w in _WORD.findall(said))]


def page_count(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return len(document.pages)


def attached(pdf: bytes) -> dict[str, bytes]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {name: file.get_file().read_bytes() for name, file in document.attachments.items()}


def size_mm(pdf: bytes) -> tuple[int, int]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        left, bottom, right, top = (float(edge) for edge in document.pages[0].mediabox)
    return round((right - left) / 72 * 25.4), round((top - bottom) / 72 * 25.4)
