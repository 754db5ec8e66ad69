"""One call of the authority's API, and what every call is asked for before anything else."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from invoicing.sandbox import answers
from invoicing.sandbox.answers import Refused
from invoicing.sandbox.conduct import Conduct
from invoicing.sandbox.csr import InvalidCSR, UnitRequest, read_csr
from invoicing.sandbox.store import CSID, Store

COMPLIANCE_CSID = "/compliance"
PRODUCTION_CSID = "/production/csids"
COMPLIANCE_CHECK = "/compliance/invoices"
REPORTING = "/invoices/reporting/single"
CLEARANCE = "/invoices/clearance/single"
# Only here: the authority itself has no list.
LISTING = "/_standin/documents"

REFUSED_OTPS = {"111111": "The provided OTP is invalid", "222222": "The provided OTP is expired"}


@dataclass(frozen=True, slots=True)
class Request:
    """A call as it arrived: `call` is the path below the base URL, header names in lower case."""

    method: str
    environment: str
    call: str
    headers: Mapping[str, str]
    body: bytes
    query: str = ""

    @property
    def is_submission(self) -> bool:
        """It carries a document that is to enter the books."""
        return self.method == "POST" and self.call in (REPORTING, CLEARANCE)

    @property
    def is_clearance(self) -> bool:
        return self.call == CLEARANCE

    def json(self) -> dict[str, Any]:
        """The body as an object; raises Refused (400 Invalid-Request)."""
        try:
            body = json.loads(self.body)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise Refused(answers.invalid_request())
        return body

    def check_version(self) -> None:
        """Raises Refused (406)."""
        if self.headers.get("accept-version") != "V2":
            raise Refused(answers.version_not_supported())

    def check_otp(self) -> None:
        """123456 and any other six digits pass, 111111 and 222222 do not; raises Refused (400)."""
        otp = self.headers.get("otp", "")
        if not otp:
            raise Refused(answers.request_error("Missing-OTP", "OTP is required field"))
        if otp in REFUSED_OTPS or not (otp.isascii() and otp.isdigit() and len(otp) == 6):
            sentence = REFUSED_OTPS.get(otp, "The provided OTP is invalid")
            raise Refused(answers.request_error("Invalid-OTP", sentence))

    def csr(self) -> UnitRequest:
        """The unit that asks for a certificate; raises Refused (400)."""
        encoded = self.json().get("csr")
        if not isinstance(encoded, str) or not encoded:
            raise Refused(answers.request_error("Missing-CSR", "CSR is required field"))
        try:
            return read_csr(base64.b64decode(encoded, validate=True), self.environment)
        except (ValueError, InvalidCSR) as error:
            sentence = f"The provided CSR is invalid: {error}"
            raise Refused(answers.request_error("Invalid-CSR", sentence)) from error

    def authenticate(self, kind: str, store: Store, conduct: Conduct) -> CSID:
        """The usable CSID of this kind behind the credentials; raises Refused (401)."""
        now = conduct.now()
        csid = store.csid_with_credentials(*self._credentials())
        if (
            csid is None
            or (csid.kind, csid.environment) != (kind, self.environment)
            or not csid.is_usable(now)
        ):
            raise Refused(answers.unauthorized(int(now.timestamp() * 1000)))
        return csid

    def _credentials(self) -> tuple[str, str]:
        scheme, _, encoded = self.headers.get("authorization", "").partition(" ")
        try:
            decoded = base64.b64decode(encoded, validate=True).decode()
        except ValueError:
            decoded = ""
        token, _, secret = decoded.partition(":")
        return (token, secret) if scheme.lower() == "basic" else ("", "")
