"""How many documents of each kind, and what they add up to, on each side."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from invoicing.reconciliation.records import Word

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Said:
    """What their side says of a document: its type, its form, cleared or reported."""

    types: bool = True
    forms: bool = True
    words: bool = True


class Key(NamedTuple):
    word: str
    type_code: str
    form: str
    currency: str


@dataclass(slots=True)
class Sums:
    count: int = 0
    total: Decimal = ZERO
    vat: Decimal = ZERO


@dataclass(slots=True)
class Tally:
    """One side's figures by status, type, form (STANDARD, SIMPLIFIED or empty) and currency."""

    said: Said
    sums: dict[Key, Sums] = field(default_factory=dict)

    def add(
        self,
        word: Word,
        type_code: str,
        simplified: bool | None,
        currency: str,
        *,
        count: int = 1,
        total: Decimal | None = None,
        vat: Decimal | None = None,
    ) -> None:
        form = "" if simplified is None else "SIMPLIFIED" if simplified else "STANDARD"
        if not self.said.words and word.is_accepted:
            word = Word.ACCEPTED
        key = Key(
            word, type_code if self.said.types else "", form if self.said.forms else "", currency
        )
        sums = self.sums.setdefault(key, Sums())
        sums.count += count
        sums.total += total or ZERO
        sums.vat += vat or ZERO

    @property
    def count(self) -> int:
        return sum(sums.count for sums in self.sums.values())


def side_by_side(ours: Tally, theirs: Tally) -> list[dict[str, Any]]:
    """One row per kind of document, both sides in it; amounts as text."""
    rows = []
    for key in sorted({*ours.sums, *theirs.sums}):
        mine, held = ours.sums.get(key, Sums()), theirs.sums.get(key, Sums())
        rows.append(
            {
                "status": key.word,
                "document_type": key.type_code,
                "form": key.form,
                "currency": key.currency,
                "ours": _figures(mine),
                "theirs": _figures(held),
                "difference": {
                    "count": held.count - mine.count,
                    "total": str(held.total - mine.total),
                    "vat": str(held.vat - mine.vat),
                },
            }
        )
    return rows


def _figures(sums: Sums) -> dict[str, Any]:
    return {"count": sums.count, "total": str(sums.total), "vat": str(sums.vat)}
