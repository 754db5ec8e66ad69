"""An IMS invoice in the words of the three generations of callers (ims.md 4.3).

What is stored holds no bank text: how to pay is there only where IMS was asked just now.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from config.numbers import ExactDecimalField
from integrations.api.answers import WarningSerializer
from integrations.ims import Invoice, Row, mask_accounts
from integrations.models import IMSInvoice
from integrations.triton import Transaction

BANK = {
    "ach_wire": "AchOrWireTransfer",
    "check_to_lockbox": "CheckToLockbox",
    "make_check_payable_to": "MakeCheckPayableTo",
}


def _amount() -> serializers.Field:
    return ExactDecimalField(max_digits=18, decimal_places=4, allow_null=True)


def _text() -> serializers.Field:
    return serializers.CharField(allow_null=True)


class InvoiceInfoSerializer(serializers.Serializer):
    """`invoice_num` is IMS's key, `office_invoice_num` the office's running number."""

    invoice_number = serializers.CharField()
    invoice_num = serializers.IntegerField()
    office_invoice_num = serializers.IntegerField(allow_null=True)
    policy_number = _text()
    control_no = serializers.IntegerField(allow_null=True)
    policy_type = _text()
    line_name = _text()


class FinancialSerializer(serializers.Serializer):
    premium, commission_pct, commission_amount = _amount(), _amount(), _amount()
    net_premium, net_due = _amount(), _amount()


class InsuredSerializer(serializers.Serializer):
    name, address, id = _text(), _text(), _text()


class ProducerSerializer(serializers.Serializer):
    name, address = _text(), _text()


class CompanySerializer(serializers.Serializer):
    name, office_name, office_phone = _text(), _text(), _text()


class LineItemSerializer(serializers.Serializer):
    invoice_num = serializers.IntegerField()
    description = _text()
    effective_date = serializers.DateField(allow_null=True)
    due_date = serializers.DateField(allow_null=True)
    premium, fees, commission = _amount(), _amount(), _amount()
    gross_premium, amount_due, net_amount_due = _amount(), _amount(), _amount()


class PaymentInstructionsSerializer(serializers.Serializer):
    """Never stored: there with `refresh=1` only."""

    ach_wire, check_to_lockbox, make_check_payable_to = _text(), _text(), _text()


class DatesSerializer(serializers.Serializer):
    effective_date = serializers.DateField(allow_null=True)
    expiration_date = serializers.DateField(allow_null=True)
    invoice_date = serializers.DateField(allow_null=True)
    due_date = serializers.DateField(allow_null=True)
    policy_period = _text()


class InvoiceDataSerializer(serializers.Serializer):
    invoice_info = InvoiceInfoSerializer()
    financial = FinancialSerializer()
    insured = InsuredSerializer()
    producer = ProducerSerializer()
    company = CompanySerializer()
    line_items = LineItemSerializer(many=True)
    payment_instructions = PaymentInstructionsSerializer(allow_null=True)
    dates = DatesSerializer()


@extend_schema_serializer(component_name="IMSInvoiceAnswer")
class InvoiceAnswerSerializer(serializers.Serializer):
    success = serializers.BooleanField()
    message = serializers.CharField()
    retrieved_at = serializers.DateTimeField(allow_null=True)
    invoice_data = InvoiceDataSerializer()
    warnings = WarningSerializer(many=True)


@extend_schema_serializer(component_name="IMSLatestInvoice")
class LatestInvoiceSerializer(serializers.Serializer):
    """Dates are MM/DD/YYYY, account numbers masked as ****1234."""

    success = serializers.BooleanField()
    invoice_data = serializers.DictField()
    external_references = serializers.DictField()
    warnings = WarningSerializer(many=True)


class PDFSerializer(serializers.Serializer):
    invoice_number = serializers.CharField()
    policy_number = _text()
    filename = serializers.CharField()
    content_type = serializers.CharField()
    pdf_base64 = serializers.CharField()
    size_bytes = serializers.IntegerField()
    generated_at = serializers.DateTimeField()


@extend_schema_serializer(component_name="IMSInvoicePDF")
class PDFAnswerSerializer(serializers.Serializer):
    success = serializers.BooleanField()
    invoice = PDFSerializer()


class Read:
    """A stored invoice, its header read as IMS's own rows are; `live` where IMS was just asked."""

    def __init__(self, invoice: IMSInvoice, live: Invoice | None) -> None:
        data: Mapping[str, Any] = invoice.data or {}
        kept = Row({name: str(text) for name, text in data.get("header", {}).items()})
        self.invoice, self.live = invoice, live
        self.header: Row = live.header if live else kept
        self.lines: list[Mapping[str, Any]] = data.get("lines", [])

    def text(self, *names: str) -> str | None:
        """The first of these columns that says something."""
        return next((said for name in names if (said := self.header.text(name))), None)

    def money(self, name: str) -> Decimal | None:
        return self.header.money(name)

    def date(self, name: str) -> str | None:
        found = self.header.date(name)
        return found.isoformat() if found else None

    @property
    def payment(self) -> dict[str, str | None] | None:
        """How to pay, as IMS said just now; None for a stored copy."""
        if self.live is None:
            return None
        return {name: self.live.header.text(column) or None for name, column in BANK.items()}


def full_answer(invoice: IMSInvoice, live: Invoice | None) -> dict[str, Any]:
    """The third generation's answer."""
    read = Read(invoice, live)
    return {
        "success": True,
        "message": "Invoice data retrieved successfully",
        "retrieved_at": invoice.retrieved_at,
        "invoice_data": {
            "invoice_info": {
                "invoice_number": invoice.invoice_number,
                "invoice_num": invoice.ims_invoice_num,
                "office_invoice_num": invoice.office_invoice_num,
                "policy_number": _policy_number(read),
                "control_no": read.header.number("ControlNo"),
                "policy_type": read.text("PolicyType"),
                "line_name": read.text("LineName"),
            },
            "financial": {
                "premium": read.money("Premium"),
                "commission_pct": read.money("CommissionPct"),
                "commission_amount": read.money("CommissionAmount"),
                "net_premium": read.money("NetPremium"),
                "net_due": read.money("NetDue"),
            },
            "insured": {
                "name": read.text("NamedInsured"),
                "address": read.text("InsuredNameAddress"),
                "id": read.text("InsuredID"),
            },
            "producer": {
                "name": read.text("ProducerName"),
                "address": read.text("ProducerNameAddress"),
            },
            "company": {
                "name": read.text("CompanyName"),
                "office_name": read.text("QuotingOfficeName"),
                "office_phone": read.text("QuotingOfficePhone"),
            },
            "line_items": [_line(line) for line in read.lines],
            "payment_instructions": read.payment,
            "dates": {
                "effective_date": read.date("EffectiveDate"),
                "expiration_date": read.date("ExpirationDate"),
                "invoice_date": read.date("InvoiceDate"),
                "due_date": read.date("DueDate"),
                "policy_period": read.text("PolicyPeriod"),
            },
        },
        "warnings": _warnings(invoice),
    }


def latest_answer(
    invoice: IMSInvoice,
    live: Invoice | None,
    said: Transaction,
    *,
    formatted: bool,
    references: Mapping[str, str],
) -> dict[str, Any]:
    """The first two generations' answer; `said` is the transaction that was billed."""
    read = Read(invoice, live)
    due = _american(read.date("DueDate"))
    return {
        "success": True,
        "invoice_data": {
            "invoice_number": invoice.invoice_number,
            "invoice_date": _american(read.date("InvoiceDate")),
            "due_date": due,
            "invoice_id": invoice.ims_invoice_num,
            "header": read.text("CompanyName"),
            "bill_to": {
                "name": read.text("ProducerName"),
                "attention": said.producer_name,
                "address": read.text("ProducerNameAddress"),
            },
            "insured": {
                "name": read.text("NamedInsured"),
                "dba": None,
                "address": read.text("InsuredNameAddress"),
            },
            "policy_info": {
                "policy_number": _policy_number(read),
                "quote_number": read.text("ControlNo"),
                "effective_date": _american(read.date("EffectiveDate")),
                "expiration_date": _american(read.date("ExpirationDate")),
                "coverage": read.text("LineName"),
                "limits": said.limit_amount,
                "deductible": said.deductible_amount,
            },
            "line_items": [
                _formatted(
                    {
                        "description": line.get("description"),
                        "amount": _decimal(line["amount_due"]),
                    },
                    formatted,
                )
                for line in read.lines
            ],
            "totals": _formatted(_totals(read), formatted),
            "agent_info": {
                "agency": read.text("ProducerName"),
                "agent": said.producer_name,
                "phone": None,
                "email": said.producer_email,
            },
            "payment_info": _payment(read, due, said),
            "notes": None,
            "footer": read.text("PolicyPeriod"),
            "retrieved_at": invoice.retrieved_at,
        },
        "external_references": {**references, "retrieved_at": invoice.retrieved_at},
        "warnings": _warnings(invoice),
    }


def _warnings(invoice: IMSInvoice) -> list[dict[str, str | None]]:
    if invoice.billed_anew is None:
        return []
    told = f"IMS has billed it anew, as invoice {invoice.billed_anew}; this is the copy that is "
    told += f"kept, of invoice {invoice.ims_invoice_num}."
    return [{"code": "invoice_billed_anew", "message": told, "field": None}]


def _totals(read: Read) -> dict[str, Decimal | None]:
    premiums = [_decimal(line.get("premium")) or Decimal(0) for line in read.lines]
    totals = [_decimal(line.get("amount_due")) or Decimal(0) for line in read.lines]
    fees = [_decimal(line.get("fees")) or Decimal(0) for line in read.lines]
    # IMS tells taxes and fees in one column.
    return {"subtotal": sum(premiums), "tax": sum(fees), "total": sum(totals)}


def _payment(read: Read, due: str | None, said: Transaction) -> dict[str, Any] | None:
    if read.live is None:
        return None
    payment = read.payment or {}
    transfer = _masked(payment["ach_wire"])
    check = payment["check_to_lockbox"] or payment["make_check_payable_to"]
    return {
        "due_date": due,
        "terms": f"Net {said.terms}" if said.terms else None,
        "methods": {"ach": transfer, "wire": transfer, "check": _masked(check)},
        "online_payment_url": None,
    }


def _masked(text: str | None) -> str | None:
    """Account numbers as ****1234."""
    return None if text is None else mask_accounts(text)


def _formatted(amounts: dict[str, Any], wanted: bool) -> dict[str, Any]:
    if not wanted:
        return amounts
    money = {name: value for name, value in amounts.items() if isinstance(value, Decimal)}
    return amounts | {f"formatted_{name}": _dollars(value) for name, value in money.items()}


def _dollars(amount: Decimal) -> str:
    sign = "-" if amount < 0 else ""
    return f"{sign}${abs(amount):,.2f}"


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    texts = ("description", "effective_date", "due_date", "invoice_num")
    return {name: value if name in texts else _decimal(value) for name, value in line.items()}


def _decimal(value: Any) -> Decimal | None:
    return None if value in (None, "") else Decimal(str(value))


def _american(text: str | None) -> str | None:
    return f"{dt.date.fromisoformat(text):%m/%d/%Y}" if text else None


def _policy_number(read: Read) -> str | None:
    return read.text("PolicyNumber") or read.invoice.policy.policy_number or None
