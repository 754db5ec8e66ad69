"""Whom a tenant sells to and what: rows to pick from when an invoice is written by hand.

An invoice keeps a copy of what was picked; changing a row here changes no document.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from config.numbers import exact_decimal
from config.tenancy.models import SAUDI_VAT_NUMBER
from config.text import text_problem
from invoicing.zatca.codes import COUNTRIES
from invoicing.zatca.documents import VatCategory
from invoicing.zatca.exemptions import OUT_OF_SCOPE, codes_of
from invoicing.zatca.rules.parties import BUYER_SCHEMES

RATES = {"S": (15, 5), "Z": (0,), "E": (0,), "O": (0,)}


def validate_text(value: str) -> None:
    """Accept text that may stand in a document."""
    if problem := text_problem(value):
        raise ValidationError(problem.en, code=problem.code)


def validate_price(value: str) -> None:
    """Accept a plain decimal number of up to 15 digits, six of them after the point."""
    number = exact_decimal(value)
    if number is None or number < 0:
        raise ValidationError("A plain number is needed, as in 12.50.", code="invalid_number")
    _, digits, exponent = number.as_tuple()
    if len(digits) > 15 or -int(exponent) > 6:
        raise ValidationError("At most 15 digits, six after the point.", code="too_many_digits")


def validate_country(code: str) -> None:
    """Accept a two-letter code of ISO 3166-1."""
    if code not in COUNTRIES:
        raise ValidationError("Two letters of ISO 3166-1, such as SA.", code="unknown_country")


def _text(length: int, *, blank: bool = True, **more: Any) -> Any:
    return models.CharField(max_length=length, blank=blank, validators=[validate_text], **more)


class DirectoryQuerySet(models.QuerySet):
    def for_tenant(self, tenant) -> "DirectoryQuerySet":
        return self.filter(tenant=tenant)

    def active(self) -> "DirectoryQuerySet":
        return self.filter(is_active=True)


def _refused(code: str, words: str) -> ValidationError:
    return ValidationError(words, code=code)


def _both(name: str, name_ar: str) -> str:
    return f"{name_ar} | {name}" if name_ar and name_ar != name else name


class Buyer(models.Model):
    """Somebody a tenant invoices, with all that a tax invoice says of a buyer (BG-7)."""

    tenant = models.ForeignKey("tenancy.Tenant", on_delete=models.PROTECT, related_name="buyers")
    code = _text(64, help_text="Your own number for this buyer, if you have one.")
    name = _text(450, blank=False)
    name_ar = _text(450, verbose_name="name in Arabic")
    vat_number = models.CharField(
        "VAT number", max_length=15, blank=True, validators=[SAUDI_VAT_NUMBER]
    )
    id_scheme = models.CharField(
        "ID scheme",
        max_length=3,
        blank=True,
        choices=[(scheme, scheme) for scheme in sorted(BUYER_SCHEMES)],
    )
    id_number = models.CharField(
        "ID number",
        max_length=50,
        blank=True,
        validators=[RegexValidator(r"\A[0-9A-Za-z]+\Z", "Letters and digits only.")],
    )
    street = _text(1000)
    building_number = _text(10)
    additional_street = _text(127)
    plot_identification = _text(10)
    district = _text(127)
    city = _text(127)
    postal_code = _text(20)
    country_subentity = _text(127, verbose_name="province")
    country_code = models.CharField(max_length=2, default="SA", validators=[validate_country])
    email = models.EmailField("e-mail", blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        db_table = "buyers"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "code"],
                condition=~Q(code=""),
                name="buyer_code_once",
                violation_error_message="Another buyer has this code.",
            ),
            models.CheckConstraint(
                condition=Q(id_scheme="", id_number="") | (~Q(id_scheme="") & ~Q(id_number="")),
                name="buyer_id_whole",
                violation_error_message="An ID number and its scheme go together.",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="buyer_has_name"),
        ]
        indexes = [models.Index(fields=["tenant", "name", "id"], name="ix_buyers_tenant_name")]

    def __str__(self) -> str:
        return self.document_name

    @property
    def document_name(self) -> str:
        """The name as documents carry it: both languages where both are known."""
        return _both(self.name, self.name_ar)


class Product(models.Model):
    """Something a tenant sells: its price before VAT and how it is taxed.

    `unit_price` is Decimal text, up to six places: a decimal column is a float on SQLite.
    """

    tenant = models.ForeignKey("tenancy.Tenant", on_delete=models.PROTECT, related_name="products")
    code = _text(64, help_text="Your own number for this product, if you have one.")
    name = _text(450, blank=False)
    name_ar = _text(450, verbose_name="name in Arabic")
    unit_code = _text(20, blank=False, default="PCE", help_text="UN/ECE 20, such as PCE or KGM.")
    unit_price = models.CharField(max_length=17, validators=[validate_price])
    tax_category = models.CharField(
        "VAT category",
        max_length=1,
        default="S",
        choices=[("S", "Standard"), ("Z", "Zero rated"), ("E", "Exempt"), ("O", "Out of scope")],
    )
    tax_rate = models.PositiveSmallIntegerField(
        "VAT rate", default=15, choices=[(rate, f"{rate} %") for rate in (15, 5, 0)]
    )
    exemption_code = models.CharField(max_length=30, blank=True)
    exemption_reason = _text(1000, help_text=f"Your own words; with {OUT_OF_SCOPE} only.")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        db_table = "products"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "code"],
                condition=~Q(code=""),
                name="product_code_once",
                violation_error_message="Another product has this code.",
            ),
            models.CheckConstraint(
                condition=Q(tax_category="S", tax_rate__in=(5, 15), exemption_code="")
                | (Q(tax_category__in=("Z", "E", "O"), tax_rate=0) & ~Q(exemption_code="")),
                name="product_tax_fits",
                violation_error_message="Standard: 15 or 5 %. Every other category: 0 % and an "
                "exemption code.",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="product_has_name"),
        ]
        indexes = [models.Index(fields=["tenant", "name", "id"], name="ix_products_tenant_name")]

    def __str__(self) -> str:
        return self.document_name

    @property
    def document_name(self) -> str:
        """The name as documents carry it: both languages where both are known."""
        return _both(self.name, self.name_ar)

    def clean(self) -> None:
        if self.tax_category not in RATES:
            return
        if self.tax_rate not in RATES[self.tax_category]:
            raise ValidationError(
                {"tax_rate": _refused("tax_mismatch", "Standard: 15 or 5 %. All others: 0 %.")}
            )
        codes = codes_of(VatCategory(self.tax_category))
        if self.exemption_code not in (codes or ("",)):
            words = f"One of {', '.join(codes)}." if codes else "Standard supplies carry none."
            raise ValidationError({"exemption_code": _refused("exemption_code", words)})
        if bool(self.exemption_reason) != (self.exemption_code == OUT_OF_SCOPE):
            words = f"Needed with {OUT_OF_SCOPE}, and only there."
            raise ValidationError({"exemption_reason": _refused("exemption_reason", words)})
