"""What a person says before something is done to an invoice."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from health.admin.pages import ReasonForm
from health.models import Mode
from health.services.crediting import Left
from health.words import rupees

SMALLEST = Decimal("0.01")


def amount_field(**more: Any) -> forms.DecimalField:
    """An amount of rupees and paise."""
    return forms.DecimalField(
        min_value=SMALLEST,
        max_digits=15,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget(attrs={"dir": "ltr"}),
        **more,
    )


class PaymentForm(forms.Form):
    """Money for an invoice; what is owed stands there already."""

    amount = amount_field()
    mode = forms.ChoiceField(choices=Mode.choices, widget=UnfoldAdminSelectWidget())
    reference = forms.CharField(
        max_length=100,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Such as the number of a cheque.",
    )

    def __init__(self, *args: Any, owed: Decimal | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if owed is not None and owed > 0:
            self.fields["amount"].initial = owed


class CancelForm(ReasonForm):
    release_payments = forms.BooleanField(
        label="Keep what was paid as the patient's advance",
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text="Otherwise an invoice that was paid is not cancelled.",
    )


class CreditForm(ReasonForm):
    """One amount a line, each at most what no note has taken yet."""

    def __init__(self, *args: Any, left: Sequence[Left], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for line in left:
            most = line.taxable
            if most:
                item = line.item
                name = item.test_name or item.panel_name or f"{item.test_id or item.panel_id}"
                self.fields[f"line_{item.line_no}"] = amount_field(
                    label=f"{item.line_no}. {name}",
                    required=False,
                    max_value=most,
                    help_text=f"Before tax, at most {rupees(most)}.",
                )
        # The reason comes last: it is about what was named before it.
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        lines = {
            int(name.removeprefix("line_")): value
            for name, value in said.items()
            if name.startswith("line_") and value is not None
        }
        return {**said, "lines": lines or None}
