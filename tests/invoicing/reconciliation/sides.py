"""Two sides that agree, to put one difference into."""

from decimal import Decimal
from uuid import UUID

from invoicing.reconciliation.comparing import compare
from invoicing.reconciliation.records import Document, Finding, Ours, Theirs, Word
from invoicing.reconciliation.shelf import Shelf


def uuid(number: int) -> str:
    return str(UUID(int=number))


def document(number: int, *, revision: int = 1, word: Word = Word.REPORTED) -> Document:
    """100.00 riyals and 15 %, with a UUID and a hash of its own."""
    own = number * 10 + revision
    return Document(revision, uuid(own), f"hash-{own}", word, Decimal("115.00"), Decimal("15.00"))


def ours(number: int, *documents: Document, current: int | None = None) -> Ours:
    held = documents or (document(number),)
    return Ours(
        invoice_id=number,
        number=f"S-{number}",
        type_code="388",
        simplified=True,
        currency="SAR",
        current=current or held[0].revision,
        documents=held,
    )


def held(number: int, item: Document | None = None, **changes) -> Theirs:
    """The row of a document as an authority that agrees would have it."""
    item = item or document(number)
    row = {
        "number": f"S-{number}",
        "word": item.word,
        "uuid": item.uuid,
        "hash": item.hash,
        "icv": number,
        "csid": "ab",
        "type_code": "388",
        "simplified": True,
        "total": item.total,
        "vat": item.vat,
        "currency": "SAR",
    }
    return Theirs(**{**row, **changes})


def differences(mine: list[Ours], theirs: list[Theirs]) -> list[Finding]:
    """What both sides differ in, as a run finds it: by number, then over all of their rows."""
    with Shelf() as shelf:
        shelf.add(theirs)
        rows = shelf.take([item.number for item in mine])
        found = [f for item in mine for f in compare(item, rows.get(item.number, []))]
        for numbers in shelf.waiting():
            rows = shelf.take(numbers)
            found += [f for number in numbers for f in compare(None, rows[number])]
        return [*found, *shelf.repeated_uuids()]


def told(found: list[Finding]) -> list[tuple[str, str]]:
    return sorted((finding.kind.value, finding.number) for finding in found)
