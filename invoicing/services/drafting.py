"""From a request's payload to a document, and everything that can be wrong on the way.

Writes nothing. A payload is the validated request as JSON types: amounts Decimal, dates text,
absent fields absent. The same function drafts the first request, a revision and a resumed row.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from config.problems import FieldError, InvalidRequest
from config.tenancy.models import Tenant
from invoicing import errors
from invoicing.models import Chain, EGSUnit, Phase
from invoicing.zatca import rules
from invoicing.zatca.documents import (
    Address,
    Adjustment,
    BillingReference,
    Document,
    DocumentKind,
    Line,
    Party,
    PaymentMeans,
    Prepayment,
    TransactionFlags,
    VatCategory,
)
from invoicing.zatca.errors import QRInvalid
from invoicing.zatca.qr import phase1_qr
from invoicing.zatca.totals import Totals, totals

Payload = Mapping[str, Any]

# A shop's clock may be a little ahead of ours.
CLOCK_TOLERANCE = timedelta(minutes=5)
DISCOUNT = ("95", "Discount")  # UNTDID 5189
NO_UUID = str(UUID(int=0))
# Phase 1 prints a QR code and keeps the invoice: its rules are those of the money in it.
PHASE_1_RULES = ("line_items", "allowances", "charges", "currency", "exchange_rate", "buyer_tax")
IGNORED = ("uuid", "previous_invoice_hash", "confirm_production", "seller_address")


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
        unit = choose_unit(tenant, payload.get("egs_unit"), simplified=is_simplified(payload))
    seller = seller_of(unit) if unit else seller_of_tenant(tenant)
    if found:
        raise InvalidRequest(errors=found)
    document = document_of(payload, seller, number_of(payload), ZoneInfo(tenant.timezone))
    found += [
        _field_error(finding)
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
    notices = tuple(_notices(payload, seller))
    return Draft(payload, phase, document, amounts, unit, issued_at, notices)


def number_of(payload: Payload) -> str:
    """The invoice number (BT-1), as the caller spelled it."""
    return payload["invoice_number"]


def is_simplified(payload: Payload) -> bool:
    """As the request says; otherwise a buyer with a tax or other number is a business."""
    stated = payload.get("simplified")
    if stated is not None:
        return stated
    return not (payload.get("buyer_tax_number") or payload.get("buyer_id"))


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


def seller_of(unit: EGSUnit) -> Party:
    """The seller as the unit's registration has it (BG-4)."""
    return Party(
        name=unit.organization_name,
        vat_number=unit.vat_number,
        id_scheme=unit.id_scheme,
        id_number=unit.id_number,
        address=Address(
            street=unit.street,
            building_number=unit.building_number,
            district=unit.district,
            city=unit.city,
            postal_code=unit.postal_code,
            additional_street=unit.additional_street or None,
            plot_identification=unit.plot_identification or None,
        ),
    )


def seller_of_tenant(tenant: Tenant) -> Party:
    """The seller of Phase 1, which knows no units."""
    return Party(tenant.company_name, tenant.vat_number)


def phase_1_code(document: Document, amounts: Totals) -> str:
    """The QR code of Phase 1 as base64 text. Raises QRInvalid for a name of over 255 bytes."""
    return phase1_qr(
        document.supplier.name,
        document.supplier.vat_number or "",
        datetime.combine(document.issue_date, document.issue_time),
        amounts.payable,
        amounts.tax_sar,
    )


def _require_phase_1_code(document: Document, amounts: Totals) -> None:
    try:
        phase_1_code(document, amounts)
    except QRInvalid:
        raise errors.UnitNotReady(
            "The tenant's registered name is too long for a QR code (at most 255 bytes).",
            message_ar="الاسم المسجل للمكلف أطول مما يتسع له الرمز (255 بايت كحد أقصى).",
            param="seller_name",
        ) from None


def document_of(payload: Payload, seller: Party, number: str, zone: ZoneInfo) -> Document:
    """The document that a payload asks for; its UUID is given when it becomes a revision."""
    issued = datetime.fromisoformat(payload["invoice_date"]).astimezone(zone)
    means = payload.get("payment_means")
    return Document(
        kind=DocumentKind(payload["invoice_type"]),
        simplified=is_simplified(payload),
        number=number,
        uuid=NO_UUID,
        issue_date=issued.date(),
        issue_time=issued.time().replace(microsecond=0),
        supplier=seller,
        customer=_buyer(payload),
        lines=tuple(_line(line) for line in payload["line_items"]),
        flags=TransactionFlags(**payload.get("flags", {})),
        currency=payload.get("currency", "SAR"),
        exchange_rate=_number(payload.get("exchange_rate")),
        adjustments=tuple(_document_adjustments(payload)),
        billing_references=tuple(
            BillingReference(item["number"], _day(item.get("issue_date")))
            for item in payload.get("billing_reference", ())
        ),
        note_reason=payload.get("note_reason"),
        payment_means=PaymentMeans(**means) if means else None,
        supply_date=_day(payload.get("supply_date")) or _default_supply(payload, issued.date()),
        supply_end_date=_day(payload.get("supply_end_date")),
        order_reference=payload.get("order_reference"),
        contract_reference=payload.get("contract_reference"),
        notes=tuple(payload.get("notes", ())),
        prepayments=tuple(_prepayment(item, zone) for item in payload.get("prepayments", ())),
        payable_rounding=Decimal(payload.get("payable_rounding", 0)),
    )


def with_uuid(document: Document, uuid: UUID) -> Document:
    return replace(document, uuid=str(uuid))


def _default_supply(payload: Payload, issued: date) -> date | None:
    # BR-KSA-15 expects a supply date on a standard tax invoice; unsaid, it is the day of issue.
    standard_invoice = payload["invoice_type"] == DocumentKind.INVOICE and not is_simplified(
        payload
    )
    return issued if standard_invoice else None


def _number(value: Any) -> Decimal | None:
    """JSON text gives whole numbers back as int."""
    return None if value is None else Decimal(value)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _buyer(payload: Payload) -> Party | None:
    name, tax_number = payload.get("buyer_name"), payload.get("buyer_tax_number")
    identity, address = payload.get("buyer_id"), payload.get("buyer_address")
    if not (name or tax_number or identity or address):
        return None
    return Party(
        name=name or "",
        vat_number=tax_number,
        id_scheme=identity["scheme"] if identity else None,
        id_number=identity["number"] if identity else None,
        address=_address(address) if address else None,
    )


def _address(data: Payload) -> Address:
    required = ("street", "building_number", "district", "city", "postal_code")
    return Address(**dict.fromkeys(required, "") | dict(data))


def _line(data: Payload) -> Line:
    discount = data.get("discount")
    adjustments = [_adjustment(item, is_charge=False) for item in data.get("allowances", ())]
    adjustments += [_adjustment(item, is_charge=True) for item in data.get("charges", ())]
    if discount:
        adjustments.append(_discount(discount))
    return Line(
        name=data["name"],
        quantity=Decimal(data["quantity"]),
        unit_price=Decimal(data["unit_price"]),
        category=VatCategory(data["tax_category"]),
        rate=Decimal(data["tax_rate"]),
        unit_code=data.get("unit_code", "PCE"),
        base_quantity=_number(data.get("base_quantity")),
        price_discount=_number(data.get("price_discount")),
        adjustments=tuple(adjustments),
        exemption_code=data.get("exemption_code"),
        exemption_reason=data.get("exemption_reason"),
    )


def _discount(amount: Any, **more: Any) -> Adjustment:
    code, reason = DISCOUNT
    return Adjustment(
        is_charge=False, amount=Decimal(amount), reason=reason, reason_code=code, **more
    )


def _document_adjustments(payload: Payload) -> Iterator[Adjustment]:
    for item in payload.get("allowances", ()):
        yield _adjustment(item, is_charge=False)
    for item in payload.get("charges", ()):
        yield _adjustment(item, is_charge=True)
    if payload.get("total_discount"):
        # Judged before: every line has this category and rate (`_tenant_errors`).
        line = payload["line_items"][0]
        yield _discount(
            payload["total_discount"],
            category=VatCategory(line["tax_category"]),
            rate=Decimal(line["tax_rate"]),
        )


def _adjustment(data: Payload, *, is_charge: bool) -> Adjustment:
    category = data.get("tax_category")
    return Adjustment(
        is_charge=is_charge,
        amount=_number(data.get("amount")),
        percent=_number(data.get("percent")),
        base=_number(data.get("base")),
        reason=data.get("reason"),
        reason_code=data.get("reason_code"),
        category=VatCategory(category) if category else None,
        rate=_number(data.get("tax_rate")),
        exemption_code=data.get("exemption_code"),
        exemption_reason=data.get("exemption_reason"),
    )


def _prepayment(data: Payload, zone: ZoneInfo) -> Prepayment:
    issued = datetime.fromisoformat(data["issued_at"]).astimezone(zone)
    return Prepayment(
        number=data["number"],
        uuid=data.get("uuid"),
        issue_date=issued.date(),
        issue_time=issued.time().replace(microsecond=0),
        taxable=Decimal(data["taxable"]),
        tax=Decimal(data["tax"]),
        category=VatCategory(data["tax_category"]),
        rate=Decimal(data["tax_rate"]),
        exemption_code=data.get("exemption_code"),
        exemption_reason=data.get("exemption_reason"),
    )


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
    seller = payload.get("seller_tax_number")
    if seller and seller != tenant.vat_number:
        yield FieldError(
            "seller_tax_number",
            "seller_mismatch",
            "The seller's VAT number is not this tenant's.",
            "الرقم الضريبي للبائع ليس رقم هذا المكلف.",
            got=seller,
        )
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


def _field_error(finding: rules.Finding) -> FieldError:
    return FieldError(
        param=finding.path,
        code="rule_violated",
        message=finding.message,
        message_ar=finding.message_ar,
        rule=finding.rule,
        expected=finding.expected,
        got=finding.got,
    )


def _notices(payload: Payload, seller: Party) -> Iterator[Notice]:
    for name in IGNORED:
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
