"""Rows as IMS hands them out: names in any case, values as text until somebody reads them."""

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from uuid import UUID

CENT = Decimal("0.01")
ZERO_GUID = UUID(int=0)
NULL_DATE = "0001-01-01"  # .NET's way to say that there is no date


class Row(Mapping[str, str]):
    """Columns and their texts; a column that is not there is `KeyError`, or "" and None below.

    IMS spells the same column QuoteGuid and QuoteGUID, so names are compared without case. The
    readers raise ValueError, naming the column, for a text that is not what they read.
    """

    def __init__(self, columns: Mapping[str, str]) -> None:
        self._columns = dict(columns)
        self._names = {name.lower(): name for name in columns}

    def __getitem__(self, name: str) -> str:
        return self._columns[self._names[name.lower()]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._names

    def __repr__(self) -> str:  # rows hold bank texts and names of people
        return f"Row({', '.join(self._columns)})"

    def text(self, name: str) -> str:
        return self.get(name, "").strip()

    def guid(self, name: str) -> UUID | None:
        """None for the zero GUID, which is how IMS says "none"."""
        return read_guid(self.text(name), name)

    def money(self, name: str) -> Decimal | None:
        """The amount exactly; IMS's four decimals become two where nothing is lost."""
        text = self.text(name)
        if not text:
            return None
        try:
            value = Decimal(text)
            cents = value.quantize(CENT)
        except InvalidOperation:
            raise ValueError(f"{name} is not an amount.") from None
        return cents if cents == value else value

    def number(self, name: str) -> int | None:
        text = self.text(name)
        try:
            return int(text) if text else None
        except ValueError:
            raise ValueError(f"{name} is not a whole number.") from None

    def flag(self, name: str) -> bool | None:
        text = self.text(name).lower()
        if not text:
            return None
        if text not in ("0", "1", "true", "false"):
            raise ValueError(f"{name} is neither true nor false.")
        return text in ("1", "true")

    def date(self, name: str) -> dt.date | None:
        """The date part as it stands: a date-only value is midnight local, never to be shifted."""
        text = self.text(name)[:10]
        if not text or text == NULL_DATE:
            return None
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{name} is not a date.") from None

    def instant(self, name: str) -> dt.datetime | None:
        """With IMS's offset where it sent one, else naive and local to IMS."""
        text = self.text(name)
        return None if not text or text.startswith(NULL_DATE) else read_instant(text, name)


def read_guid(text: str, name: str) -> UUID | None:
    try:
        guid = UUID(text.strip()) if text.strip() else ZERO_GUID
    except ValueError:
        raise ValueError(f"{name} is not a GUID.") from None
    return None if guid == ZERO_GUID else guid


def read_instant(text: str, name: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{name} is not a date and time.") from None
