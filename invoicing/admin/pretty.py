"""Documents and answers, laid out for the eye. What counts is the bytes, which are downloaded."""

from dataclasses import dataclass
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


def pretty_json(value: Any) -> Text:
    """Indented, with every digit of an amount as it is stored."""
    return shortened(simplejson.dumps(value, indent=2, ensure_ascii=False, use_decimal=True))


def pretty_xml(xml: bytes) -> Text:
    """Indented, which breaks its hash; bytes that are no XML are shown as they are."""
    try:
        root = parse(xml)
    except XMLRefused:
        return shortened(xml.decode(errors="replace"))
    etree.indent(root)
    return shortened(etree.tostring(root, encoding="unicode"))


def pretty_body(body: bytes) -> Text:
    """A partner's answer: indented where it is JSON, otherwise as it came."""
    try:
        return pretty_json(simplejson.loads(body, use_decimal=True))
    except (ValueError, RecursionError):
        return shortened(body.decode(errors="replace"))


def shortened(text: str) -> Text:
    """A text as it is, as much of it as a page shows."""
    return Text(text[:SHOWN], cut=len(text) > SHOWN)
