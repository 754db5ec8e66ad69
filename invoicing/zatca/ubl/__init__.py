"""A document as UBL 2.1 text that already is canonical XML.

The elements stand in schema order with no white space between them, namespaces and attributes are
in C14N order, empty elements are written in two tags and text is escaped the canonical way: the
invoice hash is the SHA-256 of what is written here, and nothing has to parse it first.
"""

from decimal import Decimal
from typing import NamedTuple

from invoicing.zatca.documents import Document, PaymentMeans
from invoicing.zatca.text import escape, escape_attribute
from invoicing.zatca.totals import Subtotal, Totals
from invoicing.zatca.ubl.lines import invoice_line, prepayment_line
from invoicing.zatca.ubl.parts import (
    allowance_charge,
    dated,
    optional,
    party_element,
    plain,
    tax_category,
)

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
ROOT = (
    b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"'
    b' xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'
    b' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
    b' xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2">'
)
SIGNATURE = (
    b"<cac:Signature><cbc:ID>urn:oasis:names:specification:ubl:signature:Invoice</cbc:ID>"
    b"<cbc:SignatureMethod>urn:oasis:names:specification:ubl:dsig:enveloped:xades"
    b"</cbc:SignatureMethod></cac:Signature>"
)
_QR = (
    b"<cac:AdditionalDocumentReference><cbc:ID>QR</cbc:ID><cac:Attachment>"
    b'<cbc:EmbeddedDocumentBinaryObject mimeCode="text/plain">%s'
    b"</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>"
)
INSTRUMENT_NOT_DEFINED = "1"


class Body(NamedTuple):
    """The hashed part of a document in two halves: QR and Signature belong between them."""

    head: bytes
    tail: bytes

    def canonical(self) -> bytes:
        """Return the bytes that are hashed."""
        return ROOT + self.head + self.tail

    def finished(self, *, stamp: bytes, qr: str) -> bytes:
        """Return the document as it is stored and sent."""
        return b"".join(
            (DECLARATION, ROOT, stamp, self.head, _QR % qr.encode(), SIGNATURE, self.tail)
        )


def write(document: Document, totals: Totals, *, icv: int, pih: str) -> Body:
    """Write `document` as number `icv` of its chain, after the document whose hash is `pih`.

    Raises DocumentInvalid for text that XML cannot hold.
    """
    currency = f' currencyID="{escape_attribute(document.currency)}">'
    return Body(
        head=(_header(document) + _references(document, icv, pih)).encode(),
        tail=(
            f"<cac:AccountingSupplierParty>{party_element(document.supplier)}"
            "</cac:AccountingSupplierParty>"
            f"<cac:AccountingCustomerParty>{party_element(document.customer)}"
            "</cac:AccountingCustomerParty>"
            + _delivery(document)
            + _payment_means(document)
            + "".join(allowance_charge(item, currency) for item in document.adjustments)
            + _exchange_rate(document)
            + _tax_totals(totals, currency)
            + _monetary_total(totals, document, currency)
            + "".join(
                invoice_line(number, line, amounts, currency)
                for number, (line, amounts) in enumerate(
                    zip(document.lines, totals.lines, strict=True), 1
                )
            )
            + "".join(
                prepayment_line(number, prepayment, currency)
                for number, prepayment in enumerate(document.prepayments, len(document.lines) + 1)
            )
            + "</Invoice>"
        ).encode(),
    )


def _header(document: Document) -> str:
    return (
        "<cbc:ProfileID>reporting:1.0</cbc:ProfileID>"
        f"<cbc:ID>{escape(document.number)}</cbc:ID>"
        f"<cbc:UUID>{escape(document.uuid)}</cbc:UUID>"
        f"<cbc:IssueDate>{document.issue_date.isoformat()}</cbc:IssueDate>"
        f"<cbc:IssueTime>{document.issue_time.strftime('%H:%M:%S')}</cbc:IssueTime>"
        f'<cbc:InvoiceTypeCode name="{document.flags.code(document.simplified)}">'
        f"{document.kind}</cbc:InvoiceTypeCode>"
        + "".join(f"<cbc:Note>{escape(note)}</cbc:Note>" for note in document.notes)
        + f"<cbc:DocumentCurrencyCode>{escape(document.currency)}</cbc:DocumentCurrencyCode>"
        "<cbc:TaxCurrencyCode>SAR</cbc:TaxCurrencyCode>"
    )


def _references(document: Document, icv: int, pih: str) -> str:
    order = optional("ID", document.order_reference)
    contract = optional("ID", document.contract_reference)
    return (
        (f"<cac:OrderReference>{order}</cac:OrderReference>" if order else "")
        + "".join(
            "<cac:BillingReference><cac:InvoiceDocumentReference>"
            f"<cbc:ID>{escape(reference.number)}</cbc:ID>"
            f"{dated('IssueDate', reference.issue_date)}"
            "</cac:InvoiceDocumentReference></cac:BillingReference>"
            for reference in document.billing_references
        )
        + (
            f"<cac:ContractDocumentReference>{contract}</cac:ContractDocumentReference>"
            if contract
            else ""
        )
        + f"<cac:AdditionalDocumentReference><cbc:ID>ICV</cbc:ID><cbc:UUID>{icv}</cbc:UUID>"
        "</cac:AdditionalDocumentReference>"
        "<cac:AdditionalDocumentReference><cbc:ID>PIH</cbc:ID><cac:Attachment>"
        f'<cbc:EmbeddedDocumentBinaryObject mimeCode="text/plain">{escape(pih)}'
        "</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>"
    )


def _delivery(document: Document) -> str:
    dates = dated("ActualDeliveryDate", document.supply_date) + dated(
        "LatestDeliveryDate", document.supply_end_date
    )
    return f"<cac:Delivery>{dates}</cac:Delivery>" if dates else ""


def _payment_means(document: Document) -> str:
    """The reason of a note has its place here, so a note always has payment means."""
    means = document.payment_means
    if means is None:
        if document.note_reason is None:
            return ""
        means = PaymentMeans(INSTRUMENT_NOT_DEFINED)
    account = optional("ID", means.account) + optional("PaymentNote", means.terms)
    return (
        f"<cac:PaymentMeans><cbc:PaymentMeansCode>{escape(means.code)}</cbc:PaymentMeansCode>"
        + optional("InstructionNote", document.note_reason)
        + (f"<cac:PayeeFinancialAccount>{account}</cac:PayeeFinancialAccount>" if account else "")
        + "</cac:PaymentMeans>"
    )


def _exchange_rate(document: Document) -> str:
    if document.currency == "SAR" or document.exchange_rate is None:
        return ""
    return (
        f"<cac:TaxExchangeRate><cbc:SourceCurrencyCode>{escape(document.currency)}"
        "</cbc:SourceCurrencyCode><cbc:TargetCurrencyCode>SAR</cbc:TargetCurrencyCode>"
        f"<cbc:CalculationRate>{plain(document.exchange_rate)}</cbc:CalculationRate>"
        "</cac:TaxExchangeRate>"
    )


def _tax_totals(totals: Totals, currency: str) -> str:
    """The amount in riyals comes first: QR tag 5 repeats the first TaxTotal of the document."""
    return (
        f'<cac:TaxTotal><cbc:TaxAmount currencyID="SAR">{totals.tax_sar}</cbc:TaxAmount>'
        f"</cac:TaxTotal><cac:TaxTotal><cbc:TaxAmount{currency}{totals.tax}</cbc:TaxAmount>"
        + "".join(_subtotal(row, currency) for row in totals.subtotals)
        + "</cac:TaxTotal>"
    )


def _subtotal(row: Subtotal, currency: str) -> str:
    return (
        f"<cac:TaxSubtotal><cbc:TaxableAmount{currency}{row.taxable}</cbc:TaxableAmount>"
        f"<cbc:TaxAmount{currency}{row.tax}</cbc:TaxAmount>"
        + tax_category(row.category, row.rate, row.exemption_code, row.exemption_reason)
        + "</cac:TaxSubtotal>"
    )


def _monetary_total(totals: Totals, document: Document, currency: str) -> str:
    """Sums of nothing are left out, as in the official samples."""
    allowed = any(not item.is_charge for item in document.adjustments)
    charged = any(item.is_charge for item in document.adjustments)

    def amount(tag: str, value: Decimal, present: bool = True) -> str:
        return f"<cbc:{tag}{currency}{value}</cbc:{tag}>" if present else ""

    return (
        "<cac:LegalMonetaryTotal>"
        + amount("LineExtensionAmount", totals.line_extension)
        + amount("TaxExclusiveAmount", totals.tax_exclusive)
        + amount("TaxInclusiveAmount", totals.tax_inclusive)
        + amount("AllowanceTotalAmount", totals.allowances, allowed)
        + amount("ChargeTotalAmount", totals.charges, charged)
        + amount("PrepaidAmount", totals.prepaid, bool(document.prepayments))
        + amount("PayableRoundingAmount", totals.rounding, bool(totals.rounding))
        + amount("PayableAmount", totals.payable)
        + "</cac:LegalMonetaryTotal>"
    )
