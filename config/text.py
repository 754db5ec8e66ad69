"""The one rule for text that people and documents carry: accepted as it is, or refused.

What is signed must be exactly what was accepted, so nothing here trims, folds or normalises.
"""

import re
from typing import Any, NamedTuple

from rest_framework import serializers

from config.validation import refusal

MAX_SEARCH_WORDS = 8

# XML 1.0 (5th ed.) §2.2 Char, without the C0 and C1 controls, the noncharacters, and the marks that
# can make a signed text read differently from what it says: bidi embeddings, overrides and isolates
# (U+202A-202E, U+2066-2069), ZERO WIDTH SPACE and the byte order mark. ZWNJ and ZWJ stay: Persian
# and Urdu names are spelled with them. Line and paragraph separators are line breaks in disguise.
_FORBIDDEN = (
    "\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000)
    )
)
_UNFIT = re.compile(f"[{_FORBIDDEN}\r]")
_UNFIT_OR_BREAK = re.compile(f"[{_FORBIDDEN}\t\n\r]")


class Sentence(NamedTuple):
    """A code with what it means in English and Arabic."""

    code: str
    en: str
    ar: str


def text_problem(value: str, *, multiline: bool = False) -> Sentence | None:
    """Why `value` cannot stand in a document, or None. Line breaks (LF) and tabs if `multiline`."""
    found = (_UNFIT if multiline else _UNFIT_OR_BREAK).search(value)
    if found:
        mark, place = f"U+{ord(found[0]):04X}", found.start() + 1
        return Sentence(
            "invalid_characters",
            f"The character {mark} at position {place} cannot stand in a document.",
            f"لا يمكن استخدام المحرف {mark} في الموضع {place} داخل المستند.",
        )
    if value != value.strip():
        return Sentence(
            "surrounding_space",
            "Text may not begin or end with white space.",
            "لا يجوز أن يبدأ النص أو ينتهي بمسافة.",
        )
    return None


class TextField(serializers.CharField):
    """Text kept exactly as sent, or refused with a code; numbers are not taken for text."""

    def __init__(self, *, multiline: bool = False, **kwargs: Any) -> None:
        self.multiline = multiline
        super().__init__(trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if problem := text_problem(data, multiline=self.multiline):
            raise refusal(*problem)
        return data


def search_words(value: str) -> list[str]:
    """The words of a search box; more than eight is refused (SQLite gives up at a thousand)."""
    words = value.split()
    if len(words) > MAX_SEARCH_WORDS:
        raise refusal(
            "too_many_words",
            f"Search for at most {MAX_SEARCH_WORDS} words.",
            f"ابحث عن {MAX_SEARCH_WORDS} كلمات على الأكثر.",
        )
    return words
