"""How a tenant's documents look."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from config.printing.logos import Logo


class LogoKind(models.TextChoices):
    PNG = "image/png", "PNG"
    JPEG = "image/jpeg", "JPEG"
    SVG = "image/svg+xml", "SVG"


class Branding(models.Model):
    """How a tenant's printed documents look. A tenant without a row prints in Daftar's own looks.

    The logo lies in the database, so that a backup is whole and every machine prints the same.
    """

    ACCENT = "#0f766e"

    tenant = models.OneToOneField(
        "tenancy.Tenant", on_delete=models.PROTECT, related_name="branding"
    )
    accent_colour = models.CharField(
        max_length=7,
        default=ACCENT,
        validators=[RegexValidator(r"\A#[0-9a-fA-F]{6}\Z", "A colour is # and six hex digits.")],
        help_text="Titles and table heads, such as #0f766e.",
    )
    footer = models.TextField(
        max_length=500,
        blank=True,
        help_text="At the foot of every page: telephone, bank account, return policy. Lines in "
        "Arabic and in English.",
    )
    logo = models.BinaryField(null=True, editable=False)
    logo_kind = models.CharField(
        max_length=20, choices=LogoKind.choices, blank=True, editable=False
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "tenant_branding"
        verbose_name = verbose_name_plural = "branding"
        constraints = [
            models.CheckConstraint(
                condition=Q(logo__isnull=True, logo_kind="")
                | Q(logo__isnull=False, logo_kind__in=LogoKind.values),
                name="branding_logo_has_kind",
            ),
            models.CheckConstraint(
                condition=Q(accent_colour__startswith="#") & Q(Exact(Length("accent_colour"), 7)),
                name="branding_accent_is_colour",
            ),
        ]

    def __str__(self) -> str:
        return f"Branding of {self.tenant}"

    @property
    def picture(self) -> Logo | None:
        """The logo, or None where there is none."""
        return None if self.logo is None else Logo(bytes(self.logo), self.logo_kind)
