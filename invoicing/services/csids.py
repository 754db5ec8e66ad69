"""A CSID's life in this house: begun with a key, activated, retired by the next one, revoked."""

import structlog
from django.db import transaction
from django.utils import timezone

from config import crypto
from config.attention.services import raise_attention, resolve_subject
from invoicing import errors
from invoicing.models import BY_CREDENTIALS, Chain, ChainState, EGSUnit
from invoicing.services.units import trust_again
from invoicing.zatca.client import CSIDAnswer
from invoicing.zatca.csr import CSRSubject, build_csr, egs_serial_number
from invoicing.zatca.environments import Environment
from invoicing.zatca.errors import CertificateInvalid, SubjectInvalid
from invoicing.zatca.signing import (
    Certificate,
    generate_private_key,
    load_private_key,
    private_key_pem,
)

log = structlog.get_logger(__name__)

# The certificate request's own words for columns of the unit.
COLUMNS = {"organization": "organization_name", "registered_address": "street"}
ACTIVATED = (
    "state",
    "token",
    "secret_sealed",
    "certificate_serial",
    "certificate_issuer",
    "valid_from",
    "expires_at",
    "activated_at",
    "retired_at",
    "compliance_token",
    "compliance_secret_sealed",
)
REVOKED = ("state", "private_key_sealed", "secret_sealed", "revoked_at", "revoked_reason")
SOLUTION, MODEL = "Daftar", "1"


def begin_chain(unit: EGSUnit, key_pem: str | None = None) -> Chain:
    """A chain with a new key and its CSR, or with a key that exists; commits once.

    Raises UnitUnfit where what the unit says of itself fits no CSR.
    """
    key = load_private_key(key_pem) if key_pem else generate_private_key()
    chain = Chain(unit=unit)
    chain.private_key_sealed = crypto.seal(
        private_key_pem(key).encode(), context=chain.context("private_key")
    )
    if key_pem is None:
        chain.csr = build_csr(_subject(unit), key, Environment(unit.tenant.environment))
    chain.save(force_insert=True)
    return chain


def _subject(unit: EGSUnit) -> CSRSubject:
    try:
        return CSRSubject(
            common_name=f"EGS-{unit.vat_number}-{str(unit.uuid)[:8]}",
            serial_number=egs_serial_number(solution=SOLUTION, model=MODEL, serial=str(unit.uuid)),
            vat_number=unit.vat_number,
            organization_unit=unit.organization_unit,
            organization=unit.organization_name,
            registered_address=f"{unit.building_number} {unit.street}, {unit.city}",
            business_category=unit.business_category,
            invoice_types=unit.title,
        )
    except SubjectInvalid as reason:
        param = COLUMNS.get(reason.field, reason.field)
        raise errors.UnitUnfit(f"{param}: {reason.message}", param=param) from None


def keep_compliance(chain: Chain, answer: CSIDAnswer) -> None:
    """Write the compliance CSID down as soon as it is there; commits once."""
    chain.compliance_request_id = answer.request_id
    chain.compliance_token = answer.token
    chain.compliance_secret_sealed = crypto.seal(
        answer.secret.encode(), context=chain.context("compliance_secret")
    )
    chain.save(
        update_fields=["compliance_request_id", "compliance_token", "compliance_secret_sealed"]
    )


def activate_chain(unit: EGSUnit, chain: Chain, *, token: str, secret: str, by: str) -> Chain:
    """Let the unit seal with `chain` from now on; commits once.

    The chain before it is retired in the same transaction: what was sealed in it stays in it. Every
    alarm about the unit is answered by this, and a pause for refused credentials ends. Raises
    OnboardingFailed and UnitUnfit for a certificate that cannot be read or is another's.
    """
    try:
        certificate = Certificate.from_token(token)
    except CertificateInvalid as reason:
        raise errors.OnboardingFailed(f"ZATCA issued an unreadable certificate: {reason}") from None
    if certificate.vat_number not in (None, unit.vat_number):
        raise errors.UnitUnfit(
            f"The certificate belongs to VAT number {certificate.vat_number}, the unit to "
            f"{unit.vat_number}.",
            message_ar="الشهادة تخص رقمًا ضريبيًا آخر.",
            param="certificate",
        )
    now = timezone.now()
    with transaction.atomic():
        # Two who onboard one unit at once take turns; the later CSID is the active one.
        EGSUnit.objects.select_for_update().get(pk=unit.pk)
        # The old chain first: only one may be active.
        Chain.objects.filter(unit=unit, state=ChainState.ACTIVE).update(
            state=ChainState.RETIRED, retired_at=now
        )
        chain.state = ChainState.ACTIVE
        chain.token = token
        chain.secret_sealed = crypto.seal(secret.encode(), context=chain.context("secret"))
        chain.certificate_serial = format(certificate.serial_number, "x")
        chain.certificate_issuer = certificate.issuer_name[:255]
        chain.valid_from = certificate.not_before
        chain.expires_at = certificate.not_after
        chain.activated_at, chain.retired_at = now, None
        # Of no use from here on, and so not worth keeping.
        chain.compliance_token, chain.compliance_secret_sealed = "", None
        # Never the counters: a chain that comes back may be growing.
        chain.save(update_fields=ACTIVATED)
        resolve_subject(tenant_id=unit.tenant_id, subject=unit.subject, by=by)
        trust_again(unit, by=by)
    return chain


def revoke_csid(unit: EGSUnit, *, reason: str, by: str) -> Chain:
    """Never seal or send with the unit's CSID again; commits once.

    Its private key and its secret are destroyed; the certificate stays, for its documents to be
    verified by. The unit cannot seal before it is onboarded again, and what is sealed and not sent
    waits for that: the same bytes go out with the new CSID. The authority is told by nobody but the
    taxpayer, in the Fatoora portal: its API has no call for it. Raises UnitNotOnboarded.
    """
    now = timezone.now()
    with transaction.atomic():
        EGSUnit.objects.select_for_update().get(pk=unit.pk)
        chain = unit.active_chain()
        if chain is None:
            raise errors.UnitNotOnboarded(unit.name)
        chain.state = ChainState.REVOKED
        chain.private_key_sealed = chain.secret_sealed = None
        chain.revoked_at, chain.revoked_reason = now, reason
        chain.save(update_fields=REVOKED)
        EGSUnit.objects.filter(pk=unit.pk, paused_at=None).update(
            paused_at=now, paused_reason=f"Its CSID was revoked: {reason}", paused_by=BY_CREDENTIALS
        )
        resolve_subject(tenant_id=unit.tenant_id, subject=unit.subject, by=by)
        raise_attention(
            tenant_id=unit.tenant_id,
            kind="csid_revoked",
            subject=unit.subject,
            reason=f"The CSID of EGS unit {unit.name} was revoked here: {reason}",
            next_action="Revoke it in the Fatoora portal too, then onboard the unit with a fresh "
            "OTP; what waits follows by itself.",
        )
    log.warning("csid_revoked", tenant=unit.tenant_id, unit=unit.pk, by=by, reason=reason)
    return chain
