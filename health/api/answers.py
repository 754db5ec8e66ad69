"""What is answered about a laboratory invoice, in D2's words."""

from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from config.numbers import ExactDecimalField
from health.models import TestInvoice, TestInvoiceItem, Voucher

AMOUNTS = (
    *("subtotal_amount", "items_total_discount_amount", "taxable_amount", "cgst_amount"),
    *("sgst_amount", "igst_amount", "cess_amount", "total_tax_amount"),
    *("overall_disc_percentage", "overall_disc_amount", "roundoff"),
)
ITEM_AMOUNTS = (
    *("rate", "disc_percentage", "disc_amount", "taxable_amount", "cgst_rate", "cgst_amount"),
    *("sgst_rate", "sgst_amount", "igst_rate", "igst_amount", "cess_rate", "cess_amount"),
    "total_amount",
)


def enveloped(message: str, data: Any = None, *, status: int = 200, **headers: str) -> Response:
    """D2's envelope around an answer."""
    body = {"success": True, "message": message}
    if data is not None:
        body["data"] = data
    return Response(body, status=status, headers=headers)


class LocalMomentField(serializers.DateTimeField):
    """As it went in: the tenant's own time, without an offset (contracts 12)."""

    def to_representation(self, value: Any) -> str:
        zone = self.context["zone"]
        return value.astimezone(zone).replace(tzinfo=None, microsecond=0).isoformat()


class OrderSerializer(serializers.Serializer):
    """The test order as the laboratory's own system numbers it."""

    id = serializers.IntegerField()


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

    def get_order(self, invoice: TestInvoice) -> dict[str, int] | None:
        return {"id": invoice.test_order_id} if invoice.test_order_id else None


class ItemSerializer(serializers.ModelSerializer):
    class Meta:
        model = TestInvoiceItem
        fields = (
            "id", "line_no", "test_id", "test_name", "panel_id", "panel_name", "sac",
            *ITEM_AMOUNTS, "remarks",
        )  # fmt: skip

    def build_field(self, name: str, *args: Any) -> Any:
        return (ExactDecimalField, {}) if name in ITEM_AMOUNTS else super().build_field(name, *args)


class TestInvoiceSerializer(TestInvoiceRowSerializer):
    """The whole document."""

    credited_amount = ExactDecimalField()
    voucher_number = serializers.CharField(
        source="voucher.voucher_number", allow_null=True, default=None
    )
    reversal_voucher_number = serializers.CharField(
        source="reversal_voucher.voucher_number", allow_null=True, default=None
    )
    items = ItemSerializer(many=True)

    class Meta(TestInvoiceRowSerializer.Meta):
        fields = (
            *TestInvoiceRowSerializer.Meta.fields, "branch_id", "test_order_id", "patient_email",
            "place_of_supply", "recipient_gstin", "supply_type", *AMOUNTS, "credited_amount",
            "voucher_id", "voucher_number", "reversal_voucher_id", "reversal_voucher_number",
            "notes", "tags", "warnings", "version", "items", "created_at", "created_by",
            "updated_at", "updated_by",
        )  # fmt: skip

    def build_field(self, name: str, *args: Any) -> Any:
        return (ExactDecimalField, {}) if name in AMOUNTS else super().build_field(name, *args)


class VoucherSerializer(serializers.ModelSerializer):
    """A voucher with its lines, sides and seal."""

    type = serializers.CharField(source="voucher_type.code")
    lines = serializers.SerializerMethodField()
    reverses = serializers.CharField(source="reverses.voucher_number", default=None)
    hash = serializers.CharField(source="seal.entry_hash")
    total = ExactDecimalField(source="seal.total")

    class Meta:
        model = Voucher
        fields = (
            "id", "voucher_number", "type", "date", "narration", "total", "reverses", "hash",
            "lines", "created_at", "created_by",
        )  # fmt: skip

    def get_lines(self, voucher: Voucher) -> list[dict[str, Any]]:
        return [
            {
                "line_no": line.line_no,
                "account": line.account.code,
                "account_name": line.account.name,
                "debit": line.debit,
                "credit": line.credit,
            }
            for line in voucher.lines.select_related("account").order_by("line_no")
        ]


def written(invoice: TestInvoice, unknown: list[str]) -> dict[str, Any]:
    """What a POST is answered with: the row's own name and what a person should know."""
    ignored = [
        {"code": "UNKNOWN_FIELD", "field": name, "message": "This field is not known here."}
        for name in unknown
    ]
    return {
        "id": invoice.pk,
        "invoice_number": invoice.invoice_number,
        "status": invoice.status,
        "voucher_id": invoice.voucher_id,
        "voucher_number": invoice.voucher.voucher_number if invoice.voucher else None,
        "warnings": [*invoice.warnings, *ignored],
    }
