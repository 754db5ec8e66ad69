"""The usual wrong recipes for the two digests of a stamp, tried until one gives what is stated."""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from lxml import etree

from config.xml import parse
from invoicing.zatca.hashing import CAC, CBC, EXT, canonical_bytes, hashed_tree
from invoicing.zatca.sealing import printed_by_dom4j

UNKNOWN_HASH = (
    "None of the usual mistakes gives this hash: the content was changed after it was hashed, or "
    "the hash is of another document. Compare it with the document as it was sent."
)
UNKNOWN_PROPERTIES = (
    "None of the usual mistakes gives this digest: SigningTime, certificate digest, issuer or "
    "white space was changed after it was taken."
)
HEXADECIMAL = "It is base64 of the hexadecimal text; it must be base64 of the 32 raw bytes."


def hash_recipe(xml: bytes, stated: str) -> str:
    """How the stated hash of `xml` was made, in a sentence; UNKNOWN_HASH where nothing fits."""
    for data, sentence in _hashed_otherwise(xml):
        if stated == _raw(data):
            return sentence
        if stated == _hexadecimal(data):
            return sentence if data == canonical_bytes(xml) else f"{sentence} {HEXADECIMAL}"
    return UNKNOWN_HASH


def _hashed_otherwise(xml: bytes) -> Iterator[tuple[bytes, str]]:
    yield canonical_bytes(xml), HEXADECIMAL
    yield xml, "It was taken over the file as it is, without taking out the stamp and C14N."
    yield _whole(xml), "Stamp, signature mark and QR code were not taken out before hashing."
    yield _exclusive(xml), "It was taken over exclusive C14N; the profile wants inclusive C14N 1.1."
    yield (
        _without_tails(xml),
        "The white space behind stamp, signature mark and QR code was taken out with them; it must "
        "stay.",
    )
    for kept, sentence in (
        (f"{EXT}UBLExtensions", "The stamp (UBLExtensions) was not taken out before hashing."),
        (f"{CAC}Signature", "The signature mark (cac:Signature) was not taken out before hashing."),
        ("QR", "The QR code was not taken out before hashing."),
    ):
        yield _keeping(xml, kept), sentence
    yield (
        b"<?xml version='1.0' encoding='UTF-8'?>\n" + canonical_bytes(xml),
        "The XML declaration was hashed too; C14N has none.",
    )
    yield (
        _minified(xml),
        "It is the hash of the document without white space between its elements: the file was "
        "indented (pretty-printed) after it was hashed.",
    )
    for width in (4, 2):
        yield (
            _indented(xml, width),
            f"It is the hash of the document indented by {width} blanks: the file was minified or "
            "laid out anew after it was hashed.",
        )
    yield (
        canonical_bytes(xml).replace(b"\n", b"\r\n"),
        "It was taken over CRLF line ends; canonical XML has LF.",
    )


def properties_recipe(properties: Any, stated: str) -> str:
    """How the stated digest of the signed properties was made; UNKNOWN_PROPERTIES if unknown."""
    right = printed_by_dom4j(properties).encode()
    blank = parse(etree.tostring(properties, with_tail=False))
    _drop_blanks(blank)
    texts: tuple[tuple[bytes, str], ...] = (
        (right, "It is base64 of the raw digest; it must be base64 of its hexadecimal text."),
        (
            _c14n(properties, exclusive=True),
            "It was taken over plain exclusive C14N; elements without content must close in one "
            "tag, as dom4j prints them.",
        ),
        (
            _c14n(properties, exclusive=False),
            "It was taken over inclusive C14N; it must be taken over the element as dom4j prints "
            "it alone.",
        ),
        (
            etree.tostring(properties, with_tail=False),
            "It was taken over the element as it stands in the file; the namespaces must be "
            "declared where dom4j prints them.",
        ),
        (
            printed_by_dom4j(blank).encode(),
            "It is the digest without white space: the stamp was indented after it was taken.",
        ),
        (
            right.replace(b"\n", b"\r\n"),
            "It was taken over CRLF line ends; XML has LF.",
        ),
    )
    for data, sentence in texts:
        if stated in (_raw(data), _hexadecimal(data)):
            return sentence
    return UNKNOWN_PROPERTIES


def _raw(data: bytes) -> str:
    return b64encode(sha256(data).digest()).decode()


def _hexadecimal(data: bytes) -> str:
    return b64encode(sha256(data).hexdigest().encode()).decode()


def _c14n(element: Any, *, exclusive: bool) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=exclusive, with_comments=False)


def _whole(xml: bytes) -> bytes:
    return _c14n(parse(xml), exclusive=False)


def _exclusive(xml: bytes) -> bytes:
    return _c14n(hashed_tree(parse(xml)), exclusive=True)


def _is_block(element: Any) -> str:
    """Which of the three blocks that are not hashed an element is; empty for all others."""
    if element.tag in (f"{EXT}UBLExtensions", f"{CAC}Signature"):
        return element.tag
    is_qr = element.findtext(f"{CBC}ID") == "QR"
    return "QR" if element.tag == f"{CAC}AdditionalDocumentReference" and is_qr else ""


def _blocks(root: Any) -> list[Any]:
    return [element for element in root.iter(etree.Element) if _is_block(element)]


def _without_tails(xml: bytes) -> bytes:
    """Cut the blocks out together with the white space behind them."""
    root = parse(xml)
    for element in _blocks(root):
        if element.getparent() is not None:
            element.tail = None
    return _c14n(hashed_tree(root), exclusive=False)


def _keeping(xml: bytes, kept: str) -> bytes:
    """Cut out two of the three blocks."""
    root = parse(xml)
    for element in _blocks(root):
        if _is_block(element) == kept:
            element.tag = f"{element.tag}Kept"  # a name that is not taken out
    return _c14n(hashed_tree(root), exclusive=False).replace(b"Kept", b"")


def _minified(xml: bytes) -> bytes:
    root = hashed_tree(parse(xml))
    _drop_blanks(root)
    return _c14n(root, exclusive=False)


def _indented(xml: bytes, width: int) -> bytes:
    root = parse(xml)
    _drop_blanks(root)
    etree.indent(root, space=" " * width)
    return _c14n(hashed_tree(root), exclusive=False)


def _drop_blanks(root: Any) -> None:
    """Take out the white space that stands between elements."""
    for element in root.iter():
        if len(element) and not (element.text or "").strip():
            element.text = None
        if not (element.tail or "").strip():
            element.tail = None
