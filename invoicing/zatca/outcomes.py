"""What an answer of the authority means: one table, read by the services, the docs and the tests.

A row is chosen by the call, the HTTP status, the word in the body and the transport event, from top
to bottom. Nothing is called accepted that is not known to be; what nobody can read is an unknown
outcome, after which the same bytes are sent again.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from config.transport import Event, Reached
from invoicing.zatca.answers import Message, Reading, Word, read_answer
from invoicing.zatca.client import Answer, Call


class Next(StrEnum):
    """What happens to the document now."""

    DONE = "done"
    RESEND = "resend"  # the identical bytes, later
    REPORT_INSTEAD = "report_instead"  # the identical bytes to the reporting call, now
    PAUSE_UNIT = "pause_unit"  # the identical bytes, once the unit's credentials work again
    REVISE = "revise"  # a new document: new UUID, ICV, PIH
    PARK = "park"  # nothing until a person decides
    ALARM = "alarm"  # the identical bytes, once a person has put our side right


class FailureClass(StrEnum):
    NONE = ""
    TRANSIENT = "TRANSIENT"
    UNKNOWN_OUTCOME = "UNKNOWN_OUTCOME"
    CREDENTIAL = "CREDENTIAL"
    CONFIGURATION = "CONFIGURATION"
    PERMANENT = "PERMANENT"


class Row(NamedTuple):
    """One row of the table; an empty set fits everything.

    `name` is the key of `SENTENCES`, `status` the invoice's public word.
    """

    name: str
    status: str
    failure_class: FailureClass
    reached: Reached
    next: Next
    calls: frozenset[Call] = frozenset()
    http: frozenset[int] = frozenset()
    words: frozenset[Word] = frozenset()
    events: frozenset[Event] = frozenset({Event.NONE})

    @property
    def code(self) -> str:
        """The error code that a caller sees, empty on success."""
        if self.next is Next.DONE:
            return ""
        return "zatca_unavailable" if self.name == "zatca_unreachable" else self.name

    def fits(self, answer: Answer, word: Word) -> bool:
        return (
            answer.event in self.events
            and (not self.calls or answer.call in self.calls)
            and (not self.http or answer.http_status in self.http)
            and (not self.words or word in self.words)
        )


def _accepted(name: str, call: Call, http: set[int], words: set[Word]) -> Row:
    return Row(
        name,
        "CLEARED",
        FailureClass.NONE,
        Reached.YES,
        Next.DONE,
        frozenset({call}),
        frozenset(http),
        frozenset(words),
    )


def _broken(
    name: str, failure_class: FailureClass, reached: Reached, then: Next, *events: Event
) -> Row:
    return Row(name, "FAILED", failure_class, reached, then, events=frozenset(events))


def _failed(
    name: str, failure_class: FailureClass, reached: Reached, then: Next, *http: int
) -> Row:
    return Row(name, "FAILED", failure_class, reached, then, http=frozenset(http))


_UNKNOWN = FailureClass.UNKNOWN_OUTCOME
_NO, _MAYBE = Reached.NO, Reached.MAYBE

OUTCOMES: tuple[Row, ...] = (
    # Nothing left the house, or nothing whole came back.
    _broken("zatca_unreachable", FailureClass.TRANSIENT, _NO, Next.RESEND, Event.CONNECT_FAILED),
    _broken("zatca_tls_failed", FailureClass.CONFIGURATION, _NO, Next.ALARM, Event.TLS_FAILED),
    _broken("zatca_timeout", _UNKNOWN, _MAYBE, Next.RESEND, Event.TIMEOUT),
    _broken("zatca_unavailable", _UNKNOWN, _MAYBE, Next.RESEND, Event.RESET),
    _broken(
        "zatca_unreadable",
        _UNKNOWN,
        _MAYBE,
        Next.RESEND,
        Event.TRUNCATED,
        Event.TOO_LARGE,
        Event.MALFORMED,
    ),
    # Accepted, now or before. 208 and 409 answer a repetition of the same hash.
    _accepted("reported", Call.REPORTING, {200, 202, 208}, {Word.REPORTED}),
    _accepted("reported_before", Call.REPORTING, {409}, {Word.DUPLICATE, Word.REPORTED}),
    _accepted("cleared", Call.CLEARANCE, {200, 202}, {Word.CLEARED}),
    _accepted("cleared_before", Call.CLEARANCE, {208}, {Word.CLEARED}),
    _accepted("compliant", Call.COMPLIANCE, {200, 202}, {Word.CLEARED, Word.REPORTED}),
    # Refused, and stored by the authority as refused.
    Row(
        "zatca_rejected",
        "REJECTED",
        FailureClass.PERMANENT,
        Reached.YES,
        Next.REVISE,
        http=frozenset({400}),
        words=frozenset({Word.NOT_CLEARED, Word.NOT_REPORTED, Word.REFUSED}),
    ),
    # Not taken, and we know why.
    Row(
        "clearance_switched_off",
        "FAILED",
        FailureClass.TRANSIENT,
        _NO,
        Next.REPORT_INSTEAD,
        calls=frozenset({Call.CLEARANCE}),
        http=frozenset({303}),
    ),
    _failed("credential_rejected", FailureClass.CREDENTIAL, _NO, Next.PAUSE_UNIT, 401, 403),
    _failed(
        "zatca_not_understood", FailureClass.CONFIGURATION, _NO, Next.ALARM, 404, 405, 406, 415
    ),
    _failed("document_too_large", FailureClass.PERMANENT, _NO, Next.PARK, 413),
    _failed("zatca_throttled", FailureClass.TRANSIENT, _NO, Next.RESEND, 429),
    # The authority, or something before it, is in trouble: a 504 can hide a success.
    _failed("zatca_unavailable", _UNKNOWN, _MAYBE, Next.RESEND, *range(500, 600)),
    # Whatever else: a word we do not know, HTML, a status that makes no sense here.
    _failed("zatca_unreadable", _UNKNOWN, _MAYBE, Next.RESEND),
)

SENTENCES: dict[str, tuple[str, str]] = {
    "zatca_unreachable": (
        "ZATCA could not be reached; the document was not sent and will be sent again.",
        "تعذر الوصول إلى الهيئة؛ لم يُرسل المستند وسيُعاد إرساله.",
    ),
    "zatca_tls_failed": (
        "The server that answered could not prove to be ZATCA; the document was not sent.",
        "تعذر على الخادم إثبات أنه خادم الهيئة؛ لم يُرسل المستند.",
    ),
    "zatca_timeout": (
        "ZATCA did not answer in time; whether it has the document is not known yet.",
        "لم ترد الهيئة في الوقت المحدد؛ ولا يُعرف بعد هل استلمت المستند.",
    ),
    "zatca_unavailable": (
        "ZATCA is not available; whether it has the document is not known yet.",
        "خدمة الهيئة غير متاحة؛ ولا يُعرف بعد هل استلمت المستند.",
    ),
    "zatca_unreadable": (
        "ZATCA's answer could not be understood; whether it has the document is not known yet.",
        "تعذر فهم رد الهيئة؛ ولا يُعرف بعد هل استلمت المستند.",
    ),
    "reported": ("The document was reported to ZATCA.", "تم إبلاغ الهيئة بالمستند."),
    "reported_before": (
        "ZATCA already had this very document; it is reported.",
        "المستند نفسه موجود لدى الهيئة من قبل؛ وهو مُبلَّغ عنه.",
    ),
    "cleared": ("The document was cleared by ZATCA.", "اعتمدت الهيئة المستند."),
    "cleared_before": (
        "ZATCA had already cleared this very document.",
        "سبق أن اعتمدت الهيئة المستند نفسه.",
    ),
    "compliant": ("The document passed ZATCA's compliance check.", "اجتاز المستند فحص الالتزام."),
    "zatca_rejected": (
        "ZATCA rejected the document; correct it and submit it again.",
        "رفضت الهيئة المستند؛ يرجى تصحيحه وإعادة تقديمه.",
    ),
    "clearance_switched_off": (
        "ZATCA has switched clearance off; the document is to be reported instead.",
        "أوقفت الهيئة خدمة الاعتماد؛ ويجب الإبلاغ عن المستند بدلاً من ذلك.",
    ),
    "credential_rejected": (
        "ZATCA does not accept the credentials of this unit; sending waits until they are renewed.",
        "لا تقبل الهيئة بيانات اعتماد هذه الوحدة؛ ويتوقف الإرسال حتى تجديدها.",
    ),
    "zatca_not_understood": (
        "ZATCA did not accept the form of the call; the document was not taken.",
        "لم تقبل الهيئة صيغة الطلب؛ ولم يُستلم المستند.",
    ),
    "document_too_large": (
        "The document is too large for ZATCA; it was not taken. Post it again under its number, "
        "with less in it.",
        "حجم المستند أكبر مما تقبله الهيئة؛ ولم يُستلم. أعد إرساله بالرقم نفسه وبمحتوى أقل.",
    ),
    "zatca_throttled": (
        "ZATCA asks to send more slowly; the document was not taken and will be sent again.",
        "تطلب الهيئة إبطاء الإرسال؛ لم يُستلم المستند وسيُعاد إرساله.",
    ),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The meaning of one answer.

    `status` is CLEARED, REJECTED or FAILED; a reported document is CLEARED with `zatca_status`
    REPORTED, and after a failure `zatca_status` is UNKNOWN, since an earlier attempt may have
    arrived. `reached` is NO only where this attempt certainly was not taken. `code` is empty on
    success. `cleared_xml` is the authority's version of a cleared document; `retry_after` the
    seconds it asked us to wait, at most an hour.
    """

    status: str
    zatca_status: str
    failure_class: FailureClass
    reached: Reached
    next: Next
    code: str
    message: str
    message_ar: str
    errors: tuple[Message, ...]
    warnings: tuple[Message, ...]
    cleared_xml: bytes | None
    retry_after: int | None


def judge_answer(answer: Answer, *, now: datetime | None = None) -> Outcome:
    """Return what `answer` means. Never raises, whatever the bytes are.

    `now` (aware, default the clock) turns a date in Retry-After into seconds.
    """
    reading = read_answer(answer, now=now or datetime.now(UTC))
    row = next(row for row in OUTCOMES if row.fits(answer, reading.word))
    accepted = row.next is Next.DONE
    message, message_ar = SENTENCES[row.name]
    return Outcome(
        status=row.status,
        zatca_status=_zatca_status(row, answer, reading),
        failure_class=row.failure_class,
        reached=row.reached,
        next=row.next,
        code=row.code,
        message=message,
        message_ar=message_ar,
        errors=reading.errors,
        warnings=reading.warnings,
        cleared_xml=reading.cleared_xml if accepted else None,
        retry_after=reading.retry_after,
    )


def tells_of_an_outage(answer: Answer) -> bool:
    """Whether the authority, or the way to it, seems to be down: no whole answer, or a 5xx.

    Any other answer, a refusal included, proves that somebody is there.
    """
    return answer.event is not Event.NONE or (answer.http_status or 0) >= 500


def _zatca_status(row: Row, answer: Answer, reading: Reading) -> str:
    if row.status == "FAILED":
        return "UNKNOWN"
    word = "CLEARED" if reading.is_clearance else "REPORTED"
    if row.status == "REJECTED":
        return f"NOT_{word}"
    # The warnings of a repetition are about the repetition.
    warned = answer.http_status == 202 or (answer.http_status == 200 and reading.warnings)
    return f"{word}_WITH_WARNINGS" if warned else word
