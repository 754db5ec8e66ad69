"""What the authority checks on a document, by whoever judges it best; all findings, not the first.

What the request says of it and the VAT number and flags of the CSID are judged here, schema and
official rules by fatoora-rs, the stamp of a simplified document by signxml, its QR by `qr`.
"""

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from invoicing import judge
from invoicing.sandbox.answers import Finding, Refused, has_errors, internal_error
from invoicing.sandbox.calls import Request
from invoicing.sandbox.documents import Document, Unreadable, read_document
from invoicing.sandbox.qr import CATEGORY as QR_CATEGORY
from invoicing.sandbox.qr import judge_qr
from invoicing.sandbox.stamp import RIYADH
from invoicing.sandbox.store import CSID

CATEGORIES = {
    "cen": "EN_16931",
    "ksa": "KSA",
    "signature": "SIGNATURE_ERRORS",
    "qr": QR_CATEGORY,
    "previous_invoice_hash": "PIH_VALIDATION",
}
CERTIFICATES = "CERTIFICATE_ERRORS"


@dataclass(frozen=True, slots=True)
class Submission:
    """The body of a submitting call, read as far as it goes."""

    document: Document | None
    findings: tuple[Finding, ...]


def read_submission(request: Request) -> Submission:
    """Read `{"invoiceHash", "uuid", "invoice"}` and compare it with the document inside.

    Raises Refused when the body is no JSON object; everything below that is a finding.
    """
    fields = request.json()
    findings: list[Finding] = []
    document = _read_invoice(fields.get("invoice"), findings)
    claimed_hash, claimed_uuid = fields.get("invoiceHash"), fields.get("uuid")
    if not isinstance(claimed_hash, str) or not _is_hash(claimed_hash):
        problem = "Invalid" if claimed_hash else "Missing"
        sentence = f"Invoice hash is {problem.lower()}"
        findings.append(Finding.error("InvoiceHash-Errors", f"{problem}-InvoiceHash", sentence))
    elif document and claimed_hash != document.invoice_hash:
        sentence = "The invoice hash API body does not match the (calculated) Hash of the XML"
        findings.append(Finding.error("invalid-invoice-hash", "INVOICE_HASHING_ERRORS", sentence))
    if not isinstance(claimed_uuid, str) or (document and claimed_uuid != document.uuid):
        problem = "Invalid" if claimed_uuid else "Missing"
        sentence = "The UUID in the API body is not the UUID of the invoice"
        findings.append(Finding.error("UUID-Errors", f"{problem}-UUID", sentence))
    return Submission(document, tuple(findings))


def _read_invoice(encoded: object, findings: list[Finding]) -> Document | None:
    if not isinstance(encoded, str) or not encoded:
        findings.append(Finding.error("Invoice-Errors", "Missing-Invoice", "Invoice is missing"))
        return None
    try:
        return read_document(base64.b64decode(encoded, validate=True))
    except Unreadable as error:
        findings.append(_schema_broken(str(error)))
    except ValueError:
        sentence = "Invoice is not valid base64"
        findings.append(Finding.error("Invoice-Errors", "Invalid-Invoice", sentence))
    return None


def _is_hash(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == 32
    except ValueError:
        return False


def _schema_broken(detail: str) -> Finding:
    sentence = (
        "Schema validation failed; XML does not comply with UBL 2.1 standards in line with ZATCA "
        f"specifications. ERROR: {detail}"
    )
    return Finding.error("XSD_ZATCA_INVALID", "XSD validation", sentence)


def examine(
    document: Document,
    csid: CSID,
    *,
    now: datetime,
    issued_for: Callable[[bytes], CSID | None],
) -> tuple[Finding, ...]:
    """Everything the authority has to say about a document that this CSID submits now.

    `issued_for` finds the CSID of a certificate by its DER. Raises Refused (500) when the official
    rules could not be run to their end, because then there is no verdict to give.
    """
    findings = _judge_rules(document, now)
    if document.is_simplified:
        own = [*judge_stamp(document, csid, issued_for), *_judge_qr(document)]
        # Own findings name the field; the rules' generic word on the same stage adds nothing.
        named = {finding.category for finding in own}
        findings = [item for item in findings if item.category not in named] + own
    return tuple(findings)


def _judge_rules(document: Document, now: datetime) -> list[Finding]:
    if not judge.available():
        return []
    # The chain is recorded, not enforced (documents may arrive in any order), so no predecessor.
    verdict = judge.official_verdict(document.xml, evaluated_at=now)
    findings = [
        _schema_broken(item.message)
        if item.stage not in CATEGORIES
        else Finding(
            "error" if item.severity == "error" else "warning",
            item.rule,
            CATEGORIES[item.stage],
            item.message,
        )
        for item in verdict.findings
    ]
    if not verdict.complete and not has_errors(findings):
        raise Refused(internal_error())
    return findings


def judge_stamp(
    document: Document, csid: CSID, issued_for: Callable[[bytes], CSID | None]
) -> list[Finding]:
    """The stamp must be whole, and made with a certificate of this taxpayer that was good then.

    It need not be the certificate that authenticates: after a renewal or a revocation the sealed
    bytes are sent again under the new CSID (zatca.md 8, 401).
    """
    broken = Finding.error(
        "invalid-digital-signature", "SIGNATURE_ERRORS", "Invalid digital signature"
    )
    stamp = document.stamp
    if stamp is None:
        return [broken]
    signer = issued_for(stamp.certificate_der)
    if signer is None or (signer.vat_number, signer.environment, signer.kind) != (
        csid.vat_number,
        csid.environment,
        csid.kind,
    ):
        sentence = (
            "X509Certificate (CCSID / PCSID) used for signing is not valid certificate "
            "(CCSID / PCSID) for this VAT Registration Number."
        )
        return [Finding.error("invalid-signing-certificate", CERTIFICATES, sentence)]
    try:
        signed_at = datetime.fromisoformat(stamp.signing_time)
        signed_at = signed_at if signed_at.tzinfo else signed_at.replace(tzinfo=RIYADH)
        judge.verify_stamp(document.xml, certificate_der=signer.certificate, at=signed_at)
    except (judge.StampBroken, ValueError):
        return [broken]
    if not signer.is_usable(signed_at):
        return [Finding.error("invalid-certificate", CERTIFICATES, "Production CSID is not valid")]
    return []


def _judge_qr(document: Document) -> list[Finding]:
    certificate = document.stamp.certificate if document.stamp else None
    return judge_qr(document, certificate) if certificate else []


def judge_permissions(document: Document, csid: CSID) -> list[Finding]:
    """The document's VAT number is the CSID's, and the CSID was issued for its kind."""
    findings = []
    if document.issuer_vat_number != csid.vat_number:
        sentence = (
            "User only allowed to use the vat number that exists in the authentication certificate"
        )
        findings.append(Finding.error("certificate-permissions", CERTIFICATES, sentence))
    if csid.title[1 if document.is_simplified else 0] != "1":
        kind = "simplified" if document.is_simplified else "standard"
        sentence = f"The authentication certificate was not issued for {kind} documents"
        findings.append(Finding.error("certificate-permissions", CERTIFICATES, sentence))
    return findings


def word_of(findings: Iterable[Finding], word: str) -> str:
    """CLEARED or REPORTED, with NOT_ before it when there is an error."""
    return f"NOT_{word}" if has_errors(findings) else word


def status_of(findings: tuple[Finding, ...]) -> int:
    """200, 202 with warnings, 400 with errors."""
    return 400 if has_errors(findings) else 202 if findings else 200
