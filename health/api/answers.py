"""What is answered about a laboratory invoice, in D2's words."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.numbers import ExactDecimalField
from health.amount_words import amount_in_words
from health.api.envelopes import not_known
from health.findings import Finding
from health.models import TestInvoice, TestInvoiceItem, Voucher
from health.printing import qr_image
from health.selectors import payments_of
from health.services.checking import told

AMOUNTS = (
    *("subtotal_amount", "items_total_discount_amount", "taxable_amount", "cgst_amount"),
    *("sgst_amount", "igst_amount", "cess_amount", "total_tax_amount"),
    *("overall_disc_percentage", "overall_disc_amount", "roundoff"),
)
ITEM_AMOUNTS = (
    *("rate", "disc_percentage", "disc_amount", "taxable_amount", "cgst_rate", "cgst_amount"),
    *("sgst_rate", "sgst_amount", "igst_rate", "igst_amount", "cess_rate", "cess_amount"),
    "overall_disc_share", "total_amount",
)  # fmt: skip


class LocalMomentField(serializers.DateTimeField):
    """As it went in: the tenant's own time, without an offset (contracts 12)."""

    def to_representation(self, value: Any) -> str:
        zone = self.context["zone"]
        return value.astimezone(zone).replace(tzinfo=None, microsecond=0).isoformat()


class OrderSerializer(serializers.Serializer):
    """The test order as the laboratory's own system numbers it; what is known of it here."""

    id = serializers.IntegerField()
    test_order_number = serializers.CharField(allow_null=True)
    status = serializers.CharField(allow_null=True)


class TestInvoiceRowSerializer(serializers.ModelSerializer):
    """A row of the list."""

    __test__ = False

    invoice_date = LocalMomentField()
    final_amount = ExactDecimalField()
    paid_amount = ExactDecimalField()
    balance_amount = ExactDecimalField()
    order = serializers.SerializerMethodField()

    class Meta:
        model = TestInvoice
        fields = (
            "id", "invoice_number", "invoice_date", "due_date", "patient_id", "patient_name",
            "patient_phone", "final_amount", "paid_amount", "balance_amount", "payment_status",
            "status", "order",
        )  # fmt: skip

    @extend_schema_field(OrderSerializer(allow_null=True))
    def get_order(self, invoice: Any) -> dict[str, Any] | None:
        if not invoice.test_order_id:
            return None
        return {
            "id": invoice.test_order_id,
            "test_order_number": invoice.order_number,
            "status": invoice.order_status,
        }


class ItemSerializer(serializers.ModelSerializer):
    class Meta:
        model = TestInvoiceItem
        fields = (
            "id", "line_no", "test_id", "test_name", "panel_id", "panel_name", "sac",
            *ITEM_AMOUNTS, "remarks",
        )  # fmt: skip

    def build_field(self, name: str, *args: Any) -> Any:
        return (ExactDecimalField, {}) if name in ITEM_AMOUNTS else super().build_field(name, *args)


class TestInvoiceRowWithItemsSerializer(TestInvoiceRowSerializer):
    """A row of the list, with its lines where `include_items` asks for them."""

    items = ItemSerializer(many=True, required=False)

    class Meta(TestInvoiceRowSerializer.Meta):
        fields = (*TestInvoiceRowSerializer.Meta.fields, "items")


class OfferedSerializer(serializers.Serializer):
    """A payment that was offered for the invoice, or pays it."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    date = serializers.DateField()
    mode = serializers.CharField()
    amount = ExactDecimalField()
    applied_amount = ExactDecimalField(help_text="So much of it pays the invoice.")
    status = serializers.CharField()


class CreditedSerializer(serializers.Serializer):
    """A credit note of the invoice."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    date = serializers.DateField()
    total_amount = ExactDecimalField()


class VoucherLineSerializer(serializers.Serializer):
    line_no = serializers.IntegerField()
    account = serializers.CharField(source="account.code")
    account_name = serializers.CharField(source="account.name")
    debit = ExactDecimalField()
    credit = ExactDecimalField()


class TestInvoiceSerializer(TestInvoiceRowSerializer):
    """The whole document."""

    credited_amount = ExactDecimalField()
    voucher_number = serializers.CharField(
        source="voucher.voucher_number", allow_null=True, default=None
    )
    reversal_voucher_number = serializers.CharField(
        source="reversal_voucher.voucher_number", allow_null=True, default=None
    )
    voucher_lines = serializers.SerializerMethodField()
    payments = serializers.SerializerMethodField()
    credit_notes = CreditedSerializer(many=True)
    is_active = serializers.SerializerMethodField()
    items = ItemSerializer(many=True)
    amount_in_words = serializers.SerializerMethodField(
        help_text="`final_amount` as it stands on the paper."
    )
    qr_code = serializers.SerializerMethodField(
        help_text="With `include_barcode`: the QR code of the paper as an SVG data URI, whose text "
        "is laboratory, GSTIN, number, date and amount, a line each."
    )

    class Meta(TestInvoiceRowSerializer.Meta):
        fields = (
            *TestInvoiceRowSerializer.Meta.fields, "branch_id", "test_order_id", "patient_email",
            "place_of_supply", "recipient_gstin", "supply_type", "discount_mode", *AMOUNTS,
            "amount_in_words", "qr_code",
            "credited_amount", "voucher_id", "voucher_number", "voucher_lines",
            "reversal_voucher_id", "reversal_voucher_number", "payments", "credit_notes", "notes",
            "tags", "warnings", "version", "is_active", "items", "created_at",
            "created_by", "updated_at", "updated_by",
        )  # fmt: skip

    @extend_schema_field(OfferedSerializer(many=True))
    def get_payments(self, invoice: TestInvoice) -> Any:
        return OfferedSerializer(payments_of(invoice), many=True).data

    @extend_schema_field(VoucherLineSerializer(many=True))
    def get_voucher_lines(self, invoice: TestInvoice) -> Any:
        return lines_of(invoice.voucher) if invoice.voucher else []

    def get_amount_in_words(self, invoice: TestInvoice) -> str:
        return amount_in_words(invoice.final_amount)

    def get_qr_code(self, invoice: TestInvoice) -> str | None:
        return qr_image(invoice) if self.context.get("include_barcode") else None

    def get_is_active(self, invoice: TestInvoice) -> bool:
        return not invoice.is_deleted

    def build_field(self, name: str, *args: Any) -> Any:
        return (ExactDecimalField, {}) if name in AMOUNTS else super().build_field(name, *args)


class VoucherSerializer(serializers.ModelSerializer):
    """A voucher with its lines, sides and seal."""

    type = serializers.CharField(source="voucher_type.code")
    lines = serializers.SerializerMethodField()
    reverses = serializers.CharField(
        source="reverses.voucher_number", allow_null=True, default=None
    )
    hash = serializers.CharField(source="seal.entry_hash")
    total = ExactDecimalField(source="seal.total")

    class Meta:
        model = Voucher
        fields = (
            "id", "voucher_number", "type", "date", "narration", "total", "reverses", "hash",
            "lines", "created_at", "created_by",
        )  # fmt: skip

    @extend_schema_field(VoucherLineSerializer(many=True))
    def get_lines(self, voucher: Voucher) -> Any:
        return lines_of(voucher)


def lines_of(voucher: Voucher) -> Any:
    """The two sides of a voucher, line by line."""
    lines = voucher.lines.select_related("account").order_by("line_no")
    return VoucherLineSerializer(lines, many=True).data


def after_its_month(invoice: TestInvoice) -> list[dict[str, Any]]:
    """Of a taxed bill that was cancelled in a later month than it was made: told, not refused."""
    reversal = invoice.reversal_voucher
    if reversal is None or not invoice.total_tax_amount:
        return []
    if reversal.date.replace(day=1) == invoice.local_date.replace(day=1):
        return []
    message = "Where its month's GST return is filed, a credit note is the way instead (s.34)."
    return [told(Finding("date", "CANCELLED_AFTER_ITS_MONTH", message))]


def written(
    invoice: TestInvoice,
    said: serializers.BaseSerializer[Any] | None = None,
    more: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """What a POST is answered with: the row's own name and what a person should know."""
    return {
        "id": invoice.pk,
        "invoice_number": invoice.invoice_number,
        "status": invoice.status,
        "voucher_id": invoice.voucher_id,
        "voucher_number": invoice.voucher.voucher_number if invoice.voucher else None,
        "warnings": [*invoice.warnings, *not_known(said), *more],
    }
