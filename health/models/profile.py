"""How a tenant's laboratory wants its invoices judged and its books kept."""

from django.db import models
from django.db.models import Q

from config.tenancy.models import Tenant


class Layout(models.TextChoices):
    SPLIT = "SPLIT", "Taxes, discount and round-off to accounts of their own"
    COMPACT = "COMPACT", "Two lines: receivable against revenue"


class LabProfile(models.Model):
    """One row a tenant, made when it is first needed."""

    tenant = models.OneToOneField(
        Tenant, on_delete=models.PROTECT, primary_key=True, related_name="lab_profile"
    )
    gstin = models.CharField("GSTIN", max_length=15, blank=True)
    state_code = models.CharField(
        max_length=2,
        blank=True,
        help_text="Of the laboratory, as GST numbers states; 27 is Maharashtra.",
    )
    voucher_layout = models.CharField(max_length=7, choices=Layout.choices, default=Layout.SPLIT)
    strict = models.BooleanField(default=False, help_text="What is otherwise a warning is refused.")

    class Meta:
        db_table = "health_lab_profiles"
        constraints = [
            models.CheckConstraint(
                condition=Q(voucher_layout__in=Layout.values), name="health_layout_known"
            )
        ]

    def __str__(self) -> str:
        return f"laboratory of {self.tenant}"
