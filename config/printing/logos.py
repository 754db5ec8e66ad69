"""A company's logo: what is taken for one, and how it gets onto a page."""

import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

import typst
from lxml import etree
from PIL import Image, UnidentifiedImageError

from config.printing.errors import LogoUnfit
from config.printing.typesetting import typeset
from config.xml import XMLRefused, parse

MAX_BYTES = 256 * 1024
MAX_PIXELS = 2_000  # a side; at 60 mm that is 840 dots to the inch
PNG, JPEG, SVG = "image/png", "image/jpeg", "image/svg+xml"
_SVG_ROOT = "{http://www.w3.org/2000/svg}svg"
_ACTIVE = frozenset({"script", "foreignobject", "iframe", "animate", "set", "handler"})
_ELSEWHERE = re.compile(r"@import|url\(\s*['\"]?(?!#)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture that was looked at: PNG, JPEG or SVG."""

    content: bytes
    kind: str

    @property
    def data_uri(self) -> str:
        """For a page in a browser, as the source of an `img`, where nothing in it can act."""
        return f"data:{self.kind};base64,{b64encode(self.content).decode()}"

    @property
    def svg(self) -> str:
        """For the typesetter, whose inputs are text: an SVG document in every case."""
        if self.kind == SVG:
            return self.content.decode()
        with Image.open(BytesIO(self.content)) as picture:
            width, height = picture.size
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
            f'<image width="{width}" height="{height}" href="{self.data_uri}"/></svg>'
        )


def logo_of(content: bytes) -> Logo:
    """The logo in an uploaded file, by what it is and not by what it is called.

    LogoUnfit for anything that is too large, not a picture, active, refers elsewhere, or cannot be
    set in PDF/A: it is set once, to see.
    """
    if len(content) > MAX_BYTES:
        raise LogoUnfit(
            f"A logo may have {MAX_BYTES // 1024} KB at most.",
            f"الحد الأقصى لحجم الشعار {MAX_BYTES // 1024} كيلوبايت.",
        )
    is_markup = content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    logo = _svg(content) if is_markup else _raster(content)
    try:
        typeset("printing/logo.typ", {"logo": logo.svg}, made_at=datetime(2000, 1, 1, tzinfo=UTC))
    except typst.TypstError:
        raise LogoUnfit(
            "This picture cannot be printed. Turn texts into paths, or send a PNG.",
            "لا يمكن طباعة هذه الصورة. حوّل النصوص إلى مسارات أو أرسل صورة PNG.",
        ) from None
    return logo


def _raster(content: bytes) -> Logo:
    try:
        with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as picture:
            kind = PNG if picture.format == "PNG" else JPEG
            # Known before a pixel is unpacked.
            is_huge = max(picture.size) > MAX_PIXELS
            if not is_huge:
                picture.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise LogoUnfit(
            "The logo is not a PNG, JPEG or SVG picture.", "الشعار ليس صورة PNG أو JPEG أو SVG."
        ) from None
    if is_huge:
        raise LogoUnfit(
            f"A logo may be {MAX_PIXELS} pixels wide and high at most.",
            f"الحد الأقصى لعرض الشعار وارتفاعه {MAX_PIXELS} بكسل.",
        )
    return Logo(content, kind)


def _svg(content: bytes) -> Logo:
    try:
        root = parse(content)
        content.decode()
    except (XMLRefused, UnicodeDecodeError):
        root = None
    if root is None or root.tag != _SVG_ROOT:
        raise LogoUnfit("The logo is not an SVG picture.", "الشعار ليس صورة SVG.")
    if any(_acts(element) for element in root.iter()):
        raise LogoUnfit(
            "The logo holds scripts or refers to other files; send a plain picture.",
            "يحتوي الشعار على نصوص برمجية أو يشير إلى ملفات أخرى؛ أرسل صورة بسيطة.",
        )
    return Logo(content, SVG)


def _acts(element: etree._Element) -> bool:
    """Whether an element could do more than draw, or draw what is not in the file."""
    if not isinstance(element.tag, str):
        return not isinstance(element, etree._Comment)
    name = etree.QName(element).localname.lower()
    return (
        name in _ACTIVE
        or _ELSEWHERE.search(element.text or "") is not None
        or any(_leads_away(key, value) for key, value in element.attrib.items())
    )


def _leads_away(attribute: str | bytes, value: str | bytes) -> bool:
    name, text = etree.QName(str(attribute)).localname.lower(), str(value).strip()
    if name == "href":
        return not text.startswith(("#", "data:image/png;", "data:image/jpeg;"))
    return name.startswith("on") or _ELSEWHERE.search(text) is not None
