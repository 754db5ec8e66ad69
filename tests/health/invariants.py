"""The ten invariants of health.md section 6, asked of the bare rows and in paise.

Nothing here uses the code that it judges: neither its sums nor its selectors.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.health.books import Held, Row, grouped
from tests.health.invariants_of_days import allowing, broken_days

TAXES = ("cgst_amount", "sgst_amount", "igst_amount", "cess_amount")
SUMS = {
    "subtotal_amount": "rate",
    "items_total_discount_amount": "disc_amount",
    **{name: name for name in ("taxable_amount", *TAXES)},
}
TAX_ACCOUNTS = {
    "2310-GST-CGST-OUT": "cgst_amount",
    "2320-GST-SGST-OUT": "sgst_amount",
    "2330-GST-IGST-OUT": "igst_amount",
    "2340-GST-CESS-OUT": "cess_amount",
}
LEGAL = {"DRAFT": {"DRAFT", "POSTED", "CANCELLED"}, "POSTED": {"POSTED", "CANCELLED"}}
SAYS = (
    *("tenant_id", "invoice_number", "invoice_date", "local_date", "patient_id", "patient_name"),
    *("patient_email", "patient_phone_normal", "warnings"),
    *("test_order_id", "supply_type", "roundoff", "final_amount", *SUMS),
    *("overall_disc_percentage", "overall_disc_amount", "created_by", "created_at"),
)


def broken(held: Held) -> Iterator[str]:
    """What does not hold of invariants 1 to 4, 6, 7 and 9, nor on the days between, in words."""
    yield from _vouchers(held)
    yield from _invoices(held)
    yield from _numbers(held)
    yield from _money(held)
    yield from _control_accounts(held)
    yield from broken_days(held)
    yield from _tenants(held)


def moved_wrongly(before: Held, after: Held) -> Iterator[str]:
    """What invariants 5 and 10 forbid between two moments: facts that changed, illegal moves."""
    for table in (
        "vouchers",
        "voucher_lines",
        "voucher_seals",
        "credit_notes",
        "period_locks",
        "given_up_numbers",
    ):
        kept = {row["id"]: row for row in after[table]}
        if any(kept.get(row["id"]) != row for row in before[table]):
            yield f"5: {table} changed"
    now = {row["id"]: row for row in after["test_invoices"]}
    lines = (grouped(held["test_invoice_items"], "invoice_id") for held in (before, after))
    lines_before, lines_now = lines
    for row in before["test_invoices"]:
        new = now[row["id"]]
        if new["status"] not in LEGAL.get(row["status"], {row["status"]}):
            yield f"10: {row['id']} went from {row['status']} to {new['status']}"
        if row["status"] != "DRAFT" and (
            any(row[name] != new[name] for name in SAYS)
            or lines_before[row["id"]] != lines_now[row["id"]]
        ):
            yield f"5: posted invoice {row['id']} changed"
    was = {row["id"]: row["status"] for row in before["test_invoices"]}
    for row in after["test_invoices"]:
        old = was.get(row["id"], "DRAFT")
        moved = old != row["status"] and "POSTED" in (old, row["status"])
        if moved and _is_locked(before, row):
            yield f"10: {row['id']} became {row['status']} in a locked period"
    new_vouchers = after["vouchers"][len(before["vouchers"]) :]
    for lock in before["period_locks"]:
        for voucher in new_vouchers:
            if voucher["tenant_id"] == lock["tenant_id"] and voucher["date"] <= lock["locked_upto"]:
                taxed = voucher["reference_type"] in ("TEST_INVOICE", "CREDIT_NOTE")
                if lock["scope"] == "ALL" or taxed:
                    yield f"10: {voucher['voucher_number']} in a locked period"


def _is_locked(held: Held, bill: Row) -> bool:
    locks = (lock for lock in held["period_locks"] if lock["tenant_id"] == bill["tenant_id"])
    return any(bill["local_date"] <= lock["locked_upto"] for lock in locks)


def _vouchers(held: Held) -> Iterator[str]:
    lines = grouped(held["voucher_lines"], "voucher_id")
    seals = {seal["id"]: seal for seal in held["voucher_seals"]}
    balance: Counter[Any] = Counter()
    for voucher in held["vouchers"]:
        own, seal = lines[voucher["id"]], seals[voucher["seal_id"]]
        debit, credit = (sum(line[side] for line in own) for side in ("debit", "credit"))
        balance[voucher["tenant_id"]] += debit - credit
        one_sided = all((line["debit"] > 0) != (line["credit"] > 0) for line in own)
        positive = all(line["debit"] >= 0 and line["credit"] >= 0 for line in own)
        sealed = (seal["total"], seal["line_count"]) == (debit, len(own))
        if not (debit == credit > 0 and len(own) >= 2 and one_sided and positive and sealed):
            yield f"1: voucher {voucher['voucher_number']}"
    if any(balance.values()):
        yield f"1: trial balance {balance}"
    if Counter(seal["tenant_id"] for seal in held["voucher_seals"]) != Counter(
        {head["tenant_id"]: head["sequence"] for head in held["ledger_heads"] if head["sequence"]}
    ):
        yield "1: the chain's ends"


def _invoices(held: Held) -> Iterator[str]:
    vouchers = grouped(held["vouchers"], "reference_type", "reference_id")
    lines = grouped(held["voucher_lines"], "voucher_id")
    items = grouped(held["test_invoice_items"], "invoice_id")
    notes = grouped(held["credit_notes"], "invoice_id")
    codes = {account["id"]: account["code"] for account in held["account_masters"]}
    for row in held["test_invoices"]:
        name, own = row["invoice_number"], vouchers[("TEST_INVOICE", row["id"])]
        for total, column in SUMS.items():
            if row[total] != sum(item[column] for item in items[row["id"]]):
                yield f"3: {total} of {name}"
        taxes = sum(row[tax] for tax in TAXES)
        after_tax = row["overall_disc_amount"] if row["discount_mode"] == "POST_TAX" else 0
        if row["final_amount"] != row["taxable_amount"] + taxes - after_tax + row["roundoff"]:
            yield f"3: final amount of {name}"
        posted = row["voucher_id"] is not None
        originals = [v for v in own if v["reverses_id"] is None]
        reversals = [v for v in own if v["reverses_id"] is not None]
        if [v["id"] for v in originals] != ([row["voucher_id"]] if posted else []):
            yield f"2: originals of {name}"
        if row["status"] == "POSTED" and row["final_amount"] and not posted:
            yield f"2: no voucher of {name}"
        if len(reversals) != (posted and row["status"] == "CANCELLED"):
            yield f"2: reversals of {name}"
        if not posted:
            continue
        first = lines[row["voucher_id"]][0]
        receivable = _part(codes[first["account_id"]])
        if (receivable, first["debit"]) != ("1100-AR", row["final_amount"]):
            yield f"2: receivable of {name}"
        if row["voucher_layout"] == "SPLIT":
            told = Counter({c: row[t] for c, t in TAX_ACCOUNTS.items() if row[t]})
            booked: Counter[str] = Counter()
            for line in lines[row["voucher_id"]]:
                if (part := _part(codes[line["account_id"]])) in TAX_ACCOUNTS:
                    booked[part] += line["credit"] - line["debit"]
            if told != booked:
                yield f"2: taxes of {name}"
        credited = notes[row["id"]]
        if sum(note["total_amount"] for note in credited) != row["credited_amount"]:
            yield f"6: credit notes of {name}"
        over = row["status"] == "CANCELLED" or (
            row["credited_amount"] == row["final_amount"]
            and not any(note["is_financial"] for note in credited)
        )
        if over:
            about = own + [v for n in credited for v in vouchers[("CREDIT_NOTE", n["id"])]]
            net: Counter[str] = Counter()
            for line in (line for v in about for line in lines[v["id"]]):
                net[codes[line["account_id"]]] += line["debit"] - line["credit"]
            if any(net.values()):
                yield f"2: {name} is undone, and leaves {net}"


def _part(code: str) -> str:
    """The template's account, which another one played the part of for a while."""
    return code.partition(".")[0]


def _numbers(held: Held) -> Iterator[str]:
    """Gapless: vouchers and receipts of a day, notes of a financial year."""
    for table, column, form in (
        ("vouchers", "voucher_number", r"([A-Z]+\d{8})(\d{4,})"),
        ("payments", "number", r"(RCPT\d{8})(\d{4,})"),
        ("credit_notes", "number", r"(CN/\d{4}/)(\d{6,})"),
    ):
        series: dict[Any, list[int]] = {}
        for row in held[table]:
            if found := re.fullmatch(form, row[column]):
                series.setdefault((row["tenant_id"], found[1]), []).append(int(found[2]))
        for key, numbers in series.items():
            if sorted(numbers) != list(range(1, len(numbers) + 1)):
                yield f"4: {key} {sorted(numbers)}"


def _word(paid: int, net: int) -> str:
    if not paid:
        return "UNPAID"
    return "PARTIAL" if paid < net else "PAID" if paid == net else "OVERPAID"


def _money(held: Held) -> Iterator[str]:
    of_invoice = grouped(held["payment_allocations"], "invoice_id")
    of_payment = grouped(held["payment_allocations"], "payment_id")
    back = grouped(held["payment_refunds"], "payment_id")
    allow = allowing(held)
    for row in held["test_invoices"]:
        paid = sum(allocation["amount"] for allocation in of_invoice[row["id"]])
        if row["paid_amount"] != paid or paid < 0:
            yield f"6: {row['invoice_number']} paid {row['paid_amount']}, allocated {paid}"
        if row["payment_status"] != _word(paid, row["final_amount"] - row["credited_amount"]):
            yield f"6: {row['invoice_number']} is called {row['payment_status']}"
        if paid > row["final_amount"] and row["tenant_id"] not in allow:
            yield f"6: {row['invoice_number']} is over-allocated"
    for row in held["payments"]:
        spent = sum(allocation["amount"] for allocation in of_payment[row["id"]])
        given = sum(refund["amount"] for refund in back[row["id"]])
        if (row["allocated_amount"], row["refunded_amount"]) != (spent, given):
            yield f"6: {row['number']} spent {spent}, gave back {given}"
        if spent < 0 or spent + given > row["amount"]:
            yield f"6: {row['number']} is spent twice"


def _control_accounts(held: Held) -> Iterator[str]:
    codes = {account["id"]: account["code"] for account in held["account_masters"]}
    tenants = {voucher["id"]: voucher["tenant_id"] for voucher in held["vouchers"]}
    booked: Counter[Any] = Counter()
    stands: dict[int | None, str] = {None: "1100-AR"}
    for line in held["voucher_lines"]:
        code = codes[line["account_id"]]
        if line["line_no"] == 1:
            stands[line["voucher_id"]] = code
        # A receivable stands on the account of its bill, whichever plays the part by now.
        account = code if _part(code) == "1100-AR" else _part(code)
        key = (tenants[line["voucher_id"]], account, line["patient_ref"])
        booked[key] += line["debit"] - line["credit"]
    owed: Counter[Any] = Counter()
    for row in held["test_invoices"]:
        if row["status"] == "POSTED":
            owed[row["tenant_id"], stands[row["voucher_id"]], row["patient_id"]] += (
                row["final_amount"] - row["credited_amount"] - row["paid_amount"]
            )
    for row in held["payments"]:
        if row["status"] == "POSTED":
            owed[row["tenant_id"], "2200-PAT-ADV", row["patient_id"]] -= (
                row["amount"] - row["allocated_amount"] - row["refunded_amount"]
            )
    controls = ("1100-AR", "2200-PAT-ADV")
    for key in owed.keys() | {key for key in booked if _part(key[1]) in controls}:
        if booked[key] != owed[key]:
            yield f"7: {key} has {booked[key]}, documents say {owed[key]}"
        if key[1] == "2200-PAT-ADV" and booked[key] > 0:
            yield f"7: advances of {key} are below nought"


def _tenants(held: Held) -> Iterator[str]:
    def of(table: str) -> dict[Any, Any]:
        return {row["id"]: row.get("tenant_id") for row in held[table]}

    owners = {table: of(table) for table in held}
    pairs: list[tuple[str, str, str]] = [
        ("vouchers", "voucher_type_id", "voucher_types"),
        ("vouchers", "seal_id", "voucher_seals"),
        ("vouchers", "reverses_id", "vouchers"),
        ("test_invoices", "voucher_id", "vouchers"),
        ("test_invoices", "reversal_voucher_id", "vouchers"),
        ("credit_notes", "invoice_id", "test_invoices"),
        ("payments", "invoice_id", "test_invoices"),
        ("payments", "voucher_id", "vouchers"),
        ("payment_allocations", "payment_id", "payments"),
        ("payment_allocations", "invoice_id", "test_invoices"),
        ("payment_refunds", "payment_id", "payments"),
        ("account_mappings", "account_id", "account_masters"),
    ]
    for table, column, target in pairs:
        for row in held[table]:
            if row[column] is not None and owners[target][row[column]] != row["tenant_id"]:
                yield f"9: {table}.{column} of {row['id']}"
    vouchers = owners["vouchers"]
    for line in held["voucher_lines"]:
        if vouchers[line["voucher_id"]] != owners["account_masters"][line["account_id"]]:
            yield f"9: line {line['id']}"


def of_tenant(held: Held, tenant_id: int) -> dict[str, list[Row]]:
    """The tenant's own rows, where a row says whose it is."""
    return {
        table: [row for row in rows if row.get("tenant_id") == tenant_id]
        for table, rows in held.items()
    }
