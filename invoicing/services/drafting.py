"""From a request's payload to a document, and everything that can be wrong on the way.

Writes nothing. The same function drafts the first request, a revision and a resumed row.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone

from config.problems import FieldError, InvalidRequest, Problem
from config.tenancy.models import Tenant
from invoicing import errors
from invoicing.models import Chain, ChainState, EGSUnit, Phase
from invoicing.services.documents import (
    Payload,
    document_of,
    is_self_billed,
    is_simplified,
    number_of,
    phase_1_code,
    seller_of,
    seller_of_tenant,
)
from invoicing.zatca import rules
from invoicing.zatca.documents import Document, Party
from invoicing.zatca.errors import QRInvalid
from invoicing.zatca.totals import Totals, totals

# A shop's clock may be a little ahead of ours.
CLOCK_TOLERANCE = timedelta(minutes=5)
# Phase 1 prints a QR code and keeps the invoice: its rules are those of the money in it.
PHASE_1_RULES = ("line_items", "allowances", "charges", "currency", "exchange_rate", "buyer_tax")
_ALLOWANCE = re.compile(r"(line_items\[(?P<line>\d+)\]\.)?allowances\[(?P<place>\d+)\]")
IGNORED = ("uuid", "previous_invoice_hash", "confirm_production", "seller_address")
# A self-billed document's buyer is the unit, whatever the request says of him.
IGNORED_OF_BUYER = ("buyer_name", "buyer_id", "buyer_address")


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning for the caller that stops nothing."""

    code: str
    message: str
    message_ar: str
    param: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A request that passed the request rules, ready to become a revision."""

    payload: Payload
    phase: str
    document: Document
    amounts: Totals
    unit: EGSUnit | None
    issued_at: datetime
    notices: tuple[Notice, ...] = field(default=())


def draft(tenant: Tenant, payload: Payload) -> Draft:
    """Judge a request by the request rules (contracts 18).

    Raises InvalidRequest with every field that is wrong, UnitRequired, or UnitNotReady where no
    unit can seal it. Reads the tenant's units; writes nothing.
    """
    found = list(_tenant_errors(tenant, payload))
    issued_at = datetime.fromisoformat(payload["invoice_date"])
    found += _date_errors(issued_at)
    phase = payload["mode"]
    unit = None
    if phase == Phase.PHASE_2:
        try:
            unit = choose_unit(tenant, payload.get("egs_unit"), simplified=is_simplified(payload))
        except Problem as trouble:
            # What the caller can put right comes before what our side lacks.
            if found:
                raise InvalidRequest(errors=found) from trouble
            raise
    issuer = seller_of(unit) if unit else seller_of_tenant(tenant)
    document = document_of(payload, issuer, number_of(payload), ZoneInfo(tenant.timezone))
    found += [
        _field_error(payload, finding)
        for finding in rules.check(document)
        if phase == Phase.PHASE_2 or finding.path.startswith(PHASE_1_RULES)
    ]
    if found:
        raise InvalidRequest(errors=found)
    amounts = totals(document)
    found += _total_errors(payload, amounts)
    if found:
        raise InvalidRequest(errors=found)
    if phase == Phase.PHASE_1:
        _require_phase_1_code(document, amounts)
    notices = tuple(_notices(payload, document.supplier))
    return Draft(payload, phase, document, amounts, unit, issued_at, notices)


def choose_unit(tenant: Tenant, name: str | None, *, simplified: bool) -> EGSUnit:
    """The unit that seals: the one named, the only one, or the default one.

    Raises UnitRequired (several, none named), InvalidRequest (no such unit) and UnitNotReady.
    """
    units = list(EGSUnit.objects.for_tenant(tenant).active().order_by("-is_default", "id"))
    if name:
        units = [unit for unit in units if unit.name == name]
        if not units:
            raise InvalidRequest(
                errors=[
                    FieldError(
                        "egs_unit",
                        "unknown_unit",
                        f"There is no active EGS unit named {name!r}.",
                        f"لا توجد وحدة فوترة نشطة بالاسم {name!r}.",
                    )
                ]
            )
    elif len(units) > 1 and not units[0].is_default:
        raise errors.UnitRequired(
            "This tenant has several EGS units: name one in egs_unit.",
            message_ar="لدى هذا المكلف عدة وحدات فوترة: سمِّ إحداها في egs_unit.",
            param="egs_unit",
        )
    if not units:
        raise errors.UnitNotReady(
            "This tenant has no active EGS unit. Onboard one first.",
            message_ar="لا توجد وحدة فوترة نشطة لهذا المكلف. سجّل وحدة أولًا.",
            param="egs_unit",
        )
    unit = units[0]
    require_sealing(unit, simplified=simplified)
    return unit


def require_sealing(unit: EGSUnit, *, simplified: bool) -> Chain:
    """The unit's chain if it can seal such a document now; UnitNotReady says why it cannot."""
    chain = unit.active_chain()
    allowed = unit.issues_simplified if simplified else unit.issues_standard
    kind, kind_ar = ("simplified", "المبسطة") if simplified else ("standard", "الضريبية")
    if not allowed:
        raise errors.UnitNotReady(
            f"EGS unit {unit.name} is not registered for {kind} documents.",
            message_ar=f"وحدة الفوترة {unit.name} غير مسجلة للفواتير {kind_ar}.",
            param="egs_unit",
        )
    if chain is None and unit.chains.filter(state=ChainState.REVOKED).exists():
        raise errors.UnitNotReady(
            f"The CSID of EGS unit {unit.name} was revoked. Onboard the unit again.",
            message_ar=f"أُلغيت شهادة وحدة الفوترة {unit.name}. سجّل الوحدة من جديد.",
            param="egs_unit",
        )
    if chain is None:
        raise errors.UnitNotReady(
            f"EGS unit {unit.name} is not onboarded yet: it has no production CSID.",
            message_ar=f"لم يكتمل تسجيل وحدة الفوترة {unit.name}: لا توجد لها شهادة إنتاج.",
            param="egs_unit",
        )
    if not chain.can_seal():
        raise errors.UnitNotReady(
            f"The certificate of EGS unit {unit.name} expired on {chain.expires_at:%Y-%m-%d}. "
            "Renew it.",
            message_ar=f"انتهت صلاحية شهادة وحدة الفوترة {unit.name}. جدّدها.",
            param="egs_unit",
        )
    return chain


def _require_phase_1_code(document: Document, amounts: Totals) -> None:
    try:
        phase_1_code(document, amounts)
    except QRInvalid:
        raise errors.UnitNotReady(
            "The tenant's registered name is too long for a QR code (at most 255 bytes).",
            message_ar="الاسم المسجل للمكلف أطول مما يتسع له الرمز (255 بايت كحد أقصى).",
            param="seller_name",
        ) from None


def _tenant_errors(tenant: Tenant, payload: Payload) -> Iterator[FieldError]:
    if payload["environment"] != tenant.environment:
        yield FieldError(
            "environment",
            "environment_mismatch",
            f"This credential belongs to {tenant.environment}; the request says "
            f"{payload['environment']}.",
            f"بيانات الاعتماد هذه تخص بيئة {tenant.environment} بينما الطلب لبيئة "
            f"{payload['environment']}.",
            expected=tenant.environment,
            got=payload["environment"],
        )
    yield from _party_errors(tenant, payload)
    kinds = {(line["tax_category"], line["tax_rate"]) for line in payload["line_items"]}
    if payload.get("total_discount") and len(kinds) > 1:
        yield FieldError(
            "total_discount",
            "ambiguous_discount",
            "The lines differ in VAT category or rate: give the discount in allowances, each with "
            "its tax_category and tax_rate.",
            "تختلف البنود في فئة الضريبة أو نسبتها: اذكر الخصم في allowances "
            "مع الفئة والنسبة لكل خصم.",
        )


def _party_errors(tenant: Tenant, payload: Payload) -> Iterator[FieldError]:
    """Whoever issues is this tenant: the seller, or the buyer who bills himself."""
    self_billed = is_self_billed(payload)
    seller, buyer = payload.get("seller_tax_number"), payload.get("buyer_tax_number")
    if seller and self_billed and seller != payload["supplier"]["tax_number"]:
        yield FieldError(
            "seller_tax_number",
            "seller_mismatch",
            "The seller's VAT number is not the supplier's.",
            "الرقم الضريبي للبائع ليس رقم المورّد.",
            got=seller,
        )
    elif seller and not self_billed and seller != tenant.vat_number:
        yield FieldError(
            "seller_tax_number",
            "seller_mismatch",
            "The seller's VAT number is not this tenant's.",
            "الرقم الضريبي للبائع ليس رقم هذا المكلف.",
            got=seller,
        )
    if buyer and self_billed and buyer != tenant.vat_number:
        yield FieldError(
            "buyer_tax_number",
            "buyer_mismatch",
            "The buyer of a self-billed document is this tenant; the VAT number is another.",
            "مشتري المستند المفوتر ذاتيًا هو هذا المكلف، والرقم الضريبي المذكور لغيره.",
            got=buyer,
        )


def _date_errors(issued_at: datetime) -> Iterator[FieldError]:
    if issued_at > timezone.now() + CLOCK_TOLERANCE:
        yield FieldError(
            "invoice_date",
            "date_in_future",
            "The invoice date lies in the future.",
            "تاريخ الفاتورة في المستقبل.",
            rule="BR-KSA-04",
        )


def _total_errors(payload: Payload, amounts: Totals) -> Iterator[FieldError]:
    stated = {
        "total_tax_exclusive": amounts.tax_exclusive,
        "total_tax_amount": amounts.tax,
        "total_amount": amounts.tax_inclusive,
    }
    for name, expected in stated.items():
        got = payload.get(name)
        if got is not None and Decimal(got) != expected:
            yield FieldError(
                name,
                "total_mismatch",
                f"The lines add up to {expected}, the request says {got}.",
                f"مجموع البنود {expected} بينما الطلب يذكر {got}.",
                expected=str(expected),
                got=str(got),
            )


def _field_error(payload: Payload, finding: rules.Finding) -> FieldError:
    return FieldError(
        param=_as_written(payload, finding.path),
        code="rule_violated",
        message=finding.message,
        message_ar=finding.message_ar,
        rule=finding.rule,
        expected=finding.expected,
        got=finding.got,
    )


def _as_written(payload: Payload, path: str) -> str:
    """In the caller's spelling: the supplier of a self-billed document, a `discount`."""
    if is_self_billed(payload):
        path = _as_supplier(path)
    # A document knows a discount as one more allowance.
    found = _ALLOWANCE.match(path)
    if found is None:
        return path
    line, place = found["line"], int(found["place"])
    given = payload if line is None else payload["line_items"][int(line)]
    if place < len(given.get("allowances", ())):
        return path
    return "total_discount" if line is None else f"line_items[{line}].discount"


def _as_supplier(path: str) -> str:
    if path == "buyer_tax_number":  # equal to the seller's, and the buyer's is ours
        return "supplier.tax_number"
    return f"supplier.{path.removeprefix('seller_')}" if path.startswith("seller_") else path


def _notices(payload: Payload, seller: Party) -> Iterator[Notice]:
    for name in IGNORED + IGNORED_OF_BUYER * is_self_billed(payload):
        if payload.get(name) is not None:
            yield Notice(
                "field_ignored",
                f"{name} is ignored: Daftar sets it itself.",
                f"تم تجاهل {name}: يحدده النظام بنفسه.",
                name,
            )
    stated = payload.get("seller_name")
    if stated and stated != seller.name:
        yield Notice(
            "seller_name_ignored",
            f"The seller is registered as {seller.name}; that name stands on the document.",
            f"البائع مسجل باسم {seller.name}، وهو الاسم المثبت في المستند.",
            "seller_name",
        )
