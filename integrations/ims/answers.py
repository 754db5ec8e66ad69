"""SOAP in: an exchange becomes the result element of the operation, or the error that it means."""

from collections.abc import Iterable

from lxml import etree

from config.transport import Event, Exchange, Reached
from config.xml import XMLRefused, parse
from integrations.ims.dataset import local_name
from integrations.ims.envelope import SOAP
from integrations.ims.errors import IMSError, NotSent, OutcomeUnknown, Refused
from integrations.ims.faults import UNDECIDED, Fault, read_faultstring
from integrations.ims.masking import mask_text

# What broke, if the request may have arrived: code and sentence.
BROKEN = {
    Event.TIMEOUT: ("ims_timeout", "IMS did not answer within the deadline."),
    Event.RESET: ("ims_reset", "The connection to IMS broke before an answer."),
    Event.TRUNCATED: ("ims_unreadable", "IMS's answer broke off in the middle."),
    Event.TOO_LARGE: ("ims_unreadable", "IMS's answer is larger than is read."),
    Event.MALFORMED: ("ims_unreadable", "What came back is not HTTP."),
    Event.CONNECT_FAILED: ("ims_reset", "The connection to IMS broke."),
    Event.TLS_FAILED: ("ims_reset", "The connection to IMS broke."),
}
# Answers of a web server that did not hand the request on to IMS.
NOT_HANDED_ON = frozenset({301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 411, 413, 414, 415})


def read_answer(operation: str, got: Exchange, secrets: Iterable[str] = ()) -> etree._Element:
    """The `<operation>Response` element; `secrets` are struck out of what a fault says.

    Raises NotSent, Refused or OutcomeUnknown; where the outcome is open, unknown is the word.
    """
    if got.event is not Event.NONE:
        raise _broken(operation, got)
    try:
        root = parse(got.body)
    except XMLRefused:
        raise _no_soap(operation, got.http_status) from None
    body = root.find(f"{{{SOAP}}}Body")
    if root.tag != f"{{{SOAP}}}Envelope" or body is None or len(body) == 0:
        raise _no_soap(operation, got.http_status)
    content = next((child for child in body if isinstance(child.tag, str)), None)
    if content is not None and content.tag == f"{{{SOAP}}}Fault":
        raise fault_error(operation, read_fault(content, secrets), got.http_status)
    if content is None or local_name(content) != f"{operation}Response" or got.http_status != 200:
        raise _no_soap(operation, got.http_status)
    return content


def read_fault(element: etree._Element, secrets: Iterable[str] = ()) -> Fault:
    return read_faultstring(mask_text(element.findtext("faultstring") or "", secrets))


def fault_error(operation: str, fault: Fault, http_status: int | None = None) -> IMSError:
    """The error a fault means: refused, or unknown where the table cannot say."""
    kind = OutcomeUnknown if fault.kind in UNDECIDED else Refused
    return kind(
        fault.text or "IMS refused without a sentence.",
        code=fault.code,
        operation=operation,
        http_status=http_status,
        fault=fault,
    )


def _broken(operation: str, got: Exchange) -> IMSError:
    if got.reached is Reached.NO:
        if got.event is Event.TLS_FAILED:
            code, sentence = "ims_tls_failed", "IMS's certificate is not accepted."
        else:
            code, sentence = "ims_unreachable", "IMS cannot be reached."
        return NotSent(sentence, code=code, operation=operation)
    code, sentence = BROKEN[got.event]
    return OutcomeUnknown(sentence, code=code, operation=operation, http_status=got.http_status)


def _no_soap(operation: str, http_status: int | None) -> IMSError:
    if http_status in NOT_HANDED_ON:
        return Refused(
            f"There is no IMS at this address, or it is not open to us (HTTP {http_status}).",
            code="ims_wrong_address",
            operation=operation,
            http_status=http_status,
        )
    code = "ims_unreadable" if http_status == 200 else "ims_unavailable"
    return OutcomeUnknown(
        f"IMS's answer is not one of its own (HTTP {http_status}).",
        code=code,
        operation=operation,
        http_status=http_status,
    )
