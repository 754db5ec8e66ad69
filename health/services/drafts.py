"""What a draft says once part of it is said anew: the rest stays, and the sums follow."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from health.findings import Finding, mismatch
from health.identifiers import mobile
from health.models import DiscountMode, TestInvoice
from health.services.checking import Checked, check, supply_of
from health.services.picking import OF_PATIENT

HEADER = (
    *("due_date", "branch_id", "test_order_id", "patient_id", "patient_name", "patient_phone"),
    *("patient_email", "place_of_supply", "recipient_gstin", "notes", "tags"),
)
AMOUNTS = ("overall_disc_percentage", "overall_disc_amount", "roundoff")
LINE = ("line_no", "test_id", "test_name", "panel_id", "panel_name", "sac", "remarks")
# What a line says before discounts on the whole and taxes.
PRICE = (
    *("rate", "disc_percentage", "disc_amount", "cgst_rate", "sgst_rate", "igst_rate"),
    "cess_rate",
)
KEYS = frozenset({"id", "invoice_id"})
NAMES_A_MASTER = frozenset({"patient_id", "test_order_id"})
OF_MASTER = ("patient_id", *OF_PATIENT)


def judged(invoice: TestInvoice) -> Checked:
    """The draft as it stands, by what the laboratory asks for now. Raises InvalidInvoice."""
    return check(invoice.tenant, _as_it_says(invoice, {}), instead_of=invoice.pk)


def not_its_lines(invoice: TestInvoice, checked: Checked) -> list[Finding]:
    """The sums of the draft that its lines, judged in `checked`, do not say."""
    return [
        mismatch(name, computed, stored, "TOTALS_MISMATCH")
        for name, computed in checked.header.items()
        if (stored := getattr(invoice, name)) != computed
    ]


def said_anew(
    invoice: TestInvoice, different: Mapping[str, Any], named: Collection[str]
) -> tuple[Checked, dict[str, Any]]:
    """The draft with what is `different`, and the fields that change; `named` are all that the
    request names. With new lines, the amounts that are not named follow from them.

    Raises InvalidInvoice.
    """
    said = {**_as_it_says(invoice, different), **different}
    if "overall_disc_amount" in different and "overall_disc_percentage" not in named:
        said["overall_disc_percentage"] = 0  # agreed instead of it
    checked = check(invoice.tenant, said, instead_of=invoice.pk)
    changes = {n: v for n, v in different.items() if n != "items" and n not in checked.header}
    if not different.keys().isdisjoint(NAMES_A_MASTER):
        # What a master knew of the patient, as where the bill was made from it.
        changes |= {name: checked.said[name] for name in OF_MASTER if checked.said.get(name)}
    changes |= {
        **checked.header,
        "warnings": checked.warnings,
        "supply_type": checked.supply_type,
        "discount_mode": checked.discount_mode,
    }
    if "patient_phone" in changes:
        changes["patient_phone_normal"] = mobile(changes["patient_phone"]) or ""
    # By the zone of today, as the day it is due was judged.
    local = checked.said["invoice_date"].astimezone(invoice.tenant.zone)
    changes |= {"local_date": local.date(), "local_time": local.time()}
    return checked, changes


def is_shared_anew(invoice: TestInvoice, different: Mapping[str, Any]) -> bool:
    """Whether the lines bear another part of a discount before tax than they did."""
    modes = {invoice.discount_mode, different.get("discount_mode", invoice.discount_mode)}
    discount = ("discount_mode", "overall_disc_percentage", "overall_disc_amount")
    return DiscountMode.PRE_TAX in modes and not different.keys().isdisjoint(discount)


def lines_told(invoice: TestInvoice) -> list[dict[str, Any]]:
    """The lines as history keeps them: whatever they say, amounts and rates as texts."""
    rows = invoice.items.order_by("line_no").values()
    return [
        {n: str(v) if isinstance(v, Decimal) else v for n, v in row.items() if n not in KEYS}
        for row in rows
    ]


def _as_it_says(invoice: TestInvoice, different: Mapping[str, Any]) -> dict[str, Any]:
    """What the draft says, as far as it stays when what is `different` is said.

    Of new lines only the amounts follow: a percentage and a discount that was agreed stay, and a
    kind of supply that the old lines did not tell by themselves.
    """
    said = {name: getattr(invoice, name) for name in ("invoice_number", *HEADER)}
    said["invoice_date"] = invoice.invoice_date.astimezone(invoice.tenant.zone)
    said["discount_mode"] = invoice.discount_mode
    said["overall_disc_percentage"] = invoice.overall_disc_percentage
    if "items" not in different:
        kept = (*LINE, *PRICE) if is_shared_anew(invoice, different) else ()
        said["items"] = list(invoice.items.values(*kept))
        said |= {name: getattr(invoice, name) for name in (*AMOUNTS, "supply_type")}
    else:
        if not invoice.overall_disc_percentage:
            said["overall_disc_amount"] = invoice.overall_disc_amount
        if invoice.supply_type != supply_of(invoice.items.values()):
            said["supply_type"] = invoice.supply_type
    if "overall_disc_percentage" in different:
        said["overall_disc_amount"] = None  # the old percentage's
    return said
