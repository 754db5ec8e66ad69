"""Reporting and clearance: a document is judged once, stored with its verdict, and remembered."""

import base64

from invoicing import judge
from invoicing.sandbox import answers
from invoicing.sandbox.answers import Answer, Finding, Payload, Refused, has_errors
from invoicing.sandbox.books import Books, Remembered, Verdict
from invoicing.sandbox.calls import Request
from invoicing.sandbox.certificates import CertificateAuthority
from invoicing.sandbox.conduct import Conduct
from invoicing.sandbox.documents import Document
from invoicing.sandbox.examination import (
    examine,
    judge_permissions,
    read_submission,
    status_of,
    word_of,
)
from invoicing.sandbox.stamp import stamp_cleared
from invoicing.sandbox.store import CSID, Store


class Intake:
    """Takes documents in; refused ones are stored too, as the authority does."""

    def __init__(
        self, store: Store, books: Books, conduct: Conduct, certificates: CertificateAuthority
    ) -> None:
        self._store = store
        self._books = books
        self._conduct = conduct
        self._certificates = certificates

    def submit(self, request: Request, *, arranged: Finding | None = None) -> Answer:
        """POST /invoices/reporting/single and /invoices/clearance/single.

        A hash accepted in the last 24 hours is answered 208 or 409 without another look. Otherwise
        the verdict is committed before it is returned; `arranged` is one more finding in it.
        """
        csid = request.authenticate("production", self._store, self._conduct)
        self._check_clearance_status(request)
        submission = read_submission(request)
        document = submission.document
        if document is None:
            return self._verdict_answer(request, submission.findings, cleared=None)
        findings = [
            *submission.findings,
            *self._judge_kind(request, document),
            *judge_permissions(document, csid),
        ]
        now = self._conduct.now()
        if not findings and (
            known := self._books.recall(request.environment, document.invoice_hash, now=now)
        ):
            return self._duplicate_answer(request, known)
        issued_for = self._store.csid_with_certificate
        findings += examine(document, csid, now=now, issued_for=issued_for)
        findings += [arranged] if arranged else []
        return self._record(request, document, csid, tuple(findings))

    def _check_clearance_status(self, request: Request) -> None:
        stated = request.headers.get("clearance-status")
        if stated not in ("0", "1"):
            raise Refused(answers.invalid_request("Clearance-Status header is required: 0 or 1"))
        if request.is_clearance and (stated == "0" or not self._conduct.clearance):
            raise Refused(answers.clearance_is_off())

    def _judge_kind(self, request: Request, document: Document) -> list[Finding]:
        """Simplified documents are reported; standard ones too, but only while clearance is off."""
        if request.is_clearance:
            call, kind, fits = "clearance", "standard", not document.is_simplified
        else:
            call, kind = "reporting", "simplified"
            fits = document.is_simplified or not self._conduct.clearance
        sentence = f"XML submitted using {call} API is not a {kind} document"
        wrong = Finding.error("XML-INVOICE-ERROR", "INVOICETYPE_ERRORS", sentence)
        return [] if fits else [wrong]

    def _record(
        self, request: Request, document: Document, csid: CSID, findings: tuple[Finding, ...]
    ) -> Answer:
        now, accepted = self._conduct.now(), not has_errors(findings)
        cleared = None
        if request.is_clearance and accepted:
            cleared = stamp_cleared(document, self._certificates.seal(now=now), at=now)
        verdict = Verdict(
            word=_word(request, findings),
            accepted=accepted,
            codes=tuple(finding.code for finding in findings),
            cleared=cleared,
        )
        known = self._books.record(
            document,
            verdict,
            environment=request.environment,
            call=request.call,
            csid=self._chain_of(document, csid),
            now=now,
        )
        if known:
            return self._duplicate_answer(request, known)
        return self._verdict_answer(request, findings, cleared=cleared)

    def _chain_of(self, document: Document, csid: CSID) -> str:
        """The CSID in whose chain the document stands: the one it was stamped with."""
        der = document.stamp.certificate_der if document.stamp else b""
        return (self._store.csid_with_certificate(der) or csid).serial

    def _verdict_answer(
        self, request: Request, findings: tuple[Finding, ...], *, cleared: bytes | None
    ) -> Answer:
        results = answers.validation_results(findings, rules_judged=judge.available())
        payload: Payload = {"validationResults": results}
        if request.is_clearance:
            payload |= {
                "clearanceStatus": _word(request, findings),
                "clearedInvoice": _text(cleared),
            }
        else:
            payload |= {"reportingStatus": _word(request, findings)}
        return Answer(status_of(findings), payload)

    def _duplicate_answer(self, request: Request, known: Remembered) -> Answer:
        if not request.is_clearance:
            return answers.already_reported()
        return answers.already_cleared(_text(known.cleared), rules_judged=judge.available())


def _word(request: Request, findings: tuple[Finding, ...]) -> str:
    return word_of(findings, "CLEARED" if request.is_clearance else "REPORTED")


def _text(data: bytes | None) -> str | None:
    return base64.b64encode(data).decode() if data else None
