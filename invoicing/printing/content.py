"""A document as its reader sees it, taken from its UBL: what is printed is what was signed.

One path for all: our own sealed documents, the authority's cleared ones, the unsealed ones of
Phase 1. Amounts and quantities keep the digits that stand in the XML.
"""

from dataclasses import dataclass
from decimal import Decimal

from lxml import etree

from config.xml import parse

NAMES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Party:
    """Seller or buyer; what the document does not say is empty."""

    name: str
    vat_number: str
    id_scheme: str
    id_number: str
    street: str
    additional_street: str
    building_number: str
    plot: str
    district: str
    city: str
    postal_code: str
    province: str
    country: str


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An allowance or a charge, of the document or of a line."""

    is_charge: bool
    reason: str
    amount: Decimal
    percent: Decimal | None
    base: Decimal | None
    rate: Decimal | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `before_discount` is the price that `price_discount` was taken from."""

    number: str
    name: str
    quantity: Decimal
    unit: str
    price: Decimal
    base_quantity: Decimal | None
    price_discount: Decimal | None
    before_discount: Decimal | None
    adjustments: tuple[Adjustment, ...]
    net: Decimal
    category: str
    rate: Decimal
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Advance:
    """An advance payment that is deducted, with the document that invoiced it (KSA-26 to 34)."""

    number: str
    date: str
    taxable: Decimal
    tax: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True)
class TaxRow:
    """One row of the VAT breakdown (BG-23)."""

    category: str
    rate: Decimal
    taxable: Decimal
    tax: Decimal
    exemption: str


@dataclass(frozen=True, slots=True)
class Original:
    """A document that a note corrects (BT-25, BT-26)."""

    number: str
    date: str


@dataclass(frozen=True, slots=True)
class Content:
    """Everything on a document that a person reads. Dates and times are the seller's, as text."""

    number: str
    uuid: str
    type_code: str
    transaction: str
    date: str
    time: str
    currency: str
    exchange_rate: Decimal | None
    seller: Party
    buyer: Party
    order: str
    contract: str
    originals: tuple[Original, ...]
    reason: str
    supply_date: str
    supply_end: str
    payment_code: str
    account: str
    terms: str
    notes: tuple[str, ...]
    lines: tuple[Line, ...]
    advances: tuple[Advance, ...]
    adjustments: tuple[Adjustment, ...]
    tax_rows: tuple[TaxRow, ...]
    net: Decimal
    allowances: Decimal
    charges: Decimal
    exclusive: Decimal
    tax: Decimal
    tax_sar: Decimal
    inclusive: Decimal
    prepaid: Decimal
    rounding: Decimal
    payable: Decimal

    @property
    def is_simplified(self) -> bool:
        return self.transaction.startswith("02")


def read(xml: bytes) -> Content:
    """The content of a document. Raises XMLRefused for bytes that are no XML."""
    root = parse(xml)
    lines = root.findall("cac:InvoiceLine", NAMES)
    advances = [line for line in lines if line.find("cac:DocumentReference", NAMES) is not None]
    return Content(
        number=_text(root, "cbc:ID"),
        uuid=_text(root, "cbc:UUID"),
        type_code=_text(root, "cbc:InvoiceTypeCode"),
        transaction=_attribute(root, "cbc:InvoiceTypeCode", "name"),
        date=_text(root, "cbc:IssueDate"),
        time=_text(root, "cbc:IssueTime").removesuffix("Z"),
        currency=_text(root, "cbc:DocumentCurrencyCode"),
        exchange_rate=_number(root, "cac:TaxExchangeRate/cbc:CalculationRate"),
        seller=_party(root, "cac:AccountingSupplierParty/cac:Party"),
        buyer=_party(root, "cac:AccountingCustomerParty/cac:Party"),
        order=_text(root, "cac:OrderReference/cbc:ID"),
        contract=_text(root, "cac:ContractDocumentReference/cbc:ID"),
        originals=tuple(map(_original, _all(root, "cac:BillingReference/*"))),
        reason=_joined(root, "cac:PaymentMeans/cbc:InstructionNote"),
        supply_date=_text(root, "cac:Delivery/cbc:ActualDeliveryDate"),
        supply_end=_text(root, "cac:Delivery/cbc:LatestDeliveryDate"),
        payment_code=_text(root, "cac:PaymentMeans/cbc:PaymentMeansCode"),
        account=_text(root, "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID"),
        terms=_joined(root, "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:PaymentNote"),
        notes=tuple(note.text or "" for note in _all(root, "cbc:Note")),
        lines=tuple(_line(line) for line in lines if line not in advances),
        advances=tuple(_advance(line) for line in advances),
        adjustments=tuple(map(_adjustment, _all(root, "cac:AllowanceCharge"))),
        tax_rows=tuple(map(_tax_row, _all(root, "cac:TaxTotal/cac:TaxSubtotal"))),
        **_totals(root),
    )


def _totals(root: etree._Element) -> dict[str, Decimal]:
    total = "cac:LegalMonetaryTotal/cbc:"
    with_rows = "cac:TaxTotal[cac:TaxSubtotal]/cbc:TaxAmount"
    return {
        "net": _amount(root, f"{total}LineExtensionAmount"),
        "allowances": _amount(root, f"{total}AllowanceTotalAmount"),
        "charges": _amount(root, f"{total}ChargeTotalAmount"),
        "exclusive": _amount(root, f"{total}TaxExclusiveAmount"),
        "tax": _amount(root, with_rows),
        "tax_sar": _riyals(root),
        "inclusive": _amount(root, f"{total}TaxInclusiveAmount"),
        "prepaid": _amount(root, f"{total}PrepaidAmount"),
        "rounding": _amount(root, f"{total}PayableRoundingAmount"),
        "payable": _amount(root, f"{total}PayableAmount"),
    }


def _riyals(root: etree._Element) -> Decimal:
    """VAT in riyals (BT-111): the TaxTotal without a breakdown."""
    for total in _all(root, "cac:TaxTotal"):
        if total.find("cac:TaxSubtotal", NAMES) is None:
            return _amount(total, "cbc:TaxAmount")
    return ZERO


def _party(root: etree._Element, path: str) -> Party:
    found = root.find(path, NAMES)
    party = root.makeelement("none", {}) if found is None else found
    address = "cac:PostalAddress/cbc:"
    return Party(
        name=_text(party, "cac:PartyLegalEntity/cbc:RegistrationName"),
        vat_number=_text(party, "cac:PartyTaxScheme/cbc:CompanyID"),
        id_scheme=_attribute(party, "cac:PartyIdentification/cbc:ID", "schemeID"),
        id_number=_text(party, "cac:PartyIdentification/cbc:ID"),
        street=_text(party, f"{address}StreetName"),
        additional_street=_text(party, f"{address}AdditionalStreetName"),
        building_number=_text(party, f"{address}BuildingNumber"),
        plot=_text(party, f"{address}PlotIdentification"),
        district=_text(party, f"{address}CitySubdivisionName"),
        city=_text(party, f"{address}CityName"),
        postal_code=_text(party, f"{address}PostalZone"),
        province=_text(party, f"{address}CountrySubentity"),
        country=_text(party, "cac:PostalAddress/cac:Country/cbc:IdentificationCode"),
    )


def _line(line: etree._Element) -> Line:
    return Line(
        number=_text(line, "cbc:ID"),
        name=_text(line, "cac:Item/cbc:Name"),
        quantity=_amount(line, "cbc:InvoicedQuantity"),
        unit=_attribute(line, "cbc:InvoicedQuantity", "unitCode"),
        price=_amount(line, "cac:Price/cbc:PriceAmount"),
        base_quantity=_number(line, "cac:Price/cbc:BaseQuantity"),
        price_discount=_number(line, "cac:Price/cac:AllowanceCharge/cbc:Amount"),
        before_discount=_number(line, "cac:Price/cac:AllowanceCharge/cbc:BaseAmount"),
        adjustments=tuple(map(_adjustment, _all(line, "cac:AllowanceCharge"))),
        net=_amount(line, "cbc:LineExtensionAmount"),
        category=_text(line, "cac:Item/cac:ClassifiedTaxCategory/cbc:ID"),
        rate=_amount(line, "cac:Item/cac:ClassifiedTaxCategory/cbc:Percent"),
        tax=_amount(line, "cac:TaxTotal/cbc:TaxAmount"),
        gross=_amount(line, "cac:TaxTotal/cbc:RoundingAmount"),
    )


def _advance(line: etree._Element) -> Advance:
    subtotal = "cac:TaxTotal/cac:TaxSubtotal/"
    return Advance(
        number=_text(line, "cac:DocumentReference/cbc:ID"),
        date=_text(line, "cac:DocumentReference/cbc:IssueDate"),
        taxable=_amount(line, f"{subtotal}cbc:TaxableAmount"),
        tax=_amount(line, f"{subtotal}cbc:TaxAmount"),
        rate=_amount(line, f"{subtotal}cac:TaxCategory/cbc:Percent"),
    )


def _adjustment(item: etree._Element) -> Adjustment:
    return Adjustment(
        is_charge=_text(item, "cbc:ChargeIndicator") == "true",
        reason=_text(item, "cbc:AllowanceChargeReason"),
        amount=_amount(item, "cbc:Amount"),
        percent=_number(item, "cbc:MultiplierFactorNumeric"),
        base=_number(item, "cbc:BaseAmount"),
        rate=_number(item, "cac:TaxCategory/cbc:Percent"),
    )


def _tax_row(row: etree._Element) -> TaxRow:
    return TaxRow(
        category=_text(row, "cac:TaxCategory/cbc:ID"),
        rate=_amount(row, "cac:TaxCategory/cbc:Percent"),
        taxable=_amount(row, "cbc:TaxableAmount"),
        tax=_amount(row, "cbc:TaxAmount"),
        exemption=_text(row, "cac:TaxCategory/cbc:TaxExemptionReason"),
    )


def _original(reference: etree._Element) -> Original:
    return Original(_text(reference, "cbc:ID"), _text(reference, "cbc:IssueDate"))


def _all(element: etree._Element, path: str) -> list[etree._Element]:
    return element.findall(path, NAMES)


def _text(element: etree._Element, path: str) -> str:
    return (element.findtext(path, namespaces=NAMES) or "").strip()


def _joined(element: etree._Element, path: str) -> str:
    return "\n".join(found.text.strip() for found in _all(element, path) if found.text)


def _attribute(element: etree._Element, path: str, name: str) -> str:
    found = element.find(path, NAMES)
    return "" if found is None else found.get(name, "")


def _number(element: etree._Element, path: str) -> Decimal | None:
    text = _text(element, path)
    return Decimal(text) if text else None


def _amount(element: etree._Element, path: str) -> Decimal:
    return _number(element, path) or ZERO
