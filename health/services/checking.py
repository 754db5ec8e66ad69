"""A request becomes an invoice that adds up, or a refusal that says which fields do not."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils import timezone

from config.problems import FieldError
from config.tenancy.models import Tenant
from health import errors
from health.findings import Finding
from health.gst import TAXES, Computed, Rules, compute
from health.identifiers import is_gst_invoice_number, is_gstin, mobile
from health.models import LabSettings, Status, SupplyType, TestInvoice
from health.services.picking import pick
from health.writing import read

TAXED_BY = ("rate", "amount")
DUE_TOO_EARLY = Finding("due_date", "VALIDATION_ERROR", "It cannot be due before it is dated.")


@dataclass(frozen=True, slots=True)
class Checked:
    """A request with its date and every amount filled in, and what a person should know of it."""

    said: Mapping[str, Any]
    header: dict[str, Decimal]
    lines: list[dict[str, Decimal]]
    warnings: list[dict[str, Any]]
    lab: LabSettings
    discount_mode: str

    @property
    def supply_type(self) -> str:
        """Exempt unless taxed: what a clinical laboratory does is (Notification 12/2017, 74)."""
        return self.said.get("supply_type") or supply_of(self.lines)


def supply_of(lines: Iterable[Mapping[str, Any]]) -> str:
    """Which kind of supply lines are by themselves."""
    taxed = any(line[f"{tax}_rate"] for line in lines for tax in TAXES)
    return SupplyType.TAXABLE if taxed else SupplyType.EXEMPT


def settings_of(tenant: Tenant) -> LabSettings:
    """How the tenant's laboratory wants it; defaults where nobody has said."""
    kept = read(LabSettings, tenant.pk)
    return kept[0] if kept else LabSettings(tenant=tenant)


def check(tenant: Tenant, said: Mapping[str, Any], *, instead_of: int | None = None) -> Checked:
    """Judge a request by the rules V1 to V16 of health.md section 2. Reads only.

    What it leaves out and names a master for is taken from there. `instead_of` is the draft whose
    content it would replace. Raises InvalidInvoice with every finding; what the tenant is strict
    about is one of them instead of a warning.
    """
    lab = settings_of(tenant)
    home = lab.home_state
    picked = pick(tenant, said, home)
    if picked.missing:
        raise refused(picked.missing)
    said = picked.said
    said["invoice_date"] = said.get("invoice_date") or timezone.now().replace(microsecond=0)
    mode = said.get("discount_mode") or lab.discount_mode
    rules = Rules(
        roundoff_limit=lab.roundoff_limit,
        roundoff_to_rupee=lab.strict_roundoff,
        is_inter_state=bool(home) and (said.get("place_of_supply") or home) != home,
    )
    computed = compute({**said, "discount_mode": mode}, said["items"], rules)
    found = [*computed.errors, *_errors(tenant, said, computed)]
    warnings = list(computed.warnings)
    doubts = _doubts(tenant, lab, said, computed, instead_of)
    for is_strict, finding in (*doubts, *((False, doubt) for doubt in picked.doubts)):
        (found if is_strict else warnings).append(finding)
    if lab.strict_masters:
        found += picked.unknown
    if found:
        raise refused(found)
    return Checked(said, computed.header, computed.lines, [told(w) for w in warnings], lab, mode)


def billed_before(invoice: TestInvoice) -> Finding | None:
    """That another posted invoice is for the same order, or None where there is none."""
    return _billed(invoice.tenant, invoice.test_order_id, invoice.pk)


def refused(findings: list[Finding]) -> errors.InvalidInvoice:
    """The refusal that carries every finding; the first one gives the sentence."""
    return errors.InvalidInvoice(
        findings[0].message,
        message_ar=findings[0].message_ar,
        errors=[
            FieldError(f.param, f.code, f.message, f.message_ar, expected=f.expected, got=f.got)
            for f in findings
        ],
    )


def told(finding: Finding) -> dict[str, Any]:
    """A warning as it is kept with the invoice and answered."""
    words = {
        "code": finding.code,
        "field": finding.param,
        "message": finding.message,
        "message_ar": finding.message_ar,
    }
    if finding.expected is not None:
        words |= {"expected": finding.expected, "got": finding.got or ""}
    return words


def _errors(tenant: Tenant, said: Mapping[str, Any], computed: Computed) -> Iterator[Finding]:
    seen: set[int] = set()
    for position, line in enumerate(said["items"]):
        path = f"items[{position}]"
        is_test = bool(line.get("test_id") or line.get("test_name"))
        is_panel = bool(line.get("panel_id") or line.get("panel_name"))
        if is_test == is_panel:
            message = "A line is for one test or for one panel."
            yield Finding(path, "MISSING_ITEM_REFERENCE", message)
        if line["line_no"] in seen:
            message = f"Line number {line['line_no']} is used twice."
            yield Finding(f"{path}.line_no", "VALIDATION_ERROR", message)
        seen.add(line["line_no"])
    moment: datetime = said["invoice_date"]
    due = said.get("due_date")
    if due and due < moment.astimezone(tenant.zone).date():
        yield DUE_TOO_EARLY
    taxed = any(
        line[f"{tax}_{what}"] for line in computed.lines for tax in TAXES for what in TAXED_BY
    )
    if taxed and said.get("supply_type") in (SupplyType.EXEMPT, SupplyType.NIL):
        message = "An exempt or nil-rated supply carries no tax."
        yield Finding("supply_type", "TAX_SPLIT_INVALID", message)


def _doubts(
    tenant: Tenant,
    lab: LabSettings,
    said: Mapping[str, Any],
    computed: Computed,
    instead_of: int | None,
) -> Iterator[tuple[bool, Finding]]:
    """(whether this tenant refuses it, what a person should know)."""
    number = said.get("invoice_number")
    if number and not is_gst_invoice_number(number):
        message = "No number for a tax invoice: at most 16 letters, digits, - and / (Rule 46)."
        yield lab.strict_gst, Finding("invoice_number", "INVALID_INVOICE_NUMBER", message)
    if said.get("patient_phone") and mobile(said["patient_phone"]) is None:
        message = "Not an Indian mobile number."
        yield lab.strict_phone, Finding("patient_phone", "INVALID_PHONE", message)
    if said.get("recipient_gstin") and not is_gstin(said["recipient_gstin"]):
        message = "Not a GSTIN: its form or its check digit is wrong."
        yield lab.strict_gst, Finding("recipient_gstin", "INVALID_GSTIN", message)
    if not lab.gstin and any(computed.header[f"{tax}_amount"] for tax in TAXES):
        message = "GST is charged, but the laboratory's own GSTIN is not set."
        yield lab.strict_gst, Finding("cgst_amount", "SUPPLIER_GSTIN_MISSING", message)
    if finding := _billed(tenant, said.get("test_order_id"), instead_of):
        yield lab.strict_orders, finding


def _billed(tenant: Tenant, order: int | None, instead_of: int | None) -> Finding | None:
    if order is None:
        return None
    posted = TestInvoice.objects.filter(tenant=tenant, test_order_id=order, status=Status.POSTED)
    # What was credited altogether is billed no more.
    posted = posted.exclude(final_amount__gt=0, credited_amount=F("final_amount"))
    if instead_of is not None:
        posted = posted.exclude(pk=instead_of)
    if not posted.exists():
        return None
    message = f"Test order {order} has been invoiced before."
    return Finding("test_order_id", "ORDER_ALREADY_INVOICED", message)
