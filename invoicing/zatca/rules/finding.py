"""What a request rule says when it is broken, and the checks of text that every field needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from invoicing.zatca.text import is_xml_text


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that a document breaks, in the caller's terms.

    `rule` is the official id (BR-…) or, where the official rules keep silent, ours (DAFTAR-…);
    `path` names the field of the request ("line_items[2].tax_rate"); the sentences say what is
    wanted, `expected` and `got` the values where they help.
    """

    rule: str
    path: str
    message: str
    message_ar: str
    expected: str | None = None
    got: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its sentence in both languages."""

    id: str
    message: str
    message_ar: str

    def at(self, path: str, *, expected: object = None, got: object = None) -> Finding:
        """Return the finding that this rule is broken at `path`."""
        return Finding(self.id, path, self.message, self.message_ar, _shown(expected), _shown(got))


ILLEGAL_TEXT = Rule(
    "DAFTAR-TEXT",
    "The text holds a character that XML does not allow.",
    "يحتوي النص على رمز لا يسمح به XML.",
)


def _shown(value: object) -> str | None:
    if value is None:
        return None
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def is_blank(text: str | None) -> bool:
    return text is None or not text.strip()


def text_findings(
    text: str | None, path: str, rule: Rule, *, shortest: int = 0, longest: int
) -> Iterator[Finding]:
    """Judge the characters of a text and its length; an absent text only when one is demanded."""
    length = len(text.strip()) if text else 0
    if text and not is_xml_text(text):
        yield ILLEGAL_TEXT.at(path)
    elif length < shortest or len(text or "") > longest:
        wanted = f"{shortest}-{longest} characters" if shortest else f"at most {longest} characters"
        yield rule.at(path, expected=wanted, got=len(text or ""))
    elif text and not length:
        yield BLANK_TEXT.at(path)


BLANK_TEXT = Rule(
    "BR-KSA-F-03",
    "Leave the field out instead of sending blanks.",
    "احذف الحقل بدلاً من إرسال فراغات.",
)


def has_more_decimals(value: Decimal, places: int) -> bool:
    """Say whether `value` needs more than `places` decimals."""
    exponent = value.normalize().as_tuple().exponent
    return isinstance(exponent, int) and -exponent > places
