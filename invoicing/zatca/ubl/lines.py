"""InvoiceLine: what is supplied, and what was paid in advance."""

from decimal import Decimal

from invoicing.zatca.documents import Line, Prepayment, VatCategory
from invoicing.zatca.exemptions import exemption_text
from invoicing.zatca.text import escape, escape_attribute
from invoicing.zatca.totals import NIL, LineTotals, cents, net_price
from invoicing.zatca.ubl.parts import VAT_SCHEME, allowance_charge, optional, plain, tax_category


def invoice_line(number: int, line: Line, amounts: LineTotals, currency: str) -> str:
    adjustments = "".join(allowance_charge(item, currency) for item in line.adjustments)
    return (
        f"<cac:InvoiceLine><cbc:ID>{number}</cbc:ID>"
        f'<cbc:InvoicedQuantity unitCode="{escape_attribute(line.unit_code)}">'
        f"{plain(line.quantity)}</cbc:InvoicedQuantity>"
        f"<cbc:LineExtensionAmount{currency}{amounts.net}</cbc:LineExtensionAmount>{adjustments}"
        f"<cac:TaxTotal><cbc:TaxAmount{currency}{amounts.tax}</cbc:TaxAmount>"
        f"<cbc:RoundingAmount{currency}{amounts.gross}</cbc:RoundingAmount></cac:TaxTotal>"
        f"{_item(line.name, line.category, line.rate)}{_price(line, currency)}</cac:InvoiceLine>"
    )


def _item(name: str, category: VatCategory, rate: Decimal) -> str:
    return (
        f"<cac:Item><cbc:Name>{escape(name)}</cbc:Name><cac:ClassifiedTaxCategory>"
        f"<cbc:ID>{category}</cbc:ID><cbc:Percent>{cents(rate)}</cbc:Percent>{VAT_SCHEME}"
        "</cac:ClassifiedTaxCategory></cac:Item>"
    )


def _price(line: Line, currency: str) -> str:
    base_quantity = (
        f'<cbc:BaseQuantity unitCode="{escape_attribute(line.unit_code)}">'
        f"{plain(line.base_quantity)}</cbc:BaseQuantity>"
        if line.base_quantity is not None
        else ""
    )
    discount = (
        "<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>"
        f"<cbc:Amount{currency}{plain(line.price_discount)}</cbc:Amount>"
        f"<cbc:BaseAmount{currency}{plain(line.unit_price)}</cbc:BaseAmount></cac:AllowanceCharge>"
        if line.price_discount is not None
        else ""
    )
    return (
        f"<cac:Price><cbc:PriceAmount{currency}{plain(net_price(line))}</cbc:PriceAmount>"
        f"{base_quantity}{discount}</cac:Price>"
    )


def prepayment_line(number: int, prepayment: Prepayment, currency: str) -> str:
    """An advance is deducted by a line of zeros that refers to its 386 document (KSA-26 to 34)."""
    name = f"Prepayment {prepayment.number} | دفعة مقدمة {prepayment.number}"
    reason = (
        exemption_text(prepayment.exemption_code, prepayment.exemption_reason)
        if prepayment.exemption_code
        else ""
    )
    return (
        f"<cac:InvoiceLine><cbc:ID>{number}</cbc:ID>"
        '<cbc:InvoicedQuantity unitCode="PCE">0.00</cbc:InvoicedQuantity>'
        f"<cbc:LineExtensionAmount{currency}{NIL}</cbc:LineExtensionAmount>"
        f"<cac:DocumentReference><cbc:ID>{escape(prepayment.number)}</cbc:ID>"
        f"{optional('UUID', prepayment.uuid)}"
        f"<cbc:IssueDate>{prepayment.issue_date.isoformat()}</cbc:IssueDate>"
        f"<cbc:IssueTime>{prepayment.issue_time.strftime('%H:%M:%S')}</cbc:IssueTime>"
        "<cbc:DocumentTypeCode>386</cbc:DocumentTypeCode></cac:DocumentReference>"
        f"<cac:TaxTotal><cbc:TaxAmount{currency}{NIL}</cbc:TaxAmount>"
        f"<cbc:RoundingAmount{currency}{NIL}</cbc:RoundingAmount>"
        f"<cac:TaxSubtotal><cbc:TaxableAmount{currency}{cents(prepayment.taxable)}"
        f"</cbc:TaxableAmount><cbc:TaxAmount{currency}{cents(prepayment.tax)}</cbc:TaxAmount>"
        + tax_category(
            prepayment.category, prepayment.rate, prepayment.exemption_code or "", reason
        )
        + f"</cac:TaxSubtotal></cac:TaxTotal>"
        f"{_item(name, prepayment.category, prepayment.rate)}"
        f"<cac:Price><cbc:PriceAmount{currency}{NIL}</cbc:PriceAmount></cac:Price>"
        "</cac:InvoiceLine>"
    )
