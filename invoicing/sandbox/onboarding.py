"""From a CSR to a production CSID: the certificate calls and the compliance documents between."""

import secrets

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from invoicing import judge
from invoicing.sandbox import answers
from invoicing.sandbox.answers import Answer, Finding, Payload, Refused, has_errors
from invoicing.sandbox.calls import Request
from invoicing.sandbox.certificates import CertificateAuthority, security_token
from invoicing.sandbox.conduct import Conduct
from invoicing.sandbox.csr import UnitRequest
from invoicing.sandbox.documents import Document
from invoicing.sandbox.examination import (
    examine,
    judge_permissions,
    read_submission,
    status_of,
    word_of,
)
from invoicing.sandbox.store import Store

KINDS = ("standard", "simplified")
STEP_OF_TYPE = {"388": "compliant", "381": "credit-note-compliant", "383": "debit-note-compliant"}
# Spelled and ordered as the authority names them in Missing-ComplianceSteps.
STEPS = tuple(f"{kind}-{step}" for kind in KINDS for step in STEP_OF_TYPE.values())


class Onboarding:
    """Issues and renews certificates, and keeps count of the compliance documents."""

    def __init__(self, store: Store, conduct: Conduct, certificates: CertificateAuthority) -> None:
        self._store = store
        self._conduct = conduct
        self._certificates = certificates

    def issue_compliance_csid(self, request: Request) -> Answer:
        """POST /compliance: an OTP and a CSR against a certificate for the compliance checks."""
        request.check_otp()
        return Answer(200, self._compliance_csid(request.csr(), request.environment))

    def check_compliance(self, request: Request, *, arranged: Finding | None = None) -> Answer:
        """POST /compliance/invoices: judged like any document, entered in no books."""
        csid = request.authenticate("compliance", self._store, self._conduct)
        submission = read_submission(request)
        document, findings = submission.document, submission.findings
        if document:
            now, issued_for = self._conduct.now(), self._store.csid_with_certificate
            findings = (
                *findings,
                *judge_permissions(document, csid),
                *examine(document, csid, now=now, issued_for=issued_for),
                *([arranged] if arranged else []),
            )
            if not has_errors(findings) and document.type_code in STEP_OF_TYPE:
                self._store.add_compliance_step(csid.request_id, _step(document))
        simplified = document is not None and document.is_simplified
        word = word_of(findings, "REPORTED" if simplified else "CLEARED")
        return Answer(
            status_of(findings),
            {
                "validationResults": answers.validation_results(
                    findings, rules_judged=judge.available()
                ),
                "reportingStatus": word if simplified else None,
                "clearanceStatus": None if simplified else word,
                "qrSellertStatus": None,
                "qrBuyertStatus": None,
            },
        )

    def issue_production_csid(self, request: Request) -> Answer:
        """POST /production/csids: only after every compliance document of the title flags."""
        csid = request.authenticate("compliance", self._store, self._conduct)
        if str(request.json().get("compliance_request_id", "")) != str(csid.request_id):
            raise Refused(answers.invalid_request("compliance_request_id is not that of the CSID"))
        done = self._store.compliance_steps(csid.request_id)
        missing = [step for step in steps_of(csid.title) if step not in done]
        if missing:
            sentence = (
                "The compliance certificate is not done with the following compliance steps "
                f"yet [{','.join(missing)}]"
            )
            raise Refused(answers.request_error("Missing-ComplianceSteps", sentence))
        certificate = self._certificates.production_certificate(csid.x509, now=self._conduct.now())
        return Answer(
            200,
            self._keep(certificate, "production", csid.environment, csid.vat_number, csid.title),
        )

    def renew_production_csid(self, request: Request) -> Answer:
        """PATCH /production/csids: a new CSR of the same taxpayer.

        New title flags bring new compliance documents, so those are answered 428 with a compliance
        CSID instead.
        """
        current = request.authenticate("production", self._store, self._conduct)
        request.check_otp()
        unit = request.csr()
        if unit.vat_number != current.vat_number:
            sentence = "The provided CSR is invalid: it is for another VAT number"
            raise Refused(answers.request_error("Invalid-CSR", sentence))
        if not set(steps_of(unit.title)) <= set(steps_of(current.title)):
            return answers.not_compliant(self._compliance_csid(unit, request.environment))
        certificate = self._certificates.production_certificate(unit, now=self._conduct.now())
        return Answer(
            200,
            self._keep(certificate, "production", request.environment, unit.vat_number, unit.title),
        )

    def _compliance_csid(self, unit: UnitRequest, environment: str) -> Payload:
        certificate = self._certificates.compliance_certificate(unit, now=self._conduct.now())
        return self._keep(certificate, "compliance", environment, unit.vat_number, unit.title)

    def _keep(
        self,
        certificate: x509.Certificate,
        kind: str,
        environment: str,
        vat_number: str,
        title: str,
    ) -> Payload:
        token, secret = security_token(certificate), secrets.token_urlsafe(32)
        request_id = self._store.add_csid(
            kind=kind,
            environment=environment,
            vat_number=vat_number,
            title=title,
            certificate=certificate.public_bytes(Encoding.DER),
            token=token,
            secret=secret,
            now=self._conduct.now(),
        )
        return answers.csid_issued(request_id=request_id, token=token, secret=secret)


def steps_of(title: str) -> tuple[str, ...]:
    """The compliance documents that these title flags demand (zatca.md 9)."""
    kinds = [kind for kind, flag in zip(KINDS, title, strict=False) if flag == "1"]
    return tuple(step for step in STEPS if step.partition("-")[0] in kinds)


def _step(document: Document) -> str:
    kind = "simplified" if document.is_simplified else "standard"
    return f"{kind}-{STEP_OF_TYPE[document.type_code]}"
