"""Messages of IMS laid out for the eye: the envelope, and the documents that it carries as text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import simplejson
from lxml import etree

from config.xml import XMLRefused, parse

SHOWN = 200_000  # characters: a page with more is of no use to anybody


@dataclass(frozen=True, slots=True)
class Text:
    """A text to look at; `cut` where only its beginning is shown."""

    text: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One body; `inside` are the data sets and payloads in it, by the element they stand in."""

    outer: Text
    inside: list[tuple[str, Text]] = field(default_factory=list)


def pretty_message(body: bytes) -> Message | None:
    """The body as a person reads it; None where there is none."""
    if not body:
        return None
    try:
        root = parse(body)
    except XMLRefused:
        return Message(shortened(body.decode(errors="replace")))
    inside = list(_inside(root))
    etree.indent(root)
    return Message(shortened(etree.tostring(root, encoding="unicode")), inside)


def pretty_json(value: Any) -> Text:
    """Indented, with every digit of an amount as it is stored."""
    return shortened(simplejson.dumps(value, indent=2, ensure_ascii=False, use_decimal=True))


def shortened(text: str) -> Text:
    return Text(text[:SHOWN], cut=len(text) > SHOWN)


def _inside(root: etree._Element) -> Iterator[tuple[str, Text]]:
    before = ""
    for element in root.iter(etree.Element):
        text = (element.text or "").strip()
        name = etree.QName(element).localname
        shown = _document(text)
        if shown:
            # A parameter of a procedure follows its own name.
            label = before if name == "string" and before else name
            element.text = f"… {label}: shown below …"
            yield label, shown
        before = text if name == "string" and not shown else ""


def _document(text: str) -> Text | None:
    if text.startswith("<"):
        try:
            root = parse(text.encode())
        except XMLRefused:
            return None
        etree.indent(root)
        return shortened(etree.tostring(root, encoding="unicode"))
    if text.startswith("{"):
        try:
            return pretty_json(simplejson.loads(text, use_decimal=True))
        except (ValueError, RecursionError):
            return None
    return None
