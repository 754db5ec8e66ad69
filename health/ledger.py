"""The only writer of vouchers, lines and seals.

`open_books` locks the tenant's head first (contracts 24), so that everything that posts for one
tenant stands in one line; a lock of a period takes the same row. All of it runs in the caller's
transaction, and the database refuses whatever does not balance (health.triggers).
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from config.db.log_chain import GENESIS, entry_hash
from health.chart import TEMPLATES, VOUCHER_PREFIXES
from health.errors import AccountUnusable, AlreadyReversed, DateTooEarly, PeriodLocked
from health.models import (
    Account,
    AccountMapping,
    Source,
    Voucher,
    VoucherLine,
    VoucherSeal,
    VoucherType,
)
from health.numbering import number_of_day
from health.writing import insert, insert_rows

ZERO = Decimal("0.00")
_ADVANCE = (
    "INSERT INTO ledger_heads (tenant_id, sequence, last_hash) VALUES (%s, 0, %s) "
    "ON CONFLICT (tenant_id) DO UPDATE SET tenant_id = excluded.tenant_id "
    "RETURNING sequence, last_hash"
)


_ACCOUNTS = (
    "SELECT m.system_code, a.id, a.code, a.account_type, a.is_active FROM account_mappings m "
    "JOIN account_masters a ON a.id = m.account_id WHERE m.tenant_id = %s"
)
_LOCKS = "SELECT locked_upto, scope FROM period_locks WHERE tenant_id = %s AND locked_upto >= %s"
_TYPE = "SELECT id, prefix FROM voucher_types WHERE tenant_id = %s AND code = %s"
_GROW = "UPDATE ledger_heads SET sequence = %s, last_hash = %s WHERE tenant_id = %s"


class Mapped(NamedTuple):
    """What posting must know of an account."""

    pk: int
    code: str
    account_type: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a voucher: the account by its system code, and what moves.

    `account` is the account itself, where an earlier voucher says it: what settles or undoes a
    document goes where the document went, whichever account plays the part by now.
    """

    system_code: str
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    party: str = ""
    patient_ref: int | None = None
    account: int | None = None


class Line(NamedTuple):
    """A line of a voucher, as it is written and as its hash covers it."""

    line_no: int
    account_id: int
    debit: Decimal
    credit: Decimal
    party: str
    patient_ref: int | None


@dataclass(slots=True)
class Books:
    """A tenant's books, locked for writing until the transaction ends."""

    tenant_id: int
    sequence: int
    last_hash: str


@dataclass(frozen=True, slots=True)
class Reference:
    """The document that a voucher is about."""

    type: Source
    id: int
    number: str


def open_books(tenant_id: int) -> Books:
    """Lock the tenant's books; the first statement of every transaction that posts."""
    if not connection.in_atomic_block:
        raise RuntimeError("the books are opened inside the transaction that writes them")
    with connection.cursor() as cursor:
        cursor.execute(_ADVANCE, [tenant_id, GENESIS])
        sequence, last_hash = cursor.fetchone()
    return Books(tenant_id, sequence, last_hash)


def record(
    books: Books,
    *,
    kind: str,
    day: date,
    entries: Iterable[Entry],
    reference: Reference,
    narration: str,
    actor: str,
    now: datetime,
) -> Voucher:
    """Write a voucher of `kind` (a code of the chart) dated `day`; lines of nothing are left out.

    Raises PeriodLocked, AccountUnusable. Unbalanced entries are a bug: IntegrityError.
    """
    wanted = [entry for entry in entries if entry.debit or entry.credit]
    open_parts = [entry.system_code for entry in wanted if entry.account is None]
    accounts = accounts_for(books.tenant_id, open_parts) if open_parts else {}
    lines = [
        Line(
            number,
            entry.account or accounts[entry.system_code],
            entry.debit,
            entry.credit,
            entry.party,
            entry.patient_ref,
        )
        for number, entry in enumerate(wanted, start=1)
    ]
    return _write(books, kind, day, lines, reference, narration, actor, now, reverses=None)


def reverse(
    books: Books, voucher: Voucher, *, day: date, narration: str, actor: str, now: datetime
) -> Voucher:
    """Write the voucher that undoes `voucher`: every line with its sides swapped.

    Raises PeriodLocked, AlreadyReversed, DateTooEarly.
    """
    DateTooEarly.unless(day >= voucher.date)
    if Voucher.objects.filter(reverses=voucher).exists():
        raise AlreadyReversed
    lines = [
        Line(line.line_no, line.account_id, line.credit, line.debit, line.party, line.patient_ref)
        for line in voucher.lines.order_by("line_no")
    ]
    kind = voucher.voucher_type.code
    reference = Reference(
        Source(voucher.reference_type), voucher.reference_id, voucher.reference_number
    )
    return _write(books, kind, day, lines, reference, narration, actor, now, reverses=voucher)


def accounts_for(tenant_id: int, system_codes: Sequence[str]) -> Mapping[str, int]:
    """Which account plays each part; a missing one is made from the template and mapped.

    Raises AccountUnusable where the mapped account is inactive or of another type.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNTS, [tenant_id])
        mapped = {row[0]: Mapped(*row[1:]) for row in cursor.fetchall()}
    found: dict[str, int] = {}
    for code in system_codes:
        account = mapped.get(code) or _made_from_template(tenant_id, code)
        if not account.is_active or account.account_type != TEMPLATES[code].account_type:
            raise AccountUnusable(f"Account {account.code} cannot be used as {code}.", param=code)
        found[code] = account.pk
    return found


def content_of(voucher: Voucher, lines: Iterable[Line | VoucherLine]) -> dict[str, Any]:
    """What the hash of a voucher covers."""
    return {
        "tenant_id": voucher.tenant_id,
        "number": voucher.voucher_number,
        "type": voucher.voucher_type_id,
        "date": voucher.date.isoformat(),
        "narration": voucher.narration,
        "reference": [voucher.reference_type, voucher.reference_id, voucher.reference_number],
        "reverses": voucher.reverses_id,
        "created_by": voucher.created_by,
        "lines": [
            [
                line.line_no,
                line.account_id,
                f"{line.debit:.2f}",
                f"{line.credit:.2f}",
                line.party,
                line.patient_ref,
            ]
            for line in lines
        ],
    }


def _write(
    books: Books,
    kind: str,
    day: date,
    lines: Sequence[Line],
    reference: Reference,
    narration: str,
    actor: str,
    now: datetime,
    *,
    reverses: Voucher | None,
) -> Voucher:
    require_open(books.tenant_id, day, reference.type)
    voucher_type, prefix = _voucher_type(books.tenant_id, kind)
    seal_id = uuid.uuid4()
    voucher = Voucher(
        tenant_id=books.tenant_id,
        voucher_number=number_of_day(books.tenant_id, prefix, day),
        voucher_type_id=voucher_type,
        date=day,
        narration=narration,
        reference_type=reference.type,
        reference_id=reference.id,
        reference_number=reference.number,
        reverses=reverses,
        seal_id=seal_id,
        created_by=actor,
        created_at=now,
    )
    insert(voucher)
    insert_rows(VoucherLine, [{"voucher_id": voucher.pk, **line._asdict()} for line in lines])
    _seal(books, voucher, lines)
    return voucher


def _seal(books: Books, voucher: Voucher, lines: Sequence[Line]) -> None:
    sequence = books.sequence + 1
    content = content_of(voucher, lines)
    hashed = entry_hash(content, sequence=sequence, previous_hash=books.last_hash)
    seal = {
        "id": voucher.seal_id,
        "tenant_id": books.tenant_id,
        "sequence": sequence,
        "total": sum((line.debit for line in lines), ZERO),
        "line_count": len(lines),
        "previous_hash": books.last_hash,
        "entry_hash": hashed,
    }
    insert_rows(VoucherSeal, [seal])
    with connection.cursor() as cursor:
        cursor.execute(_GROW, [sequence, hashed, books.tenant_id])
    books.sequence, books.last_hash = sequence, hashed


def locked_upto(tenant_id: int, day: date, source: Source) -> date | None:
    """Up to when the books are closed to a voucher about such a document dated `day`, if so."""
    taxed = source in (Source.TEST_INVOICE, Source.CREDIT_NOTE)
    with connection.cursor() as cursor:
        cursor.execute(_LOCKS, [tenant_id, day])
        return max(
            (upto for upto, scope in cursor.fetchall() if taxed or scope == "ALL"), default=None
        )


def require_open(tenant_id: int, day: date, source: Source) -> None:
    """Raise PeriodLocked where the books are closed to such a document of that day."""
    if upto := locked_upto(tenant_id, day, source):
        raise PeriodLocked(f"The books are locked up to {upto}.", param="date")


def _voucher_type(tenant_id: int, kind: str) -> tuple[int, str]:
    """Its key and its prefix. Never the first one that there is: it may be PURCHASE."""
    with connection.cursor() as cursor:
        cursor.execute(_TYPE, [tenant_id, kind])
        if known := cursor.fetchone():
            return known[0], known[1]
    made = VoucherType.objects.create(tenant_id=tenant_id, code=kind, prefix=VOUCHER_PREFIXES[kind])
    return made.pk, made.prefix


def _made_from_template(tenant_id: int, system_code: str) -> Mapped:
    template = TEMPLATES[system_code]
    account, _ = Account.objects.get_or_create(
        tenant_id=tenant_id,
        code=template.code,
        defaults={"name": template.name, "account_type": template.account_type},
    )
    AccountMapping.objects.create(tenant_id=tenant_id, system_code=system_code, account=account)
    return Mapped(account.pk, account.code, account.account_type, account.is_active)
