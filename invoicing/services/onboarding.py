"""From a one-time password to a unit that may seal: key, CSR, compliance CSID, six documents, CSID.

The authority's portal gives the OTP; everything else happens here. Each answer is kept as soon as
it is there, so that a run that breaks off can be looked at; the next run starts with a new key.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from config.problems import Bilingual
from config.tenancy.models import Tenant
from invoicing import errors
from invoicing.gateways import Gateway, gateway_for
from invoicing.models import Chain, ChainState, EGSUnit
from invoicing.services.csids import activate_chain, begin_chain, keep_compliance
from invoicing.services.documents import seller_of
from invoicing.zatca.client import CSIDAnswer
from invoicing.zatca.csr import TIN, is_vat_group
from invoicing.zatca.documents import (
    Address,
    BillingReference,
    Document,
    DocumentKind,
    Line,
    Party,
    PaymentMeans,
    VatCategory,
)
from invoicing.zatca.errors import CertificateInvalid, KeyInvalid, OnboardingRefused
from invoicing.zatca.hashing import FIRST_PIH
from invoicing.zatca.outcomes import judge_answer
from invoicing.zatca.rules import seller_findings
from invoicing.zatca.rules.catalogue.parties import MEMBER_TIN
from invoicing.zatca.sealing import RIYADH, Sealed, seal
from invoicing.zatca.signing import Certificate, LocalSigner, load_private_key, private_key_pem

SELLER_COLUMNS = {
    "seller_name": "organization_name",
    "seller_id.scheme": "id_scheme",
    "seller_id.number": "id_number",
}
BUYER = Party(
    name="شركة المشتري | Compliance Buyer Company",
    vat_number="399999999800003",
    address=Address("طريق الملك فهد", "2322", "العليا", "الرياض", "12214"),
)


def onboard_unit(unit: EGSUnit, *, otp: str, by: str) -> Chain:
    """Get the unit a production CSID and start its chain; the unit can seal afterwards.

    Commits: the key and CSR before anything is asked for; the compliance CSID; the production CSID
    with the retirement of the chain before it. Documents sealed earlier keep their own chain.
    Raises OnboardingFailed with the authority's own words, and UnitUnfit before anybody is asked;
    the unit keeps the chain it had.
    """
    gateway = gateway_for(unit)
    chain = begin_chain(unit)
    try:
        compliance = gateway.compliance_csid(chain.csr, otp)
        keep_compliance(chain, compliance)
        pass_checks(gateway, unit, chain, compliance)
        production = gateway.production_csid(compliance.credentials, compliance.request_id)
    except OnboardingRefused as refusal:
        raise errors.OnboardingFailed(
            f"ZATCA refused the onboarding of {unit.name}: {refusal.code}: {refusal.message}",
            message_ar=f"رفضت الهيئة تسجيل الوحدة {unit.name}: {refusal.code}",
            param="otp" if "OTP" in refusal.code else None,
        ) from None
    return activate_chain(unit, chain, token=production.token, secret=production.secret, by=by)


def adopt_csid(unit: EGSUnit, *, certificate: str, private_key: str, secret: str, by: str) -> Chain:
    """Start a chain with a certificate and key that exist already; commits once.

    `certificate` is PEM, base64 DER or a binarySecurityToken. For the authority's own sandbox,
    whose production certificate is fixed, and for moving in from other software. The chain starts
    at ICV 1: a certificate that was used elsewhere has numbers there already, which only its owner
    can know. Raises UnitUnfit where the two do not belong together or to this unit.
    """
    try:
        key = load_private_key(private_key)
        parsed = _read_certificate(certificate)
    except (KeyInvalid, CertificateInvalid) as reason:
        given = "private_key" if isinstance(reason, KeyInvalid) else "certificate"
        raise errors.UnitUnfit(str(reason), param=given) from None
    if LocalSigner(key).public_key_der != parsed.public_key_der:
        raise errors.UnitUnfit(
            "The certificate was not made for this private key.",
            message_ar="الشهادة لا تخص هذا المفتاح الخاص.",
            param="private_key",
        )
    known = unit.chains.filter(token=parsed.token).exclude(state=ChainState.ONBOARDING).first()
    if known is not None and known.state == ChainState.REVOKED:
        raise errors.UnitUnfit(
            "This CSID was revoked; a revoked one never comes back.",
            message_ar="أُلغيت هذه الشهادة؛ ولا تعود شهادة ملغاة.",
            param="certificate",
        )
    chain = known or begin_chain(unit, private_key_pem(key))
    return activate_chain(unit, chain, token=parsed.token, secret=secret, by=by)


def _read_certificate(text: str) -> Certificate:
    if "BEGIN CERTIFICATE" in text:
        return Certificate.from_pem(text)
    try:
        return Certificate.from_token(text.strip())
    except CertificateInvalid:
        return Certificate.from_base64_der(text)


def pass_checks(gateway: Gateway, unit: EGSUnit, chain: Chain, compliance: CSIDAnswer) -> None:
    """Send each document that the unit's title demands (zatca.md §9). Raises OnboardingFailed."""
    try:
        certificate = Certificate.from_token(compliance.token)
    except CertificateInvalid as reason:
        raise errors.OnboardingFailed(f"ZATCA issued an unreadable certificate: {reason}") from None
    signer = LocalSigner(chain.private_key())
    pih = FIRST_PIH
    for icv, document in enumerate(compliance_documents(unit), start=1):
        sealed: Sealed = seal(
            document,
            icv=icv,
            pih=pih,
            signer=signer,
            certificate=certificate,
            signed_at=timezone.now(),
        )
        pih = sealed.invoice_hash
        answer = gateway.check_compliance(compliance.credentials, sealed)
        outcome = judge_answer(answer)
        if outcome.status != "CLEARED":
            told = "; ".join(f"{item.code}: {item.message}" for item in outcome.errors)
            raise errors.OnboardingFailed(
                f"ZATCA did not accept the compliance document {document.number}: "
                f"{told or outcome.message}",
                message_ar=f"لم تقبل الهيئة مستند الالتزام {document.number}.",
            )


def compliance_documents(unit: EGSUnit) -> Iterator[Document]:
    """Invoice, credit note and debit note for each kind of document the unit may issue."""
    kinds = [simplified for simplified, on in _enabled(unit) if on]
    now = datetime.now(UTC).astimezone(RIYADH)
    for simplified in kinds:
        for kind in (DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE, DocumentKind.DEBIT_NOTE):
            word = "simplified" if simplified else "standard"
            is_note = kind != DocumentKind.INVOICE
            yield Document(
                kind=kind,
                simplified=simplified,
                number=f"compliance-{word}-{kind.value}",
                uuid=str(uuid4()),
                issue_date=now.date(),
                issue_time=now.time().replace(microsecond=0),
                supplier=seller_of(unit),
                customer=None if simplified else BUYER,
                lines=(Line("بند الفحص", Decimal(1), Decimal(100), VatCategory.S, Decimal(15)),),
                billing_references=(BillingReference("compliance-1"),) if is_note else (),
                note_reason="فحص الالتزام" if is_note else None,
                payment_means=PaymentMeans("10"),
                supply_date=None if simplified or is_note else now.date(),
            )


def _enabled(unit: EGSUnit) -> tuple[tuple[bool, bool], ...]:
    return (False, unit.issues_standard), (True, unit.issues_simplified)


def register_unit(*, tenant: Tenant, **columns: object) -> EGSUnit:
    """Write a unit down; it can seal once it is onboarded. Commits once.

    The VAT number is the tenant's. Raises UnitNameTaken, and ValidationError with the field that is
    wrong.
    """
    unit = EGSUnit(tenant=tenant, vat_number=tenant.vat_number, **columns)
    return _write_down(unit)


def update_unit(unit: EGSUnit, **columns: object) -> EGSUnit:
    """Change what a unit says of itself on the documents it seals from now on. Commits once.

    A unit made the default takes that from the one that was. Raises as `register_unit`.
    """
    for name, value in columns.items():
        setattr(unit, name, value)
    return _write_down(unit)


def _write_down(unit: EGSUnit) -> EGSUnit:
    with transaction.atomic():
        # One at a time within a tenant: name and default are decided by looking.
        Tenant.objects.select_for_update(no_key=True).get(pk=unit.tenant_id)
        others = EGSUnit.objects.for_tenant(unit.tenant).exclude(pk=unit.pk)
        if others.filter(name=unit.name).exists():
            raise errors.UnitNameTaken(unit.name)
        if unit.is_default:
            others.filter(is_default=True).update(is_default=False)
        unit.full_clean()
        require_fit_seller(unit)
        unit.save()
    return unit


def require_fit_seller(unit: EGSUnit) -> None:
    """Judge once what stands on every document of the unit (BG-4), and not with every document.

    Raises ValidationError with the columns that are wrong, in English and Arabic.
    """
    found = {
        SELLER_COLUMNS.get(finding.path, finding.path.rpartition(".")[2]): finding
        for finding in seller_findings(seller_of(unit))
        if finding.path != "seller_tax_number"  # the tenant's, judged with the tenant
    }
    if is_vat_group(unit.vat_number) and not TIN.fullmatch(unit.organization_unit):
        found["organization_unit"] = MEMBER_TIN.at("organization_unit")
    if found:
        raise ValidationError(
            {
                column: ValidationError(item.message, code=Bilingual(item.rule, item.message_ar))
                for column, item in found.items()
            }
        )
