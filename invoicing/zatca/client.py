"""ZATCA's HTTP API: six calls, each one exchange, each answered with what really happened.

Thread-safe and without state beyond its settings. A document goes out as the exact bytes it was
sealed with; what an answer means is decided in `outcomes`, not here.
"""

import json
from base64 import b64encode
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import requests

from config.transport import Event, Reached, exchange
from invoicing.zatca.errors import OnboardingRefused

DEADLINE = 30.0  # seconds for a whole call
CONNECT_TIMEOUT = 5.0
MAX_BYTES = 5 * 1024 * 1024
UNAVAILABLE = "zatca_unavailable"
TIMEOUT = "zatca_timeout"
UNREADABLE = "zatca_unreadable"


class Call(StrEnum):
    """The calls that carry a document."""

    REPORTING = "reporting"
    CLEARANCE = "clearance"
    COMPLIANCE = "compliance"


_PATHS = {
    Call.REPORTING: "/invoices/reporting/single",
    Call.CLEARANCE: "/invoices/clearance/single",
    Call.COMPLIANCE: "/compliance/invoices",
}
_CLEARANCE_STATUS = {Call.REPORTING: "0", Call.CLEARANCE: "1"}


class SealedDocument(Protocol):
    """What a call needs of a document: `sealing.Sealed`, or a row that kept its bytes."""

    @property
    def xml(self) -> bytes: ...
    @property
    def invoice_hash(self) -> str: ...
    @property
    def uuid(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Credentials:
    """A CSID: its binarySecurityToken as received, and its secret."""

    token: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from a call with a document; `outcomes.judge_answer` says what it means.

    `body` holds the raw bytes, bounded; `headers` Content-Type, Retry-After and Date where sent;
    `event` the word for what broke ("" when the answer is whole); `elapsed` seconds.
    """

    call: Call
    http_status: int | None
    body: bytes
    headers: dict[str, str]
    event: Event
    reached: Reached
    elapsed: float


@dataclass(frozen=True, slots=True)
class CSIDAnswer:
    """A CSID as issued. `disposition` is ISSUED, or NOT_COMPLIANT when a renewal came back with a
    compliance CSID, with which the compliance checks have to be passed again (HTTP 428)."""

    request_id: str
    token: str = field(repr=False)
    secret: str = field(repr=False)
    disposition: str

    @property
    def credentials(self) -> Credentials:
        return Credentials(self.token, self.secret)


class Client:
    """The API at `base_url` (see `Environment.base_url`).

    `deadline` bounds a whole call in seconds, `connect_timeout` the connecting in it, `max_bytes`
    the answer.
    """

    def __init__(
        self,
        base_url: str,
        *,
        deadline: float = DEADLINE,
        connect_timeout: float = CONNECT_TIMEOUT,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.deadline = deadline
        self.connect_timeout = connect_timeout
        self.max_bytes = max_bytes

    def report(self, credentials: Credentials, sealed: SealedDocument) -> Answer:
        """Report a simplified document, or a standard one while clearance is switched off."""
        return self._send(Call.REPORTING, credentials, sealed)

    def clear(self, credentials: Credentials, sealed: SealedDocument) -> Answer:
        """Ask for clearance of a standard document."""
        return self._send(Call.CLEARANCE, credentials, sealed)

    def check_compliance(self, credentials: Credentials, sealed: SealedDocument) -> Answer:
        """Have a document checked with the compliance CSID; nothing is recorded as an invoice."""
        return self._send(Call.COMPLIANCE, credentials, sealed)

    def compliance_csid(self, csr_pem: str, otp: str) -> CSIDAnswer:
        """Trade a CSR and a one-time password for a compliance CSID. Raises OnboardingRefused."""
        return self._csid("POST", "/compliance", {"csr": _base64(csr_pem)}, {"OTP": otp})

    def production_csid(self, credentials: Credentials, request_id: str) -> CSIDAnswer:
        """Trade a compliance CSID, its checks passed, for a production CSID.

        Raises OnboardingRefused.
        """
        return self._csid(
            "POST",
            "/production/csids",
            {"compliance_request_id": request_id},
            {"Authorization": _basic(credentials)},
        )

    def renew_csid(self, credentials: Credentials, csr_pem: str, otp: str) -> CSIDAnswer:
        """Renew a production CSID; mind the answer's `disposition`. Raises OnboardingRefused."""
        return self._csid(
            "PATCH",
            "/production/csids",
            {"csr": _base64(csr_pem)},
            {"OTP": otp, "Authorization": _basic(credentials), "Accept-Language": "en"},
        )

    def _send(self, call: Call, credentials: Credentials, sealed: SealedDocument) -> Answer:
        headers = {"Authorization": _basic(credentials), "Accept-Language": "en"}
        if call in _CLEARANCE_STATUS:
            headers["Clearance-Status"] = _CLEARANCE_STATUS[call]
        body = {
            "invoiceHash": sealed.invoice_hash,
            "uuid": sealed.uuid,
            "invoice": b64encode(sealed.xml).decode(),
        }
        got = exchange(
            self._request("POST", _PATHS[call], body, headers),
            deadline=self.deadline,
            connect_timeout=self.connect_timeout,
            max_bytes=self.max_bytes,
        )
        return Answer(
            call, got.http_status, got.body, got.headers, got.event, got.reached, got.elapsed
        )

    def _csid(
        self, method: str, path: str, body: dict[str, str], headers: dict[str, str]
    ) -> CSIDAnswer:
        got = exchange(
            self._request(method, path, body, headers),
            deadline=self.deadline,
            connect_timeout=self.connect_timeout,
            max_bytes=self.max_bytes,
        )
        if got.event is Event.TIMEOUT:
            raise OnboardingRefused(TIMEOUT, "no answer within the deadline", None)
        if got.event is not Event.NONE:
            raise OnboardingRefused(UNAVAILABLE, f"no whole answer ({got.event})", got.http_status)
        return _csid_answer(got.http_status, got.body)

    def _request(
        self, method: str, path: str, body: dict[str, str], headers: dict[str, str]
    ) -> requests.Request:
        return requests.Request(
            method,
            self.base_url + path,
            data=json.dumps(body).encode(),
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "Accept-Version": "V2",
                "Connection": "close",
                "Content-Type": "application/json",
                "User-Agent": "Daftar",
                **headers,
            },
        )


def _basic(credentials: Credentials) -> str:
    return f"Basic {_base64(f'{credentials.token}:{credentials.secret}')}"


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _csid_answer(http_status: int | None, body: bytes) -> CSIDAnswer:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        data = {}
    value = data["value"] if isinstance(data.get("value"), dict) else data
    token, secret = value.get("binarySecurityToken"), value.get("secret")
    if http_status in (200, 428) and token and secret:
        return CSIDAnswer(
            request_id=str(value.get("requestID") or ""),
            token=str(token),
            secret=str(secret),
            disposition=str(value.get("dispositionMessage") or ""),
        )
    code, message = _refusal(data)
    if http_status is not None and http_status >= 500:
        code = UNAVAILABLE
    raise OnboardingRefused(code, message or f"HTTP {http_status} without a reason", http_status)


def _refusal(data: dict[str, Any]) -> tuple[str, str]:
    """The first reason of the answer, in either of its two shapes."""
    errors = data.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else data
    if isinstance(first, str):
        return UNREADABLE, first
    if not isinstance(first, dict):
        return UNREADABLE, ""
    return str(first.get("code") or UNREADABLE), str(first.get("message") or "")
