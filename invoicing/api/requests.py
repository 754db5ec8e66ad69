"""What a caller may say about an invoice (invoicing-api.md §1.9 and what ZATCA needs beyond it)."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from config.json import canonical
from config.numbers import ExactDecimalField
from config.tenancy.models import Environment
from config.text import TextField
from config.validation import refusal
from invoicing.models import Phase
from invoicing.zatca.documents import DocumentKind, VatCategory

MAX_LINES = 1000
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
SUPPLIER_REQUIRED = refusal(
    "supplier_required",
    "A self-billed document needs its supplier.",
    "المستند المفوتر ذاتيًا يحتاج بيانات المورّد.",
)
SUPPLIER_UNEXPECTED = refusal(
    "supplier_not_self_billed",
    "Only a self-billed document (flags.self_billed) names a supplier; otherwise it is you.",
    "المورّد يُذكر في المستند المفوتر ذاتيًا فقط (flags.self_billed)؛ وإلا فهو أنت.",
)
# Said about the invoice, not by it: no part of the document, nor of its fingerprint.
BESIDE = ("metadata", "client_reference", "buyer_email")


class InstantField(serializers.DateTimeField):
    """A date and time; without an offset it is the tenant's local time. Whole seconds count."""

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            value = value.replace(tzinfo=ZoneInfo(self.context["tenant"].timezone))
        if not EARLIEST.date() <= value.date() < LATEST.date():
            raise refusal(
                "date_out_of_range",
                "The date must lie between 2000 and 2199.",
                "يجب أن يقع التاريخ بين عامي 2000 و2199.",
            )
        return value.replace(microsecond=0)


def money(**kwargs: Any) -> ExactDecimalField:
    """An amount of money: two decimals, not negative."""
    return ExactDecimalField(decimal_places=2, **{"min_value": 0, **kwargs})


def percentage(**kwargs: Any) -> ExactDecimalField:
    """A percentage, 0 to 100."""
    return ExactDecimalField(decimal_places=2, min_value=0, max_value=100, **kwargs)


class AddressSerializer(serializers.Serializer):
    street = TextField(max_length=1000)
    building_number = TextField(max_length=10, required=False)
    additional_street = TextField(max_length=127, required=False)
    plot_identification = TextField(max_length=10, required=False)
    district = TextField(max_length=127, required=False)
    city = TextField(max_length=127)
    postal_code = TextField(max_length=20, required=False)
    country_subentity = TextField(max_length=127, required=False)
    country_code = serializers.RegexField(r"\A[A-Z]{2}\Z", required=False)


class IdentitySerializer(serializers.Serializer):
    """A number that identifies a party, with its scheme.

    CRN, MOM, MLS, SAG, OTH, 700; a buyer also TIN, NAT, GCC, IQA, PAS.
    """

    scheme = TextField(max_length=3)
    number = TextField(max_length=50)


class SupplierSerializer(serializers.Serializer):
    """Who supplies, on a self-billed document: the buyer is then this tenant."""

    name = TextField(max_length=1000)
    tax_number = TextField(max_length=15)
    id = IdentitySerializer()
    address = AddressSerializer()


class AllowanceSerializer(serializers.Serializer):
    """Taken off, as an amount or as a percentage of a base."""

    amount = money(required=False)
    percent = percentage(required=False)
    base = money(required=False)
    reason = TextField(max_length=1000, required=False)
    reason_code = TextField(max_length=10, required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        by_percent = "percent" in data and "base" in data
        if ("amount" in data) == by_percent or ("percent" in data) != ("base" in data):
            raise refusal(
                "amount_or_percent",
                "Give either an amount, or a percent with its base.",
                "اذكر إما مبلغًا أو نسبة مع أساسها.",
            )
        return data


class ChargeSerializer(AllowanceSerializer):
    """Put on top; the law wants its reason and code (BR-KSA-19 to 22)."""


class DocumentAllowanceSerializer(AllowanceSerializer):
    tax_category = serializers.ChoiceField(list(VatCategory))
    tax_rate = percentage()
    exemption_code = TextField(max_length=30, required=False)
    exemption_reason = TextField(max_length=1000, required=False)


class DocumentChargeSerializer(DocumentAllowanceSerializer):
    pass


class LineSerializer(serializers.Serializer):
    name = TextField(max_length=1000)
    quantity = ExactDecimalField(decimal_places=6, min_value=Decimal("0.000001"))
    unit_price = ExactDecimalField(decimal_places=6, min_value=0)
    tax_rate = percentage()
    tax_category = serializers.ChoiceField(list(VatCategory))
    discount = money(required=False)
    unit_code = TextField(max_length=20, required=False)
    base_quantity = ExactDecimalField(
        decimal_places=6, min_value=Decimal("0.000001"), required=False
    )
    price_discount = ExactDecimalField(decimal_places=6, min_value=0, required=False)
    exemption_code = TextField(max_length=30, required=False)
    exemption_reason = TextField(max_length=1000, required=False)
    allowances = AllowanceSerializer(many=True, required=False, max_length=20)
    charges = ChargeSerializer(many=True, required=False, max_length=20)


class BillingReferenceSerializer(serializers.Serializer):
    """The invoice that a note corrects."""

    number = TextField(max_length=127)
    issue_date = serializers.DateField(required=False)


class PaymentMeansSerializer(serializers.Serializer):
    """UNTDID 4461: 10 cash, 30 credit transfer, 42 bank account, 48 card."""

    code = TextField(max_length=3)
    account = TextField(max_length=127, required=False)
    terms = TextField(max_length=1000, required=False)


class FlagsSerializer(serializers.Serializer):
    third_party = serializers.BooleanField(required=False)
    nominal = serializers.BooleanField(required=False)
    export = serializers.BooleanField(required=False)
    summary = serializers.BooleanField(required=False)
    self_billed = serializers.BooleanField(required=False)
    continuous = serializers.BooleanField(required=False)
    b2g = serializers.BooleanField(required=False)


class PrepaymentSerializer(serializers.Serializer):
    """An advance that was invoiced on a 386 document and is deducted here."""

    number = TextField(max_length=127)
    uuid = serializers.UUIDField(required=False)
    issued_at = InstantField()
    taxable = money()
    tax = money()
    tax_category = serializers.ChoiceField(list(VatCategory))
    tax_rate = percentage()
    exemption_code = TextField(max_length=30, required=False)
    exemption_reason = TextField(max_length=1000, required=False)


def without_nulls(data: Any) -> Any:
    """`data` without its null members: an explicit null means the same as saying nothing."""
    if isinstance(data, dict):
        return {key: without_nulls(value) for key, value in data.items() if value is not None}
    if isinstance(data, list):
        return [without_nulls(item) for item in data]
    return data


class InvoiceRequestSerializer(serializers.Serializer):
    """An invoice, credit note, debit note or prepayment invoice."""

    mode = serializers.ChoiceField(Phase.choices)
    environment = serializers.ChoiceField(Environment.choices)
    invoice_number = TextField(
        max_length=50,
        required=False,
        help_text="Without it the next number of the tenant's series, under an Idempotency-Key.",
    )
    invoice_date = InstantField()
    invoice_type = serializers.ChoiceField([kind.value for kind in DocumentKind], default="388")
    simplified = serializers.BooleanField(
        required=False,
        help_text="Without it: standard where the buyer has a tax or other number.",
    )
    egs_unit = TextField(max_length=64, required=False)
    seller_name = TextField(max_length=100, required=False)
    seller_tax_number = TextField(max_length=15, required=False)
    seller_address = TextField(max_length=200, required=False)
    supplier = SupplierSerializer(
        required=False, help_text="On self-billed documents, and only there."
    )
    buyer_name = TextField(max_length=1000, required=False)
    buyer_tax_number = TextField(max_length=15, required=False)
    buyer_id = IdentitySerializer(required=False)
    buyer_address = AddressSerializer(required=False)
    line_items = LineSerializer(many=True, allow_empty=False, max_length=MAX_LINES)
    total_discount = money(required=False)
    allowances = DocumentAllowanceSerializer(many=True, required=False, max_length=50)
    charges = DocumentChargeSerializer(many=True, required=False, max_length=50)
    billing_reference = BillingReferenceSerializer(many=True, required=False, max_length=50)
    note_reason = TextField(max_length=1000, required=False)
    payment_means = PaymentMeansSerializer(required=False)
    supply_date = serializers.DateField(required=False)
    supply_end_date = serializers.DateField(required=False)
    order_reference = TextField(max_length=127, required=False)
    contract_reference = TextField(max_length=127, required=False)
    currency = serializers.RegexField(r"\A[A-Z]{3}\Z", required=False)
    exchange_rate = ExactDecimalField(
        decimal_places=10, min_value=Decimal("0.0000000001"), required=False
    )
    flags = FlagsSerializer(required=False)
    notes = serializers.ListField(
        child=TextField(max_length=1000, multiline=True), required=False, max_length=10
    )
    prepayments = PrepaymentSerializer(many=True, required=False, max_length=50)
    payable_rounding = money(min_value=-1, max_value=1, required=False)
    total_tax_exclusive = money(required=False)
    total_tax_amount = money(required=False)
    total_amount = money(required=False)
    client_reference = TextField(max_length=200, required=False)
    buyer_email = serializers.EmailField(
        max_length=254, required=False, help_text="Where the document may be sent; no part of it."
    )
    metadata = serializers.DictField(
        child=TextField(max_length=500, allow_blank=True), required=False
    )
    uuid = TextField(max_length=100, required=False, help_text="Ignored; the server makes it.")
    previous_invoice_hash = TextField(
        max_length=100, required=False, help_text="Ignored; the server keeps the chain."
    )
    confirm_production = serializers.BooleanField(required=False, help_text="Ignored.")

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(without_nulls(data))

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        self_billed = data.get("flags", {}).get("self_billed", False)
        if self_billed and "supplier" not in data:
            raise ValidationError({"supplier": SUPPLIER_REQUIRED.detail})
        if "supplier" in data and not self_billed:
            raise ValidationError({"supplier": SUPPLIER_UNEXPECTED.detail})
        return data

    def validate_metadata(self, value: dict[str, str]) -> dict[str, str]:
        if len(value) > 50 or any(len(key) > 40 for key in value):
            raise refusal(
                "metadata_too_large",
                "Metadata holds at most 50 keys of 40 characters.",
                "تتسع البيانات الوصفية لخمسين مفتاحًا بطول 40 حرفًا.",
            )
        return value

    @property
    def payload(self) -> dict[str, Any]:
        """The validated request as JSON types, as it is kept and fingerprinted."""
        said = {key: value for key, value in self.validated_data.items() if key not in BESIDE}
        return json.loads(canonical(said), parse_float=Decimal)
