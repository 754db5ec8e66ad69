"""From a payload to the document it asks for. A payload is a validated request as JSON types:
amounts Decimal or whole numbers, dates text, absent fields absent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from config.tenancy.models import Tenant
from invoicing.models import EGSUnit
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
from invoicing.zatca.qr import phase1_qr
from invoicing.zatca.totals import Totals

Payload = Mapping[str, Any]
DISCOUNT = ("95", "Discount")  # UNTDID 5189
NO_NUMBER = "0"
NO_UUID = str(UUID(int=0))


def number_of(payload: Payload) -> str:
    """The invoice number (BT-1), as the caller spelled it; NO_NUMBER until a series gives one."""
    return payload.get("invoice_number", NO_NUMBER)


def is_simplified(payload: Payload) -> bool:
    """As the request says; otherwise a buyer with a tax or other number is a business.

    So is one who bills himself.
    """
    stated = payload.get("simplified")
    if stated is not None:
        return stated
    return not (
        payload.get("buyer_tax_number") or payload.get("buyer_id") or is_self_billed(payload)
    )


def is_self_billed(payload: Payload) -> bool:
    """Whether the tenant is the buyer, who writes the invoice of his supplier."""
    return payload.get("flags", {}).get("self_billed", False)


def seller_of(unit: EGSUnit) -> Party:
    """Who issues documents, as the unit's registration has it (BG-4)."""
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
    """Who issues documents in Phase 1, which knows no units."""
    return Party(tenant.company_name, tenant.vat_number)


def document_of(payload: Payload, issuer: Party, number: str, zone: ZoneInfo) -> Document:
    """The document that a payload asks for; its UUID is given when it becomes a revision.

    `issuer` is the tenant's unit: the seller, or the buyer of a self-billed document. A CSID issues
    for its own VAT number only, which on a self-billed document is the buyer's.
    """
    self_billed = is_self_billed(payload)
    issued = datetime.fromisoformat(payload["invoice_date"]).astimezone(zone)
    means = payload.get("payment_means")
    return Document(
        kind=DocumentKind(payload["invoice_type"]),
        simplified=is_simplified(payload),
        number=number,
        uuid=NO_UUID,
        issue_date=issued.date(),
        issue_time=issued.time().replace(microsecond=0),
        supplier=_supplier(payload["supplier"]) if self_billed else issuer,
        customer=issuer if self_billed else _buyer(payload),
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


def phase_1_code(document: Document, amounts: Totals) -> str:
    """The QR code of Phase 1 as base64 text. Raises QRInvalid for a name of over 255 bytes."""
    return phase1_qr(
        document.supplier.name,
        document.supplier.vat_number or "",
        datetime.combine(document.issue_date, document.issue_time),
        amounts.payable,
        amounts.tax_sar,
    )


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


def _supplier(data: Payload) -> Party:
    return Party(
        name=data["name"],
        vat_number=data["tax_number"],
        id_scheme=data["id"]["scheme"],
        id_number=data["id"]["number"],
        address=_address(data["address"]),
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
