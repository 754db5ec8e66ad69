"""Elements that occur in more than one place of a document."""

from datetime import date
from decimal import Decimal
from math import floor

from invoicing.zatca.documents import Address, Adjustment, Party, VatCategory
from invoicing.zatca.text import escape, escape_attribute
from invoicing.zatca.totals import HUNDRED, adjustment_amount, cents

VAT_SCHEME = "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"


def plain(value: Decimal) -> str:
    """Return a quantity or price with the digits it came with; no exponent, no negative zero."""
    return format(value if value else abs(value), "f")


def optional(tag: str, text: str | None) -> str:
    return f"<cbc:{tag}>{escape(text)}</cbc:{tag}>" if text else ""


def dated(tag: str, value: date | None) -> str:
    return f"<cbc:{tag}>{value.isoformat()}</cbc:{tag}>" if value else ""


def party_element(party: Party | None) -> str:
    """An absent buyer of a simplified document leaves an empty element behind."""
    if party is None:
        return ""
    identification = (
        f'<cac:PartyIdentification><cbc:ID schemeID="{escape_attribute(party.id_scheme or "")}">'
        f"{escape(party.id_number)}</cbc:ID></cac:PartyIdentification>"
        if party.id_number
        else ""
    )
    tax_scheme = (
        f"<cac:PartyTaxScheme><cbc:CompanyID>{escape(party.vat_number)}</cbc:CompanyID>{VAT_SCHEME}"
        "</cac:PartyTaxScheme>"
        if party.vat_number
        else ""
    )
    name = optional("RegistrationName", party.name)
    return (
        f"<cac:Party>{identification}{_address(party.address)}{tax_scheme}"
        + (f"<cac:PartyLegalEntity>{name}</cac:PartyLegalEntity>" if name else "")
        + "</cac:Party>"
    )


def _address(address: Address | None) -> str:
    if address is None:
        return ""
    return (
        "<cac:PostalAddress>"
        + optional("StreetName", address.street)
        + optional("AdditionalStreetName", address.additional_street)
        + optional("BuildingNumber", address.building_number)
        + optional("PlotIdentification", address.plot_identification)
        + optional("CitySubdivisionName", address.district)
        + optional("CityName", address.city)
        + optional("PostalZone", address.postal_code)
        + optional("CountrySubentity", address.country_subentity)
        + "<cac:Country><cbc:IdentificationCode>"
        f"{escape(address.country_code)}</cbc:IdentificationCode></cac:Country>"
        "</cac:PostalAddress>"
    )


def allowance_charge(item: Adjustment, currency: str) -> str:
    amount = adjustment_amount(item)
    percent = base = ""
    if item.percent is not None and item.base is not None and _agrees_in_binary(item, amount):
        percent = (
            f"<cbc:MultiplierFactorNumeric>{plain(item.percent)}</cbc:MultiplierFactorNumeric>"
        )
        base = f"<cbc:BaseAmount{currency}{cents(item.base)}</cbc:BaseAmount>"
    category = (
        f"<cac:TaxCategory><cbc:ID>{item.category}</cbc:ID>"
        f"<cbc:Percent>{cents(item.rate)}</cbc:Percent>{VAT_SCHEME}</cac:TaxCategory>"
        if item.category is not None and item.rate is not None
        else ""
    )
    return (
        "<cac:AllowanceCharge>"
        f"<cbc:ChargeIndicator>{'true' if item.is_charge else 'false'}</cbc:ChargeIndicator>"
        + optional("AllowanceChargeReasonCode", item.reason_code)
        + optional("AllowanceChargeReason", item.reason)
        + f"{percent}<cbc:Amount{currency}{amount}</cbc:Amount>{base}{category}"
        "</cac:AllowanceCharge>"
    )


def _agrees_in_binary(item: Adjustment, amount: Decimal) -> bool:
    """Say whether rule BR-KSA-EN16931-03 will find `amount` equal to percent times base.

    The rule computes in binary floating point, where some ties fall below the halfway point: half
    of 2.51 is 1.26, and 1.25 to the rule. The amount that the law wants is then stated without
    the percentage, which the profile leaves optional.
    """
    product = float(cents(item.base)) * float(item.percent) / 100 * 100  # type: ignore[arg-type]
    return Decimal(floor(product + 0.5)) == amount * HUNDRED


def tax_category(category: VatCategory, rate: Decimal, code: str, reason: str) -> str:
    return (
        f"<cac:TaxCategory><cbc:ID>{category}</cbc:ID><cbc:Percent>{cents(rate)}</cbc:Percent>"
        + optional("TaxExemptionReasonCode", code)
        + optional("TaxExemptionReason", reason)
        + f"{VAT_SCHEME}</cac:TaxCategory>"
    )
