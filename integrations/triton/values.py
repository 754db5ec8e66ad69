"""Values as Triton writes them, read strictly. Each reader raises Unfit; None means "not given"."""

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from integrations.triton.errors import Unfit

CENT = Decimal("0.01")
LARGEST = Decimal("1000000000000")  # beyond it, it is no premium
MAX_TEXT = 4000
_AMOUNT = re.compile(
    r"(?P<sign>-?)\$?(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?P<cents>\.\d{1,20})?", re.ASCII
)
_WHOLE = re.compile(r"\d{1,18}", re.ASCII)
_US = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ZIP = re.compile(r"(\d{5})(?:-?(\d{4}))?", re.ASCII)
_STATE = re.compile(r"[A-Z]{2}")
EARLIEST = 1900


def is_absent(value: Any) -> bool:
    """null and blank text are "not given"; 0 and false are values."""
    return value is None or (isinstance(value, str) and not value.strip())


def text(value: Any) -> str:
    """Text with blanks at the ends and doubled ones inside taken out; a number as its digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise Unfit("invalid_type", "Text is expected.")
    if _CONTROL.search(value):
        raise Unfit("invalid_format", "The text has characters that cannot be passed on.")
    if len(value) > MAX_TEXT:
        raise Unfit("too_long", f"At most {MAX_TEXT} characters are taken.")
    return " ".join(value.split())


def identifier(value: Any) -> str:
    """Text that can stand at the end of an address, where its state is asked for."""
    written = text(value)
    if written == "new" or {"", ".", ".."} & set(written.split("/")):
        sentence = "It cannot stand in an address: new, and empty parts or dots between slashes."
        raise Unfit("invalid_format", sentence)
    return written


def money(value: Any) -> Decimal:
    """An amount to the cent, half up: 5000, "$1,234.50", -100. Never through a binary fraction."""
    amount = _decimal(value)
    if abs(amount) >= LARGEST:
        raise Unfit("out_of_range", "The amount is too large.")
    return amount.quantize(CENT, ROUND_HALF_UP) + 0  # -0.00 is 0.00


def returned(value: Any) -> Decimal:
    """An amount to return: as it is, or the sum of entries, which are written as minus amounts.

    Entries are [{"coverage": …, "premium": -1500.00}, …]; those of both signs are no return.
    """
    if not isinstance(value, list):
        return money(value)
    amounts = [money(_premium(entry)) for entry in value]
    if not amounts:
        raise Unfit("invalid_format", "At least one entry is expected.")
    if min(amounts) < 0 < max(amounts):
        raise Unfit("inconsistent", "The entries of a return have one sign.")
    return abs(sum(amounts, Decimal("0.00")))


def _premium(entry: Any) -> Any:
    amounts = [entry.get(name) for name in ("premium", "amount")] if isinstance(entry, dict) else []
    found = next((amount for amount in amounts if not is_absent(amount)), None)
    if found is None:
        raise Unfit("invalid_type", "Each entry has a premium.")
    return found


def fraction(value: Any) -> Decimal:
    """A rate as a fraction: what is greater than 1 is a percentage (20 and 0.20 are the same)."""
    rate = _decimal(value)
    if not 0 <= rate <= 100:
        raise Unfit("out_of_range", "A rate is between 0 and 100 per cent.")
    return (rate / 100 if rate > 1 else rate).normalize() + 0


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise Unfit("invalid_type", "A number is expected.")
    # Python writes the shortest digits that mean this float, which are those that were sent.
    written = value.strip() if isinstance(value, str) else f"{Decimal(str(value)):f}"
    found = _AMOUNT.fullmatch(written)
    if not found or len(written) > 40:
        raise Unfit("invalid_format", "A number like 1234.50 is expected.")
    return Decimal(found["sign"] + found["digits"].replace(",", "") + (found["cents"] or ""))


def whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Unfit("invalid_type", "A whole number is expected.")
    written = str(value).strip()
    if not _WHOLE.fullmatch(written):
        raise Unfit("invalid_format", "A whole number, not negative, is expected.")
    return int(written)


def date(value: Any) -> dt.date:
    """MM/DD/YYYY or YYYY-MM-DD; of an instant the date as it is written."""
    if not isinstance(value, str):
        raise Unfit("invalid_type", "A date is expected.")
    written = value.strip()
    american = _US.fullmatch(written)
    try:
        if american:
            month, day, year = map(int, american.groups())
            found = dt.date(year, month, day)
        elif _ISO.fullmatch(written):
            found = dt.date.fromisoformat(written)
        else:
            found = _instant(written).date()
    except ValueError:
        raise Unfit("invalid_format", "A date is MM/DD/YYYY or YYYY-MM-DD.") from None
    if found.year < EARLIEST:
        raise Unfit("out_of_range", "The date is too long ago.")
    return found


def instant(value: Any) -> dt.datetime:
    """An ISO 8601 instant, or a date as its midnight; without an offset it is UTC."""
    if not isinstance(value, str):
        raise Unfit("invalid_type", "A date and time is expected.")
    written = value.strip()
    if _US.fullmatch(written) or _ISO.fullmatch(written):
        return dt.datetime.combine(date(written), dt.time(), dt.UTC)
    try:
        found = _instant(written)
        return found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise Unfit("invalid_format", "A date and time is ISO 8601.") from None


def _instant(written: str) -> dt.datetime:
    if not _ISO.match(written):  # fromisoformat takes weeks and dates without hyphens too
        raise ValueError(written)
    return dt.datetime.fromisoformat(written)


def flag(value: Any) -> bool:
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    if not isinstance(value, bool):
        raise Unfit("invalid_type", "true or false is expected.")
    return value


def zip_code(value: Any) -> str:
    """Five digits, or nine as 49440-1234."""
    found = _ZIP.fullmatch(text(value))
    if not found:
        raise Unfit("invalid_format", "A ZIP code has five digits.")
    return found[1] + (f"-{found[2]}" if found[2] else "")


def state(value: Any) -> str:
    written = text(value).upper()
    if not _STATE.fullmatch(written):
        raise Unfit("invalid_format", "A state has two letters.")
    return written


def items(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise Unfit("invalid_type", "A list is expected.")
    return tuple(value)
