"""The documents of ZATCA's profile as values: one Document per XML, nothing computed.

Amounts are Decimal, rates are percent (Decimal("15")), dates and times are the seller's local ones
(Asia/Riyadh), sequences are tuples. Field comments give the term of the UBL profile.
"""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)
ONE = Decimal(1)


class DocumentKind(StrEnum):
    """InvoiceTypeCode (BT-3)."""

    INVOICE = "388"
    DEBIT_NOTE = "383"
    CREDIT_NOTE = "381"
    PREPAYMENT = "386"

    @property
    def is_note(self) -> bool:
        return self in (DocumentKind.CREDIT_NOTE, DocumentKind.DEBIT_NOTE)


class VatCategory(StrEnum):
    """UNTDID 5305 as ZATCA uses it: standard, zero rated, exempt, out of scope."""

    S = "S"
    Z = "Z"
    E = "E"
    O = "O"  # noqa: E741 - the authority's own letter


@dataclass(frozen=True, slots=True)
class TransactionFlags:
    """The marks behind the transaction code (KSA-2)."""

    third_party: bool = False
    nominal: bool = False
    export: bool = False
    summary: bool = False
    self_billed: bool = False
    continuous: bool = False
    b2g: bool = False

    def code(self, simplified: bool) -> str:
        """Return NNPNESB, or NNPNESBCG when one of the last two marks is set.

        Official rules look for `01` and five digits anywhere, so a nine-character code of a
        simplified document can be taken for a standard one; seven characters never are.
        """
        marks = [self.third_party, self.nominal, self.export, self.summary, self.self_billed]
        if self.continuous or self.b2g:
            marks += [self.continuous, self.b2g]
        return ("02" if simplified else "01") + "".join("1" if mark else "0" for mark in marks)


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; parts that a foreign address lacks are empty strings."""

    street: str
    building_number: str
    district: str
    city: str
    postal_code: str
    country_code: str = "SA"
    additional_street: str | None = None
    plot_identification: str | None = None
    country_subentity: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """Seller or buyer. `id_scheme` is one of CRN, MOM, MLS, SAG, OTH, 700 and, for buyers, more."""

    name: str
    vat_number: str | None = None
    id_scheme: str | None = None
    id_number: str | None = None
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An allowance or a charge, given as an amount or as percent of a base.

    At document level it carries category and rate (and the exemption code, when no line of that
    category does); at line level the line's own apply.
    """

    is_charge: bool
    amount: Decimal | None = None
    percent: Decimal | None = None
    base: Decimal | None = None
    reason: str | None = None
    reason_code: str | None = None
    category: VatCategory | None = None
    rate: Decimal | None = None
    exemption_code: str | None = None
    exemption_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An invoice line (BG-25); its identifier is its position, counted from 1.

    `unit_price` is before `price_discount`, for `base_quantity` units. `exemption_reason` is free
    text and belongs to VATEX-SA-OOS only; the other codes have an official text.
    """

    name: str
    quantity: Decimal
    unit_price: Decimal
    category: VatCategory
    rate: Decimal
    unit_code: str = "PCE"
    base_quantity: Decimal | None = None
    price_discount: Decimal | None = None
    adjustments: tuple[Adjustment, ...] = ()
    exemption_code: str | None = None
    exemption_reason: str | None = None


@dataclass(frozen=True, slots=True)
class BillingReference:
    """The document that a note corrects (BT-25, BT-26)."""

    number: str
    issue_date: date | None = None


@dataclass(frozen=True, slots=True)
class PaymentMeans:
    """UNTDID 4461 code (BT-81), account (BT-84) and terms (KSA-22)."""

    code: str
    account: str | None = None
    terms: str | None = None


@dataclass(frozen=True, slots=True)
class Prepayment:
    """An advance that was invoiced on a 386 document and is deducted from the payable amount."""

    number: str
    issue_date: date
    issue_time: time
    taxable: Decimal
    tax: Decimal
    category: VatCategory
    rate: Decimal
    uuid: str | None = None
    exemption_code: str | None = None
    exemption_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One ZATCA document: invoice, note or prepayment invoice, standard or simplified."""

    kind: DocumentKind
    simplified: bool
    number: str
    uuid: str
    issue_date: date
    issue_time: time
    supplier: Party
    customer: Party | None
    lines: tuple[Line, ...]
    flags: TransactionFlags = TransactionFlags()
    currency: str = "SAR"
    exchange_rate: Decimal | None = None
    adjustments: tuple[Adjustment, ...] = ()
    billing_references: tuple[BillingReference, ...] = ()
    note_reason: str | None = None
    payment_means: PaymentMeans | None = None
    supply_date: date | None = None
    supply_end_date: date | None = None
    order_reference: str | None = None
    contract_reference: str | None = None
    notes: tuple[str, ...] = ()
    prepayments: tuple[Prepayment, ...] = ()
    payable_rounding: Decimal = ZERO
