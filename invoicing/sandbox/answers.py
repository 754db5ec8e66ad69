"""The authority's words: the exact bodies its API answers with (zatca.md 8), as data."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

Severity = Literal["error", "warning"]
Payload = dict[str, Any]

TOKEN_TYPE = (
    "http://docs.oasis-open.org/wss/2004/01/"  # noqa: S105 - the profile's public name
    "oasis-200401-wss-x509-token-profile-1.0#X509v3"
)
XSD_VALID = {
    "type": "INFO",
    "code": "XSD_ZATCA_VALID",
    "category": "XSD validation",
    "message": "Complied with UBL 2.1 standards in line with ZATCA specifications",
    "status": "PASS",
}
RULES_NOT_JUDGED = {
    "type": "INFO",
    "code": "RULES_NOT_JUDGED",
    "category": "STAND_IN",
    "message": "The stand-in runs without fatoora-rs: schema and official rules were not judged",
    "status": "PASS",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the authority has to say about a document."""

    severity: Severity
    code: str
    category: str
    message: str

    @classmethod
    def error(cls, code: str, category: str, message: str) -> Self:
        return cls("error", code, category, message)

    @classmethod
    def warning(cls, code: str, category: str, message: str) -> Self:
        return cls("warning", code, category, message)

    def as_item(self) -> Payload:
        word = self.severity.upper()
        return {
            "type": word,
            "code": self.code,
            "category": self.category,
            "message": self.message,
            "status": word,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; `payload` is sent as JSON, or `content` as it stands when there is none."""

    status: int
    payload: Payload | None = None
    content: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return self.content if self.payload is None else json.dumps(self.payload).encode()


class Refused(Exception):
    """A call ends here, with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def has_errors(findings: Iterable[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)


def validation_results(findings: Iterable[Finding], *, rules_judged: bool) -> Payload:
    """The `validationResults` object; the schema is called valid only if it was looked at."""
    findings = list(findings)
    errors = [finding.as_item() for finding in findings if finding.severity == "error"]
    warnings = [finding.as_item() for finding in findings if finding.severity == "warning"]
    schema_broken = any(finding.code == "XSD_ZATCA_INVALID" for finding in findings)
    infos = [] if schema_broken else [XSD_VALID if rules_judged else RULES_NOT_JUDGED]
    return {
        "infoMessages": infos,
        "warningMessages": warnings,
        "errorMessages": errors,
        "status": "ERROR" if errors else "WARNING" if warnings else "PASS",
    }


def csid_issued(*, request_id: int, token: str, secret: str) -> Payload:
    return {
        "requestID": request_id,
        "tokenType": TOKEN_TYPE,
        "dispositionMessage": "ISSUED",
        "binarySecurityToken": token,
        "secret": secret,
        "errors": None,
    }


def not_compliant(issued: Payload) -> Answer:
    """428 of a renewal: a compliance CSID comes back, and its checks have to be done first."""
    value = issued | {"tokenType": None, "dispositionMessage": "NOT_COMPLIANT"}
    return Answer(428, {"value": value})


def request_error(code: str, message: str) -> Answer:
    """400 of the certificate calls."""
    return Answer(400, {"errors": [{"code": code, "message": message}]})


def internal_error() -> Answer:
    return Answer(500, invalid_request().payload)


def invalid_request(message: str = "System failed to process your request") -> Answer:
    return Answer(400, {"code": "Invalid-Request", "message": message})


def not_found(path: str) -> Answer:
    return Answer(404, {"status": 404, "error": "Not Found", "path": path})


def unauthorized(timestamp_ms: int = 0) -> Answer:
    return Answer(
        401,
        {"timestamp": timestamp_ms, "status": 401, "error": "Unauthorized", "message": ""},
        headers={"WWW-Authenticate": 'Basic realm="Realm"'},
    )


def version_not_supported() -> Answer:
    sentence = "This Version is not supported or not provided in the header."
    return Answer(406, content=sentence.encode(), content_type="text/plain")


def clearance_is_off() -> Answer:
    """303, a business answer and no redirect: there is no Location (spelling as at the source)."""
    sentence = (
        "Clearance is deactiviated. Please use the /invoices/reporting/single endpoint instead."
    )
    return Answer(303, {"message": sentence})


def too_many_requests(retry_after: int) -> Answer:
    return Answer(429, {"message": "Too many requests"}, headers={"Retry-After": str(retry_after)})


def gateway_page(status: int, reason: str) -> Answer:
    """What a gateway shows when the authority behind it is not there."""
    page = f"<html><head><title>{status} {reason}</title></head><body>{reason}</body></html>"
    return Answer(status, content=page.encode(), content_type="text/html")


def already_cleared(cleared_invoice: str | None, *, rules_judged: bool) -> Answer:
    """208: the same hash was cleared within the memory; the body is that of the success."""
    known = Finding.warning(
        "Invoice-Warning", "Duplicate-Invoice", "Invoice Hash Previously submitted."
    )
    results = validation_results([known], rules_judged=rules_judged)
    return Answer(
        208,
        {
            "validationResults": results,
            "clearanceStatus": "CLEARED",
            "clearedInvoice": cleared_invoice,
        },
    )


def already_reported() -> Answer:
    """409: the same hash was reported within the memory. It reads like a refusal and is none."""
    known = Finding.error(
        "Invoice-Errors", "Duplicate-Invoice", "Invoice was already Reported successfully earlier."
    )
    results = validation_results([known], rules_judged=True) | {"infoMessages": []}
    return Answer(409, {"validationResults": results, "reportingStatus": "NOT_REPORTED"})


def already_reported_tersely() -> Answer:
    """409 in the other shape that has been seen live."""
    return Answer(
        409,
        {
            "message": "Invoice Hash Previously Submitted",
            "reportingStatus": "REPORTED_SUCCESSFULLY_EARLIER",
        },
    )
