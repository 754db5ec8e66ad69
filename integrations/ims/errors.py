"""What goes wrong with a call to IMS, each with the one judgement that counts: did IMS do it?"""

from enum import StrEnum

from integrations.ims.faults import Fault, FaultKind


class Outcome(StrEnum):
    """Whether IMS may have done what was asked of it."""

    DONE = "done"
    NOT_SENT = "not_sent"  # certainly not: it never got the request
    REFUSED = "refused"  # certainly not: it answered that it would not
    UNKNOWN = "unknown"  # perhaps: look it up before it is asked again


class IMSError(Exception):
    """A call that brought no result. Its texts carry no token, password or bank text.

    `code` is for machines and groups, `operation` what was called (a procedure by its name),
    `fault` the SOAP fault where there was one.
    """

    outcome: Outcome = Outcome.UNKNOWN

    def __init__(
        self,
        message: str,
        *,
        code: str = "",  # copying an exception passes the message alone
        operation: str = "",
        http_status: int | None = None,
        fault: Fault | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.operation = operation
        self.http_status = http_status
        self.fault = fault

    @property
    def is_verdict(self) -> bool:
        """Whether IMS answered in words about what was asked, known to us or not; asked again it
        would say the same."""
        passing = (FaultKind.AUTH, FaultKind.TRANSIENT)
        return self.fault is not None and self.fault.kind not in passing


class NotSent(IMSError):
    """IMS did not get the request: no connection, or something of ours was not fit to be sent.

    Codes: ims_unreachable, ims_tls_failed, ims_deadline (spent before sending), invalid_parameter.
    """

    outcome = Outcome.NOT_SENT


class LoginRefused(NotSent):
    """IMS does not take our user name and password; the call itself was never sent."""


class Refused(IMSError):
    """IMS answered, and did nothing: a business rule, its set-up, or an address that is wrong.

    `fault.kind` says which; codes are those of the table in `faults`, ims_returned_nothing for a
    zero GUID where a new one was due, and ims_wrong_address for an answer like 404.
    """

    outcome = Outcome.REFUSED


class TokenRefused(Refused):
    """The token was refused and so was a fresh one: it is bound to another address, mostly."""


class OutcomeUnknown(IMSError):
    """The answer did not come, or says nothing: IMS may have done it.

    Codes: ims_timeout, ims_reset, ims_unavailable, ims_unreadable, and those of transient faults.
    """

    outcome = Outcome.UNKNOWN
