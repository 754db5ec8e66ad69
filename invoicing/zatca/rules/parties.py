"""Rules about seller and buyer: names, VAT numbers, identifications, addresses."""

import re
from collections.abc import Iterator

from invoicing.zatca.codes import COUNTRIES
from invoicing.zatca.documents import Address, Document, Party
from invoicing.zatca.exemptions import HEALTH_AND_EDUCATION
from invoicing.zatca.rules.catalogue import parties as rule
from invoicing.zatca.rules.finding import Finding, Rule, is_blank, text_findings

VAT_NUMBER = re.compile(r"3[0-9]{13}3")
POSTAL_CODE = re.compile(r"[0-9]{5}")
BUILDING_NUMBER = re.compile(r"[0-9]{4}")
ALPHANUMERIC = re.compile(r"[0-9A-Za-z]+")
FORMATS = {
    "CRN": re.compile(r"[0-9]{10}"),
    "700": re.compile(r"7[0-9]{9}"),
    "TIN": re.compile(r"3[0-9]{9}"),
    "NAT": re.compile(r"1[0-9]{9}"),
    "IQA": re.compile(r"2[0-9]{9}"),
}
SELLER_SCHEMES = frozenset({"CRN", "MOM", "MLS", "SAG", "OTH", "700"})
BUYER_SCHEMES = SELLER_SCHEMES | {"TIN", "NAT", "GCC", "IQA", "PAS"}
PREDICTABLE = (
    *(digits[start : start + 8] for digits in ("0123456789", "9876543210") for start in range(3)),
    *(digit * 8 for digit in "0123456789"),
)
# What the other records of a QR code of 1000 characters leave to the first, in bytes.
SELLER_NAME_BYTES = 340


def seller_findings(seller: Party) -> Iterator[Finding]:
    """Judge the seller as it stands on every document."""
    yield from text_findings(seller.name, "seller_name", rule.NAME, shortest=1, longest=1000)
    if len(seller.name.encode("utf-8", "replace")) > SELLER_NAME_BYTES:
        yield rule.SELLER_NAME_QR.at("seller_name", expected=f"at most {SELLER_NAME_BYTES} bytes")
    if not VAT_NUMBER.fullmatch(seller.vat_number or ""):
        yield rule.SELLER_VAT.at("seller_tax_number", got=seller.vat_number)
    if seller.id_scheme not in SELLER_SCHEMES:
        yield rule.SELLER_SCHEME.at("seller_id.scheme", got=seller.id_scheme)
    elif is_blank(seller.id_number):
        yield rule.SELLER_SCHEME.at("seller_id.number", got=seller.id_number)
    else:
        yield from _id_findings(seller, "seller_id.number")
    yield from _seller_address_findings(seller.address)


def buyer_findings(document: Document) -> Iterator[Finding]:
    """Judge the buyer: needed on standard documents, welcome on simplified ones."""
    buyer = document.customer
    if not document.simplified:
        yield from _standard_buyer_findings(buyer)
    if buyer is None:
        return
    if buyer.name:
        name = rule.BUYER_NAME_LENGTH
        yield from text_findings(buyer.name, "buyer_name", name, longest=1000)
    if buyer.vat_number:
        if not VAT_NUMBER.fullmatch(buyer.vat_number):
            yield rule.BUYER_VAT.at("buyer_tax_number", got=buyer.vat_number)
        elif buyer.vat_number == document.supplier.vat_number:
            yield rule.SAME_VAT.at("buyer_tax_number", got=buyer.vat_number)
    if buyer.id_number or buyer.id_scheme:
        yield from _buyer_id_findings(buyer)
    if buyer.address is not None:
        yield from _buyer_address_findings(buyer.address, needed=not document.simplified)


def citizen_findings(document: Document, exemption_codes: set[str]) -> Iterator[Finding]:
    """Education and healthcare are free of VAT only for a citizen who is named."""
    if not exemption_codes & HEALTH_AND_EDUCATION:
        return
    buyer = document.customer
    if buyer is None or buyer.id_scheme != "NAT":
        yield rule.NATIONAL_ID.at("buyer_id.scheme", expected="NAT")
    if document.simplified and (buyer is None or is_blank(buyer.name)):
        yield rule.NATIONAL_ID_NAME.at("buyer_name")


def _standard_buyer_findings(buyer: Party | None) -> Iterator[Finding]:
    if buyer is None or is_blank(buyer.name):
        yield rule.BUYER_NAME.at("buyer_name")
    if buyer is None or (not buyer.vat_number and is_blank(buyer.id_number)):
        yield rule.BUYER_ID_NEEDED.at("buyer_tax_number")
    if buyer is None or buyer.address is None:
        yield rule.BUYER_ADDRESS.at("buyer_address")


def _buyer_id_findings(buyer: Party) -> Iterator[Finding]:
    if buyer.id_scheme not in BUYER_SCHEMES:
        yield rule.BUYER_SCHEME.at("buyer_id.scheme", got=buyer.id_scheme)
    elif is_blank(buyer.id_number) or not ALPHANUMERIC.fullmatch(buyer.id_number or ""):
        yield rule.BUYER_SCHEME.at("buyer_id.number", got=buyer.id_number)
    else:
        yield from _id_findings(buyer, "buyer_id.number")


def _id_findings(party: Party, path: str) -> Iterator[Finding]:
    number, scheme = party.id_number or "", party.id_scheme or ""
    if not ALPHANUMERIC.fullmatch(number):
        yield rule.SELLER_SCHEME.at(path, got=number)
    elif scheme in FORMATS and not FORMATS[scheme].fullmatch(number):
        yield rule.ID_FORMATS[scheme].at(path, got=number)
    elif number.isdigit() and any(run in number for run in PREDICTABLE):
        yield rule.PREDICTABLE_ID.at(path, got=number)


def _seller_address_findings(address: Address | None) -> Iterator[Finding]:
    path = "seller_address"
    if address is None:
        yield rule.SELLER_ADDRESS.at(path)
        return
    missing = [name for name in SAUDI_PARTS if is_blank(getattr(address, name))]
    for name in missing:
        yield rule.SELLER_ADDRESS.at(f"{path}.{name}")
    if not missing:
        yield from _saudi_formats(address, path, rule.SELLER_POSTAL_CODE)
    yield from _address_lengths(address, path)


def _buyer_address_findings(address: Address, *, needed: bool) -> Iterator[Finding]:
    path = "buyer_address"
    if address.country_code not in COUNTRIES:
        yield rule.COUNTRY.at(f"{path}.country_code", got=address.country_code)
    elif address.country_code == "SA":
        if any(map(is_blank, _saudi_parts(address))):
            if needed:
                yield from _missing(address, path)
        else:
            yield from _saudi_formats(address, path, rule.POSTAL_CODE)
    elif needed:
        for name in ("street", "city"):
            if is_blank(getattr(address, name)):
                yield rule.FOREIGN_ADDRESS.at(f"{path}.{name}")
    yield from _address_lengths(address, path)


SAUDI_PARTS = ("street", "building_number", "district", "city", "postal_code")


def _saudi_parts(address: Address) -> Iterator[str]:
    return (getattr(address, name) for name in SAUDI_PARTS)


def _missing(address: Address, path: str) -> Iterator[Finding]:
    for name in SAUDI_PARTS:
        if is_blank(getattr(address, name)):
            yield rule.SAUDI_ADDRESS.at(f"{path}.{name}")


def _saudi_formats(address: Address, path: str, postal_code: Rule) -> Iterator[Finding]:
    if not POSTAL_CODE.fullmatch(address.postal_code):
        yield postal_code.at(f"{path}.postal_code", got=address.postal_code)
    if not BUILDING_NUMBER.fullmatch(address.building_number):
        yield rule.BUILDING_NUMBER.at(f"{path}.building_number", got=address.building_number)
    plot = address.plot_identification
    if plot and not BUILDING_NUMBER.fullmatch(plot):
        yield rule.BUILDING_NUMBER.at(f"{path}.plot_identification", got=plot)


def _address_lengths(address: Address, path: str) -> Iterator[Finding]:
    longest = {"street": 1000, "additional_street": 127, "district": 127, "city": 127}
    longest |= {"building_number": 127, "postal_code": 127, "country_subentity": 127}
    for name, limit in longest.items():
        text = getattr(address, name)
        yield from text_findings(text, f"{path}.{name}", rule.ADDRESS_LENGTH, longest=limit)
