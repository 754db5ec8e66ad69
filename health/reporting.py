"""The reports of the books themselves, computed in the database from exact amounts. Reads only.

`health.reports` has all of them by name.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from config.db.transactions import one_moment
from config.problems import FieldError
from config.tenancy.models import Tenant
from health import errors
from health.integrity import broken_rules
from health.models import Account, AccountType, Payment, PaymentState, Source, Voucher, VoucherLine
from health.report import NIL, Balance, Lead, Period, Question, Report, Row, Rows, Word

# The documents that have a page of their own; the others are told on their voucher's.
PAGES: dict[str, str] = {Source.TEST_INVOICE: "invoice", Source.PAYMENT: "payment"}
# Money that stands in the books, be it with its reversal.
CAME = (PaymentState.POSTED, PaymentState.REVERSED)
# What stands above a trial balance: nought, or the books are broken.
DIFFERENCE = "difference"
DEBIT_NATURED = (AccountType.ASSET, AccountType.EXPENSE)
AT_A_TIME = 1_000


def trial_balance(tenant: Tenant, period: Period) -> Report:
    """Every account's balance up to the last day on its side, and by what the two sides differ."""
    lines = VoucherLine.objects.filter(voucher__tenant=tenant, voucher__date__lte=period.last)
    sums = lines.values("account__code", "account__name", "account__account_type").annotate(
        debits=Sum("debit"), credits=Sum("credit")
    )
    rows: list[Row] = []
    difference = NIL
    for row in sums.order_by("account__code"):
        code, balance = row["account__code"], row["debits"] - row["credits"]
        lead = Lead("ledger", only={"account": code})
        sides = Balance(max(balance, NIL), lead), Balance(max(-balance, NIL), lead)
        rows.append((Word(code, lead), row["account__name"], row["account__account_type"], *sides))
        difference += balance
    head = ("account", "name", "type", "debit", "credit")
    facts = ((DIFFERENCE, difference),)
    return Report("Trial balance", head, rows, ("debit", "credit"), facts)


def day_book(tenant: Tenant, period: Period) -> Report:
    """Every voucher of the period, in the order of days and of writing."""
    vouchers = dated(Voucher.objects.filter(tenant=tenant), "date", period)
    found = vouchers.order_by("date", "id").values_list(
        "date", "pk", "voucher_number", "voucher_type__code", "reference_type", "reference_id",
        "reference_number", "narration", "seal__total",
    )  # fmt: skip

    def fetch() -> Iterator[Row]:
        for day, pk, number, kind, source, of, document, said, total in found.iterator(AT_A_TIME):
            yield (
                day, Word(number, Lead("voucher", pk)), kind, named(document, source, of, pk),
                said, total,
            )  # fmt: skip

    head = ("date", "voucher", "type", "document", "narration", "amount")
    return Report("Day book", head, Rows(fetch), ("amount",))


def ledger(tenant: Tenant, asked: Question) -> Report:
    """One account's vouchers with the balance after each, in the account's own direction.

    Raises InvalidFilter where `account` names none of the tenant's.
    """
    code = asked.only.get("account", "")
    account = Account.objects.filter(tenant=tenant, code=code).first()
    if account is None:
        message = "Name one of your accounts by its code, such as 1100-AR."
        ar = "اذكر أحد حساباتك برمزه، مثل 1100-AR."
        raise errors.InvalidFilter(
            message, errors=[FieldError("account", "INVALID_FILTER", message, ar)]
        )
    lines = VoucherLine.objects.filter(account=account)
    opening = _balance(account, lines.filter(voucher__date__lt=asked.first))
    closing = _balance(account, lines.filter(voucher__date__lte=asked.last))
    found = dated(lines, "voucher__date", asked).order_by("voucher__date", "voucher_id", "line_no")
    values = found.values_list(
        "voucher__date", "voucher_id", "voucher__voucher_number", "voucher__voucher_type__code",
        "voucher__reference_type", "voucher__reference_id", "voucher__reference_number", "party",
        "voucher__narration", "debit", "credit",
    )  # fmt: skip

    def fetch() -> Iterator[Row]:
        balance = opening
        yield asked.first, "", "", "", "", "Opening balance", NIL, NIL, balance
        for day, pk, number, kind, source, of, document, party, said, dr, cr in values.iterator(
            AT_A_TIME
        ):
            balance += _moved(account, dr, cr)
            yield (
                day, Word(number, Lead("voucher", pk)), kind, named(document, source, of, pk),
                party, said, dr, cr, balance,
            )  # fmt: skip

    head = (
        "date", "voucher", "type", "document", "party", "narration", "debit", "credit", "balance",
    )  # fmt: skip
    facts = (
        ("account", f"{account.code} {account.name}"),
        ("type", account.account_type),
        ("opening balance", opening),
        ("closing balance", closing),
    )
    return Report("Account ledger", head, Rows(fetch), ("debit", "credit"), facts)


def integrity(tenant: Tenant, period: Period) -> Report:
    """What does not hold in the books; no row where all of it does."""
    with one_moment():
        return Report("Integrity", ("broken",), [(said,) for said in broken_rules(tenant.pk)])


def dated(rows: QuerySet, column: str, period: Period) -> QuerySet:
    """The rows whose day is in the period."""
    return rows.filter(**{f"{column}__range": (period.first, period.last)})


def received(tenant: Tenant, period: Period) -> QuerySet:
    """Money that came in the period, by the day of its receipt, what bounced later included.

    What a gateway confirms after a period was closed was offered in it, and changes no report of
    it; nor does what bounces then.
    """
    came = Payment.objects.filter(tenant=tenant, status__in=CAME)
    # The tenant twice: vouchers are found by tenant and day.
    return dated(came.filter(voucher__tenant=tenant), "voucher__date", period)


def bounced_in(tenant: Tenant, period: Period) -> QuerySet:
    """Payments that were undone in the period, by the day of their reversal in the books."""
    gone = Payment.objects.filter(tenant=tenant, status=PaymentState.REVERSED)
    undone = gone.filter(voucher__reversal__tenant=tenant)
    return dated(undone, "voucher__reversal__date", period)


def named(document: str, source: str, of: int, voucher: int) -> Word:
    """A document's number, leading to its page, or where it has none to its voucher's."""
    page = PAGES.get(source)
    return Word(document, Lead(page, of) if page else Lead("voucher", voucher))


def _moved(account: Account, debit: Decimal, credit: Decimal) -> Decimal:
    change = debit - credit
    return change if account.account_type in DEBIT_NATURED else -change


def _balance(account: Account, lines: QuerySet[VoucherLine]) -> Decimal:
    sums: dict[str, Any] = lines.aggregate(debit=Sum("debit"), credit=Sum("credit"))
    return _moved(account, sums["debit"] or NIL, sums["credit"] or NIL)


def one_day(day: date) -> dict[str, str]:
    """What narrows a report to a day."""
    return {"date": day.isoformat()}
