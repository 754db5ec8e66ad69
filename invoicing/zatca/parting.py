"""Where two documents part: the first byte of their canonical forms that differs, and why.

What the authority calls an invalid hash is nearly always one of a few accidents on the way: the
file was laid out anew, saved with other prefixes, or a value was written differently.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lxml import etree

from config.xml import parse
from invoicing.zatca.hashing import canonical_bytes, hashed_tree

CONTEXT = 60  # bytes shown on either side


@dataclass(frozen=True, slots=True)
class Parting:
    """The first difference between two documents.

    `at` counts bytes of the canonical forms from 0, `ours` and `theirs` are what stands around it,
    `where` is the element, `cause` a word (indentation, line_ends, prefixes, spaces, unicode,
    numbers, order, value) and `sentence` says it to a person.
    """

    at: int
    ours: str
    theirs: str
    where: str
    cause: str
    sentence: str


def parting(ours: bytes, theirs: bytes) -> Parting | None:
    """Return where `theirs` leaves `ours`; None where both have the same canonical bytes.

    Stamp, signature mark and QR code are not compared: they are no part of the hash. Raises as
    `config.xml.parse`.
    """
    first, second = canonical_bytes(ours), canonical_bytes(theirs)
    if first == second:
        return None
    at = _first_difference(first, second)
    where, cause, sentence = _explained(*map(_tree, (ours, theirs)))
    return Parting(at, _around(first, at), _around(second, at), where, cause, sentence)


def _tree(xml: bytes) -> Any:
    tree = hashed_tree(parse(xml))
    etree.strip_tags(tree, etree.Comment)  # no part of the canonical form
    return tree


def _first_difference(first: bytes, second: bytes) -> int:
    pairs = enumerate(zip(first, second, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(first), len(second)))


def _around(data: bytes, at: int) -> str:
    """The text around a byte, with what cannot be seen made visible."""
    text = data[max(0, at - CONTEXT) : at + CONTEXT].decode(errors="replace")
    return text.replace("\r", "␍").replace("\n", "⏎").replace("\t", "⇥").replace("\u00a0", "⍽")


Shape = tuple[Any, ...]
Reading = Callable[[str], str]


def _verbatim(text: str) -> str:
    return text


def _without_blanks(text: str) -> str:
    return text if text.strip() else ""


def _number(text: str) -> str:
    if not re.fullmatch(r"[+-]?\d+(\.\d*)?", text, re.ASCII):
        return text
    value = Decimal(text)
    return str(value.normalize()) if value else "0"


# From the strictest to the most lenient reading; the first that makes two documents one names what
# happened to the second.
_CAUSES: tuple[tuple[str, Reading, str], ...] = (
    (
        "prefixes",
        _verbatim,
        "Only namespace prefixes or declarations differ: a tool wrote the file anew with others.",
    ),
    (
        "line_ends",
        lambda text: text.replace("\r", ""),
        "Only line ends differ: carriage returns were written into the document.",
    ),
    (
        "indentation",
        _without_blanks,
        "Only white space between elements differs: the file was indented or minified after it "
        "was hashed.",
    ),
    (
        "spaces",
        lambda text: " ".join(text.split()),
        "Only white space inside values differs: they were trimmed or padded.",
    ),
    (
        "unicode",
        lambda text: unicodedata.normalize("NFKC", " ".join(text.split())),
        "Only the encoding of letters differs: the text was normalised on its way (NFC, NFD).",
    ),
    (
        "numbers",
        lambda text: _number(" ".join(text.split())),
        "Only the writing of numbers differs, as in 115.00 and 115: they were formatted anew.",
    ),
)


def _explained(ours: Any, theirs: Any) -> tuple[str, str, str]:
    for cause, reading, sentence in _CAUSES:
        if _shape(ours, reading) == _shape(theirs, reading):
            # What made the difference is what the stricter reading before still saw.
            before = _CAUSES[max(0, _place(cause) - 1)][1]
            return _where(ours, theirs, before), cause, sentence
    where, said, read = _first_value(ours, theirs)
    if _sorted(ours) == _sorted(theirs):
        return where, "order", f"The same elements stand in another order, from {where} on."
    return where, "value", f"{where} says {read!r} instead of {said!r}."


def _place(cause: str) -> int:
    return [name for name, _, _ in _CAUSES].index(cause)


def _shape(element: Any, reading: Reading) -> Shape:
    if not isinstance(element.tag, str):  # a processing instruction; comments are gone
        return ("?", element.target, element.text, reading(element.tail or ""))
    return (
        element.tag,
        tuple(sorted(element.attrib.items())),
        reading(element.text or ""),
        tuple(_shape(child, reading) for child in element),
        reading(element.tail or ""),
    )


def _sorted(element: Any) -> Shape:
    if not isinstance(element.tag, str):
        return ("?", str(element.text))
    return (
        element.tag,
        str(sorted(element.attrib.items())),
        (element.text or "").strip(),
        tuple(sorted((_sorted(child) for child in element), key=repr)),
    )


def _where(ours: Any, theirs: Any, reading: Reading) -> str:
    for one, other in _side_by_side(ours, theirs):
        if _own(one, reading) != _own(other, reading) or len(one) != len(other):
            return _path(one)
    return _path(ours)


def _first_value(ours: Any, theirs: Any) -> tuple[str, str, str]:
    """The first element that differs, with what it says here and there."""
    for one, other in _side_by_side(ours, theirs):
        if one.tag != other.tag:
            return _path(one), etree.QName(one).localname, etree.QName(other).localname
        if _own(one, _without_blanks) != _own(other, _without_blanks):
            return _path(one), *_said(one, other)
        if len(one) != len(other):
            return _path(one), _children(one), _children(other)
    return _path(ours), "", ""


def _side_by_side(ours: Any, theirs: Any) -> Iterator[tuple[Any, Any]]:
    yield ours, theirs
    elements = ([child for child in part if isinstance(child.tag, str)] for part in (ours, theirs))
    for one, other in zip(*elements, strict=False):
        yield from _side_by_side(one, other)


def _own(element: Any, reading: Reading) -> Shape:
    tail = reading(element.tail or "")
    return (element.tag, dict(element.attrib), reading(element.text or ""), tail)


def _children(element: Any) -> str:
    return ", ".join(etree.QName(child).localname for child in element)


def _said(one: Any, other: Any) -> tuple[str, str]:
    """What two elements say: their texts, or their attributes where the texts are alike."""
    texts = tuple((element.text or "").strip() for element in (one, other))
    if texts[0] != texts[1]:
        return texts[0], texts[1]
    attributes = (
        " ".join(f"{name}={value}" for name, value in sorted(element.attrib.items()))
        for element in (one, other)
    )
    return next(attributes), next(attributes)


def _path(element: Any) -> str:
    """``Invoice/LegalMonetaryTotal/PayableAmount``, with a place where there are several."""
    steps = []
    for step in (element, *element.iterancestors()):
        name, parent = etree.QName(step).localname, step.getparent()
        alike = [] if parent is None else [c for c in parent if c.tag == step.tag]
        steps.append(f"{name}[{alike.index(step) + 1}]" if len(alike) > 1 else name)
    return "/".join(reversed(steps))
