"""What was billed and credited: by test, by day, by rate of GST, and line by line. Reads only."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, ExpressionWrapper, F, Q, QuerySet, Sum

from config.money import MoneyField
from config.tenancy.models import Tenant
from health.identifiers import is_gstin
from health.models import (
    CreditNote,
    CreditNoteItem,
    GivenUpNumber,
    Refund,
    Status,
    TestInvoice,
    TestInvoiceItem,
)
from health.report import NIL, Day, Figure, Lead, Number, Period, Report, Row, Rows, Word
from health.reporting import AT_A_TIME, bounced_in, dated, one_day, received
from health.reporting_habits import branch_name

TAXES = ("cgst_amount", "sgst_amount", "igst_amount", "cess_amount")
RATES = ("cgst_rate", "igst_rate", "cess_rate")
# Lines of notes that reduce no tax, and stand in no return of GST.
FINANCIAL = "FINANCIAL"
NAMES = ("test_name", "panel_name", "test_id", "panel_id")
TAX = ExpressionWrapper(
    F("cgst_amount") + F("sgst_amount") + F("igst_amount") + F("cess_amount"),
    output_field=MoneyField(),
)


def revenue(tenant: Tenant, period: Period) -> Report:
    """What each test and panel brought before tax, by its name on the bill, less credit notes.

    What a discount on the whole takes before tax is in the discount of its lines.
    """
    found: dict[tuple[str, str], list[Any]] = {}
    billed = _items(tenant, period).values(*NAMES)
    for row in billed.annotate(count=Count("id"), gross=Sum("rate"), net=Sum("taxable_amount")):
        sums = found.setdefault(_named(row), [0, NIL, NIL, NIL])
        for place, column in enumerate(("count", "gross", "net")):
            sums[place] += row[column]
    credited = _credited(tenant, period).values(*(f"invoice_item__{name}" for name in NAMES))
    for row in credited.annotate(net=Sum("taxable_amount")):
        sums = found.setdefault(_named(row, "invoice_item__"), [0, NIL, NIL, NIL])
        sums[3] += row["net"]
    rows = [_revenue_row(*named, *sums) for named, sums in found.items()]
    rows.sort(key=lambda row: (-row[6], row[0], row[1]))
    head = ("test or panel", "kind", "count", "gross", "discount", "credited", "net")
    return Report("Revenue", head, rows, head[3:])


def _revenue_row(
    name: str, kind: str, count: int, gross: Decimal, net: Decimal, credited: Decimal
) -> Row:
    only = {"test_or_panel": name, "kind": kind}
    billed, back = Lead("lines", only=only), Lead("credited-lines", only=only)
    sums = Figure(gross, billed), Figure(gross - net, billed), Figure(credited, back)
    return Word(name, billed), kind, Number(count, billed), *sums, net - credited


def revenue_by_day(tenant: Tenant, period: Period) -> Report:
    """What was billed, credited, collected, given back and bounced on each day of the period."""
    bills = _by_day(
        _bills(tenant, period), "local_date", n=Count("id"), net=Sum("taxable_amount"),
        total=Sum("final_amount"),
    )  # fmt: skip
    notes = _by_day(
        dated(CreditNote.objects.filter(tenant=tenant), "date", period),
        "date",
        total=Sum("total_amount"),
    )
    money = _by_day(received(tenant, period), "voucher__date", total=Sum("amount"))
    back = _by_day(
        dated(Refund.objects.filter(tenant=tenant), "date", period), "date", total=Sum("amount")
    )
    lost = _by_day(bounced_in(tenant, period), "voucher__reversal__date", total=Sum("amount"))
    rows = []
    for day in sorted({*bills, *notes, *money, *back, *lost}):
        only = one_day(day)
        of_day = bills.get(day, {})
        posted = Lead("bills", only=only | {"status": Status.POSTED})
        rows.append(
            (
                Day(day, posted),
                Number(of_day.get("n", 0), posted),
                Figure(of_day.get("net", NIL), posted),
                Figure(of_day.get("total", NIL), posted),
                Figure(_total(notes, day), Lead("credit-notes", only=only)),
                Figure(_total(money, day), Lead("receipts", only=only)),
                Figure(_total(back, day), Lead("refunds", only=only)),
                Figure(_total(lost, day), Lead("bounced", only=only)),
            )
        )
    head = ("date", "bills", "taxable", "billed", "credited", "collected", "refunded", "bounced")
    return Report("Revenue by day", head, rows, head[2:])


def lines(tenant: Tenant, period: Period) -> Report:
    """Every line of the bills of the period."""
    found = _items(tenant, period).annotate(tax=TAX).order_by("invoice__local_date", "invoice_id")
    values = found.values(
        *NAMES, "invoice_id", "invoice__local_date", "invoice__invoice_number", "rate", "tax",
        "invoice__patient_name", "invoice__recipient_gstin", *RATES, "taxable_amount",
        "total_amount",
    )  # fmt: skip

    def fetch() -> Iterator[Row]:
        for row in values.iterator(AT_A_TIME):
            yield (
                row["invoice__local_date"],
                Word(row["invoice__invoice_number"], Lead("invoice", row["invoice_id"])),
                row["invoice__patient_name"],
                *_named(row),
                _supplies(row, row["invoice__recipient_gstin"]),
                f"{_rate(row):f}",
                row["rate"],
                row["rate"] - row["taxable_amount"],
                row["taxable_amount"],
                row["tax"],
                row["total_amount"],
            )

    head = (
        *("date", "invoice", "patient", "test or panel", "kind", "supplies", "rate"),
        *("gross", "discount", "taxable", "tax", "total"),
    )
    return Report("Lines of bills", head, Rows(fetch), head[7:])


def credited_lines(tenant: Tenant, period: Period) -> Report:
    """What the credit notes of the period took of each line."""
    of = "invoice_item__"
    found = _credited(tenant, period).annotate(tax=TAX).order_by("credit_note__date", "id")
    values = found.values(
        *(f"{of}{name}" for name in (*NAMES, *RATES, "invoice_id")),
        *(f"{of}invoice__{name}" for name in ("invoice_number", "patient_name")),
        f"{of}invoice__recipient_gstin", "credit_note__date", "credit_note__number",
        "credit_note__is_financial", "taxable_amount", "tax", "total_amount",
    )  # fmt: skip

    def fetch() -> Iterator[Row]:
        for row in values.iterator(AT_A_TIME):
            supplies = _supplies(row, row[f"{of}invoice__recipient_gstin"], of)
            yield (
                row["credit_note__date"],
                row["credit_note__number"],
                Word(row[f"{of}invoice__invoice_number"], Lead("invoice", row[f"{of}invoice_id"])),
                row[f"{of}invoice__patient_name"],
                *_named(row, of),
                FINANCIAL if row["credit_note__is_financial"] else f"CREDIT {supplies}",
                f"{_rate(row, of):f}",
                row["taxable_amount"],
                row["tax"],
                row["total_amount"],
            )

    head = (
        *("date", "credit note", "invoice", "patient", "test or panel", "kind", "supplies"),
        *("rate", "taxable", "tax", "total"),
    )
    return Report("Lines of credit notes", head, Rows(fetch), head[8:])


def gst_summary(tenant: Tenant, period: Period) -> Report:
    """Taxable value and tax by rate, apart for registered recipients, as GSTR-1 asks for them.

    Credit notes stand below with their amounts below zero; those that reduce no tax are left out.
    """
    columns = ("taxable_amount", *TAXES)
    # Under names of their own: a sum may not be called as a column.
    sums = {f"sum_{name}": Sum(name) for name in columns}
    by_kind: dict[tuple[str, Decimal], list[Decimal]] = {}
    billed = _items(tenant, period).values(*RATES, "invoice__recipient_gstin")
    found: Iterable[Any] = billed.annotate(**sums)
    for row in found:
        kind = _supplies(row, row["invoice__recipient_gstin"])
        _add(by_kind, kind, _rate(row), [row[name] for name in sums])
    of = "invoice_item__"
    groups = (*(f"{of}{name}" for name in RATES), f"{of}invoice__recipient_gstin")
    reducing = _credited(tenant, period).filter(credit_note__is_financial=False)
    found = reducing.values(*groups).annotate(**sums)
    for row in found:
        kind = f"CREDIT {_supplies(row, row[groups[-1]], of)}"
        _add(by_kind, kind, _rate(row, of), [-row[name] for name in sums])
    ordered = sorted(by_kind.items(), key=lambda found: (found[0][0][:6] == "CREDIT", found[0]))
    rows = [_gst_row(kind, rate, amounts) for (kind, rate), amounts in ordered]
    head = ("supplies", "rate", "taxable", "cgst", "sgst", "igst", "cess")
    return Report("GST summary", head, rows, head[2:])


def _gst_row(kind: str, rate: Decimal, amounts: Iterable[Decimal]) -> Row:
    behind = "credited-lines" if kind.startswith("CREDIT") else "lines"
    lead = Lead(behind, only={"supplies": kind, "rate": f"{rate:f}"})
    return Word(kind, lead), f"{rate:f}", *(Figure(amount, lead) for amount in amounts)


def _add(
    by_kind: dict[tuple[str, Decimal], list[Decimal]],
    kind: str,
    rate: Decimal,
    amounts: list[Decimal],
) -> None:
    known = by_kind.setdefault((kind, rate), [NIL] * len(amounts))
    by_kind[kind, rate] = [a + b for a, b in zip(known, amounts, strict=True)]


def bills(tenant: Tenant, period: Period) -> Report:
    """The register of invoices dated in the period, whatever became of them."""
    rows = dated(
        TestInvoice.objects.filter(tenant=tenant, is_deleted=False), "local_date", period
    ).annotate(tax=TAX)
    values = rows.order_by("local_date", "id").values_list(
        "local_date", "pk", "invoice_number", "patient_name", "branch_id", "created_by", "status",
        "payment_status", "subtotal_amount", "items_total_discount_amount", "overall_disc_amount",
        "taxable_amount", "tax", "final_amount", "credited_amount", "paid_amount", "balance_amount",
    )  # fmt: skip

    def fetch() -> Iterator[Row]:
        for day, pk, number, patient, branch, by, *others in values.iterator(AT_A_TIME):
            status, payment_status, gross, of_lines, of_whole, *amounts = others
            yield (
                day, Word(number, Lead("invoice", pk)), patient, branch_name(branch), by, status,
                payment_status, gross, of_lines + of_whole, *amounts,
            )  # fmt: skip

    head = (
        *("date", "invoice", "patient", "branch", "by", "status", "payment status"),
        *("gross", "discount", "taxable", "tax", "total", "credited", "paid", "balance"),
    )
    return Report("Bills", head, Rows(fetch), head[7:])


def credit_notes(tenant: Tenant, period: Period) -> Report:
    """The register of credit notes."""
    notes = dated(CreditNote.objects.filter(tenant=tenant), "date", period).annotate(tax=TAX)
    values = notes.order_by("date", "id").values_list(
        "date", "pk", "number", "invoice_id", "invoice__invoice_number", "invoice__patient_name",
        "reason", "taxable_amount", "tax", "total_amount",
    )  # fmt: skip

    def fetch() -> Iterator[Row]:
        for day, pk, number, of, invoice, *others in values.iterator(AT_A_TIME):
            yield (
                day, Word(number, Lead("credit note", pk)), Word(invoice, Lead("invoice", of)),
                *others,
            )  # fmt: skip

    head = ("date", "credit note", "invoice", "patient", "reason", "taxable", "tax", "total")
    return Report("Credit notes", head, Rows(fetch), head[5:])


def document_series(tenant: Tenant, period: Period) -> Report:
    """From which number to which documents were issued, series by series (GSTR-1, table 13).

    A series is what stands before a number's last digits. Drafts are not issued; the number of one
    that was cancelled, put away or numbered anew counts as cancelled.
    """
    posted = Q(status=Status.POSTED) | Q(status=Status.CANCELLED, voucher__isnull=False)
    invoices = TestInvoice.objects.filter(posted, tenant=tenant)
    given_up = GivenUpNumber.objects.filter(tenant=tenant)
    notes = CreditNote.objects.filter(tenant=tenant)
    issued = [
        ("Invoices", number, status == Status.CANCELLED)
        for number, status in dated(invoices, "local_date", period).values_list(
            "invoice_number", "status"
        )
    ]
    issued += [
        ("Invoices", number, True)
        for number in dated(given_up, "date", period).values_list("number", flat=True)
    ]
    issued += [
        ("Credit notes", number, False)
        for number in dated(notes, "date", period).values_list("number", flat=True)
    ]
    by_series: dict[tuple[str, str], list[tuple[int, str, bool]]] = {}
    for kind, number, is_cancelled in issued:
        prefix = number.rstrip("0123456789")
        place = int(number[len(prefix) :] or 0)
        by_series.setdefault((kind, prefix), []).append((place, number, is_cancelled))
    ends = {series: (min(rows)[1], max(rows)[1]) for series, rows in by_series.items()}
    pages = _pages(tenant, {number for two in ends.values() for number in two})
    rows: list[Row] = []
    for (kind, prefix), numbers in sorted(by_series.items(), reverse=True):
        count, off = len(numbers), sum(is_cancelled for _, _, is_cancelled in numbers)
        first, last = (pages.get((kind, number), number) for number in ends[kind, prefix])
        rows.append((kind, prefix, first, last, count, off, count - off))
    head = ("documents", "series", "from", "to", "count", "cancelled", "net")
    return Report("Documents issued", head, rows, head[4:])


def _pages(tenant: Tenant, numbers: set[str]) -> dict[tuple[str, str], Word]:
    """The documents of these numbers, leading to their pages."""
    bills = TestInvoice.objects.filter(tenant=tenant, invoice_number__in=numbers, is_deleted=False)
    notes = CreditNote.objects.filter(tenant=tenant, number__in=numbers)
    of_bills = bills.values_list("invoice_number", "pk")
    of_notes = notes.values_list("number", "pk")
    return {
        **{("Invoices", number): Word(number, Lead("invoice", pk)) for number, pk in of_bills},
        **{
            ("Credit notes", number): Word(number, Lead("credit note", pk))
            for number, pk in of_notes
        },
    }


def unposted(tenant: Tenant, period: Period) -> Report:
    """Drafts dated in the period: billed to nobody yet."""
    drafts = TestInvoice.objects.filter(tenant=tenant, status=Status.DRAFT, is_deleted=False)
    found = dated(drafts, "local_date", period).order_by("local_date", "id")
    rows = [
        (day, Word(number, Lead("invoice", pk)), patient, by, amount)
        for day, pk, number, patient, by, amount in found.values_list(
            "local_date", "pk", "invoice_number", "patient_name", "created_by", "final_amount"
        )
    ]
    head = ("date", "invoice", "patient", "by", "amount")
    return Report("Unposted drafts", head, rows, ("amount",))


def _bills(tenant: Tenant, period: Period) -> QuerySet[TestInvoice]:
    posted = TestInvoice.objects.filter(tenant=tenant, status=Status.POSTED)
    return dated(posted, "local_date", period)


def _items(tenant: Tenant, period: Period) -> QuerySet[TestInvoiceItem]:
    posted = TestInvoiceItem.objects.filter(
        invoice__tenant=tenant, invoice__status=Status.POSTED
    ).order_by()
    return dated(posted, "invoice__local_date", period)


def _credited(tenant: Tenant, period: Period) -> QuerySet[CreditNoteItem]:
    items = CreditNoteItem.objects.filter(credit_note__tenant=tenant).order_by()
    return dated(items, "credit_note__date", period)


def _by_day(rows: QuerySet, column: str, **sums: Any) -> dict[date, dict[str, Any]]:
    found = rows.order_by().values(column).annotate(**sums)
    return {row.pop(column): row for row in found}


def _total(days: dict[date, dict[str, Any]], day: date) -> Decimal:
    return days[day]["total"] if day in days else NIL


def _named(row: Mapping[str, Any], prefix: str = "") -> tuple[str, str]:
    """What a line calls its test or panel, and which of the two it is: numbers alone do not say."""
    said = ((name, row[f"{prefix}{name}"]) for name in NAMES)
    name, word = next(((name, word) for name, word in said if word), ("test", ""))
    return str(word), name.partition("_")[0]


def _rate(row: Mapping[str, Any], prefix: str = "") -> Decimal:
    return row[f"{prefix}cgst_rate"] * 2 + row[f"{prefix}igst_rate"]


def _supplies(row: Mapping[str, Any], gstin: str, prefix: str = "") -> str:
    """As GSTR-1 has them: who has no GSTIN that holds is no registered recipient, and what bears a
    cess alone is taxed.
    """
    is_taxed = any(row[f"{prefix}{rate}"] for rate in RATES)
    return "NIL/EXEMPT" if not is_taxed else "B2B" if is_gstin(gstin) else "B2C"
