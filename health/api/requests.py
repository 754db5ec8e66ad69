"""What a caller may say about a laboratory invoice (D2; health.md 1.2)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.numbers import MAX_DIGITS, ExactDecimalField, exact_decimal
from config.text import TextField
from config.validation import refusal
from health.findings import Finding, q, without_noise
from health.models import DiscountMode, Status, SupplyType

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
MAX_LINES, MAX_TAGS, BIGGEST = 500, 20, 2**63 - 1


class RequestSerializer(serializers.Serializer):
    """A body in which null says of an optional field that it is left out, as the rules read it.

    Where null says more, as of a due date that is taken away, the field itself allows it.
    """

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        self._left_out = {n for n, f in fields.items() if not f.required and not f.allow_null}
        for name in self._left_out:
            fields[name].allow_null = True
        return fields

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            data = {n: v for n, v in data.items() if v is not None or not self._may_be_left_out(n)}
        return super().to_internal_value(data)

    def _may_be_left_out(self, name: str) -> bool:
        return name in self.fields and name in self._left_out


class AmountField(ExactDecimalField):
    """An amount; the noise of somebody's float is off it before its digits are counted.

    What is still finer than a paisa is told as NOT_PAISA_EXACT, with what would be right.
    """

    def to_internal_value(self, data: Any) -> Decimal:
        number = exact_decimal(data)
        return super().to_internal_value(data if number is None else without_noise(number))


class PaymentAmountField(AmountField):
    """An amount of money that moves: what is finer than a paisa is refused here."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"decimal_places": 2, "min_value": 0, **kwargs})

    def _check_digits(self, number: Decimal) -> None:
        if number.adjusted() < MAX_DIGITS and number != q(number):
            found = Finding("", "NOT_PAISA_EXACT", "An amount has at most two decimals.")
            raise refusal(found.code, found.message, found.message_ar)
        super()._check_digits(number)


def _money(**kwargs: Any) -> AmountField:
    return AmountField(**{"required": False, "min_value": 0, **kwargs})


def _rate() -> ExactDecimalField:
    return ExactDecimalField(required=False, min_value=0, max_value=100, decimal_places=3)


def _reference() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=BIGGEST, required=False, allow_null=True)


def _text(length: int, **kwargs: Any) -> TextField:
    return TextField(max_length=length, required=False, allow_blank=True, **kwargs)


class MomentField(serializers.DateTimeField):
    """A date and time; without an offset it is the tenant's local time. Whole seconds count."""

    def enforce_timezone(self, value: datetime) -> datetime:
        zone = self.context["tenant"].zone
        value = value.replace(tzinfo=zone) if value.tzinfo is None else value.astimezone(zone)
        if not EARLIEST.date() <= value.date() < LATEST.date():
            raise refusal(
                "date_out_of_range",
                "The date must lie between 2000 and 2199.",
                "يجب أن يقع التاريخ بين عامي 2000 و2199.",
            )
        return value.replace(microsecond=0)


class ItemRequestSerializer(RequestSerializer):
    """One test or panel; computed amounts may be left out, and what its master knows."""

    line_no = serializers.IntegerField(min_value=1, max_value=10_000)
    test_id = _reference()
    test_name = _text(200)
    panel_id = _reference()
    panel_name = _text(200)
    sac = serializers.RegexField(r"\A[0-9]{4,8}\Z", required=False)
    rate = _money()
    disc_percentage = _rate()
    disc_amount = _money()
    taxable_amount = _money()
    cgst_rate = _rate()
    cgst_amount = _money()
    sgst_rate = _rate()
    sgst_amount = _money()
    igst_rate = _rate()
    igst_amount = _money()
    cess_rate = _rate()
    cess_amount = _money()
    total_amount = _money()
    remarks = _text(1000)


class TestInvoiceUpdateSerializer(RequestSerializer):
    """Any part of an invoice; what may change depends on its status (health.md section 4)."""

    __test__ = False

    invoice_number = TextField(min_length=1, max_length=50, required=False)
    invoice_date = MomentField(required=False)
    due_date = serializers.DateField(required=False, allow_null=True)
    branch_id = _reference()
    test_order_id = _reference()
    patient_id = _reference()
    patient_name = TextField(max_length=200, required=False)
    patient_phone = _text(20)
    patient_email = serializers.EmailField(required=False, allow_blank=True)
    place_of_supply = serializers.RegexField(r"\A[0-9]{2}\Z", required=False, allow_blank=True)
    recipient_gstin = _text(15)
    supply_type = serializers.ChoiceField(SupplyType.choices, required=False)
    discount_mode = serializers.ChoiceField(DiscountMode.choices, required=False)
    subtotal_amount = _money()
    items_total_discount_amount = _money()
    taxable_amount = _money()
    cgst_amount = _money()
    sgst_amount = _money()
    igst_amount = _money()
    cess_amount = _money()
    overall_disc_percentage = _rate()
    overall_disc_amount = _money()
    roundoff = _money(min_value=None)
    final_amount = _money()
    status = serializers.ChoiceField(Status.choices, required=False)
    notes = _text(5000, multiline=True)
    tags = serializers.ListField(
        child=TextField(max_length=50), max_length=MAX_TAGS, required=False
    )
    items = ItemRequestSerializer(many=True, required=False, allow_empty=False)

    def validate_items(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(items) > MAX_LINES:
            raise refusal("too_many", f"At most {MAX_LINES} lines.", f"{MAX_LINES} سطر كحد أقصى.")
        return items


class TestInvoiceCreateSerializer(TestInvoiceUpdateSerializer):
    """A new invoice: a patient and one line are enough; the rest is computed or has a default."""

    status = serializers.ChoiceField([Status.DRAFT, Status.POSTED], required=False)
    items = ItemRequestSerializer(many=True, allow_empty=False)


class TestInvoiceQuerySerializer(serializers.Serializer):
    """What is brought along with one invoice."""

    __test__ = False

    include_barcode = serializers.BooleanField(default=False, help_text="Brings `qr_code` along.")


class CancelSerializer(RequestSerializer):
    reason = TextField(max_length=300)
    date = serializers.DateField(required=False)
    release_payments = serializers.BooleanField(
        default=False, help_text="Keep what was paid as the patient's advance."
    )


class BatchSerializer(RequestSerializer):
    items = serializers.ListField(child=serializers.DictField(), min_length=1, max_length=200)
    atomic = serializers.BooleanField(default=True)
