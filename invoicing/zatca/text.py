"""Text as canonical XML writes it, so that what is built needs no canonicalisation."""

import re

from invoicing.zatca.errors import DocumentInvalid

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def is_xml_text(text: str) -> bool:
    """Say whether every character is one that XML 1.0 allows."""
    # Printable characters are all legal, and str.isprintable is many times faster than a pattern.
    return text.isprintable() or not ILLEGAL.search(text)


def escape(text: str) -> str:
    """Return `text` as C14N writes a text node. Raises DocumentInvalid for illegal characters."""
    if text.isalnum():  # codes and numbers, most of what is written
        return text
    if not is_xml_text(text):
        raise DocumentInvalid(f"text holds a character that XML does not allow: {text!r}")
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    if "\r" in text:
        text = text.replace("\r", "&#xD;")
    return text


def escape_attribute(text: str) -> str:
    """Return `text` as C14N writes an attribute value. Raises DocumentInvalid as `escape`."""
    if text.isalnum():
        return text
    if not is_xml_text(text):
        raise DocumentInvalid(f"text holds a character that XML does not allow: {text!r}")
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return text.replace("\t", "&#x9;").replace("\n", "&#xA;").replace("\r", "&#xD;")
