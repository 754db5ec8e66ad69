"""Who issues documents: EGS units, and the chain of documents under each of their CSIDs."""

import uuid

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from config import crypto
from invoicing.zatca.hashing import FIRST_PIH
from invoicing.zatca.signing import Certificate

# What holds a unit's sending back where no person does: its CSID, refused or revoked.
BY_CREDENTIALS = "credentials"


class EGSUnitQuerySet(models.QuerySet["EGSUnit"]):
    def for_tenant(self, tenant) -> "EGSUnitQuerySet":
        return self.filter(tenant=tenant)

    def active(self) -> "EGSUnitQuerySet":
        return self.filter(is_active=True)


class EGSUnit(models.Model):
    """An e-invoice generation solution unit: a till, a branch, a server that issues documents."""

    tenant = models.ForeignKey("tenancy.Tenant", on_delete=models.PROTECT, related_name="egs_units")
    uuid = models.UUIDField("UUID", default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=64, help_text="Named in requests as egs_unit.")
    issues_standard = models.BooleanField(default=True)
    issues_simplified = models.BooleanField(default=True)

    # What stands on its documents and in its certificate request.
    organization_name = models.CharField(max_length=200, help_text="Registered name (BT-27).")
    organization_unit = models.CharField(
        max_length=200, help_text="Branch name; the member's 10-digit TIN in a VAT group."
    )
    vat_number = models.CharField("VAT number", max_length=15)
    id_scheme = models.CharField(
        "ID scheme",
        max_length=3,
        default="CRN",
        choices=[(scheme, scheme) for scheme in ("CRN", "MOM", "MLS", "SAG", "OTH", "700")],
    )
    id_number = models.CharField("ID number", max_length=50)
    street = models.CharField(max_length=200)
    additional_street = models.CharField(max_length=200, blank=True)
    building_number = models.CharField(
        max_length=4, validators=[RegexValidator(r"\A[0-9]{4}\Z", "Four digits.")]
    )
    plot_identification = models.CharField(max_length=10, blank=True)
    district = models.CharField(max_length=200)
    city = models.CharField(max_length=200)
    postal_code = models.CharField(
        max_length=5, validators=[RegexValidator(r"\A[0-9]{5}\Z", "Five digits.")]
    )
    business_category = models.CharField(max_length=200, default="Other")

    is_default = models.BooleanField(
        default=False, help_text="Taken when a request names no unit and there are several."
    )
    is_active = models.BooleanField(default=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_reason = models.TextField(blank=True)
    paused_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = EGSUnitQuerySet.as_manager()

    class Meta:
        db_table = "egs_units"
        verbose_name = "EGS unit"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="egs_unit_name_per_tenant"),
            models.UniqueConstraint(
                fields=["tenant"], condition=Q(is_default=True), name="egs_unit_one_default"
            ),
            models.CheckConstraint(
                condition=Q(issues_standard=True) | Q(issues_simplified=True),
                name="egs_unit_issues_something",
            ),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True, paused_by="")
                | Q(Q(paused_at__isnull=False), ~Q(paused_by="")),
                name="egs_unit_paused_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        """The four flags of the certificate request: standard, simplified, two reserved."""
        return f"{int(self.issues_standard)}{int(self.issues_simplified)}00"

    def active_chain(self) -> "Chain | None":
        """The chain that new documents join, or None before onboarding."""
        return self.chains.filter(state=ChainState.ACTIVE).first()

    @property
    def subject(self) -> str:
        """How attention names this row."""
        return f"unit:{self.pk}"

    @property
    def is_held_by_a_person(self) -> bool:
        """Whether somebody stopped its sending; then only a person starts it again."""
        return self.paused_at is not None and self.paused_by != BY_CREDENTIALS

    def private_key(self) -> str:
        """The PEM text of the key of the active chain; asked for explicitly, never kept."""
        chain = self.active_chain()
        if chain is None:
            raise Chain.DoesNotExist(f"{self.name} has no active chain")
        return chain.private_key()


class ChainState(models.TextChoices):
    ONBOARDING = "ONBOARDING"
    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"
    REVOKED = "REVOKED"


class Chain(models.Model):
    """One CSID: its key, its certificate, its secret, and the line of documents under it.

    ICV counts 1, 2, 3 … without gap; `last_hash` is the hash of the document that took `last_icv`,
    whatever became of it (zatca.md §6.6). Only `services.sealing` moves them. A revoked chain keeps
    its certificate, by which its documents are verified; its key and its secret are destroyed.
    """

    unit = models.ForeignKey(EGSUnit, on_delete=models.PROTECT, related_name="chains")
    uuid = models.UUIDField("UUID", default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(
        max_length=10, choices=ChainState.choices, default=ChainState.ONBOARDING
    )
    private_key_sealed = models.BinaryField(null=True, editable=False)
    csr = models.TextField("CSR", blank=True)
    # The compliance CSID, alive only while onboarding.
    compliance_request_id = models.CharField(max_length=64, blank=True)
    compliance_token = models.TextField(blank=True)
    compliance_secret_sealed = models.BinaryField(null=True, editable=False)
    # The production CSID.
    token = models.TextField(blank=True)
    secret_sealed = models.BinaryField(null=True, editable=False)
    certificate_serial = models.CharField(max_length=64, blank=True)
    certificate_issuer = models.CharField(max_length=255, blank=True)
    valid_from = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    last_icv = models.BigIntegerField("last ICV", default=0)
    last_hash = models.CharField(max_length=100, default=FIRST_PIH)
    created_at = models.DateTimeField(auto_now_add=True)
    activated_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.TextField(blank=True)

    class Meta:
        db_table = "chains"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ChainState.values), name="chain_state_known"
            ),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(state="ACTIVE"), name="chain_one_active_per_unit"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("ONBOARDING", "REVOKED"))
                | (~Q(token="") & Q(secret_sealed__isnull=False) & Q(expires_at__isnull=False)),
                name="chain_active_has_csid",
            ),
            models.CheckConstraint(
                condition=Q(private_key_sealed__isnull=False) | Q(state="REVOKED"),
                name="chain_has_its_key",
            ),
            models.CheckConstraint(
                condition=~Q(state="REVOKED")
                | Q(
                    private_key_sealed__isnull=True,
                    secret_sealed__isnull=True,
                    revoked_at__isnull=False,
                ),
                name="chain_revoked_keeps_no_secret",
            ),
            # One chain per CSID: the same certificate twice would count its documents twice.
            models.UniqueConstraint(
                fields=["unit", "certificate_issuer", "certificate_serial"],
                condition=~Q(state="ONBOARDING"),
                name="chain_once_per_csid",
            ),
            models.CheckConstraint(condition=Q(last_icv__gte=0), name="chain_icv_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.certificate_serial or self.state}"

    def context(self, purpose: str) -> str:
        """What a ciphertext of this row is bound to (contracts 27)."""
        return f"{self.unit.tenant_id}:{self.uuid}:{purpose}"

    def private_key(self) -> str:
        """The key as PEM text; a revoked chain has none."""
        assert self.private_key_sealed is not None
        return crypto.open_sealed(
            bytes(self.private_key_sealed), context=self.context("private_key")
        ).decode()

    def secret(self) -> str:
        """The production CSID's secret."""
        assert self.secret_sealed is not None
        return crypto.open_sealed(
            bytes(self.secret_sealed), context=self.context("secret")
        ).decode()

    def compliance_secret(self) -> str:
        """The compliance CSID's secret."""
        assert self.compliance_secret_sealed is not None
        return crypto.open_sealed(
            bytes(self.compliance_secret_sealed), context=self.context("compliance_secret")
        ).decode()

    def certificate(self) -> Certificate:
        """The production certificate, parsed once per process and token."""
        return Certificate.from_token(self.token)

    def can_seal(self) -> bool:
        """Whether a document may be stamped with this CSID now."""
        return (
            self.state == ChainState.ACTIVE
            and self.expires_at is not None
            and timezone.now() < self.expires_at
        )
