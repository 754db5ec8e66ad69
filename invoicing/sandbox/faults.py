"""Every fault a client has to survive, one row each: when it strikes, and what is then on the wire.

A fault is chosen by script (number and n-th delivery), else by a magic invoice number on its first
delivery (any number that contains `MAGIC-DROP-AFTER` sets off `drop_after`, and so on for every
row), else by rate. `Moment.BEFORE`: the authority has nothing in its books. `Moment.AFTER`: the
document was judged and stored, and the answer is lost, late or mangled. `Moment.VERDICT`: the
answer is whole, and it is the judgement itself that is arranged.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from invoicing.sandbox import answers, wire
from invoicing.sandbox.alterations import altered
from invoicing.sandbox.answers import Answer, Finding
from invoicing.sandbox.wire import Args, Wire


class Moment(StrEnum):
    BEFORE = "before"
    AFTER = "after"
    VERDICT = "verdict"


class UnknownFault(ValueError):
    """No row of this name, an argument the row does not have, or rates that exceed certainty."""


def unchanged(answer: Answer, args: Args) -> Answer:
    return answer


@dataclass(frozen=True, slots=True)
class Fault:
    """One row: its answer is made from the true one, then delivered in the fault's own way."""

    name: str
    moment: Moment
    says: str
    answer: Callable[[Answer, Args], Answer] = unchanged
    deliver: Callable[[Wire, Answer, Args], None] = wire.send
    finding: Callable[[Args], Finding] | None = None
    waits: bool = False
    args: Mapping[str, Any] = field(default_factory=dict)

    @property
    def magic(self) -> str:
        return "MAGIC-" + self.name.upper().replace("_", "-")

    @property
    def speaks(self) -> bool:
        """Some HTTP status reaches the client."""
        return self.deliver not in (wire.reset, wire.close, wire.hang)

    def with_args(self, given: Args) -> dict[str, Any]:
        """The row's arguments with these changed; raises UnknownFault for one it does not have."""
        if unknown := set(given) - set(self.args):
            raise UnknownFault(f"{self.name} takes {sorted(self.args)}, not {sorted(unknown)}")
        return {**self.args, **given}


def _page(status: int) -> Callable[[Answer, Args], Answer]:
    return lambda answer, args: answers.gateway_page(status, HTTPStatus(status).phrase)


def _malformed(answer: Answer, args: Args) -> Answer:
    return replace(answer, payload=None, content=answer.body[:-1] + b",,")


def _wrong_type(answer: Answer, args: Args) -> Answer:
    return replace(answer, content_type="text/plain")


def _html(answer: Answer, args: Args) -> Answer:
    return answers.gateway_page(200, "Request received")


def _with_status_word(answer: Answer, word: str | None) -> Answer:
    keys = ("reportingStatus", "clearanceStatus")
    payload = {key: word if key in keys else value for key, value in (answer.payload or {}).items()}
    if word is None:
        payload = {key: value for key, value in payload.items() if key not in keys}
    return replace(answer, payload=payload)


def _altered(answer: Answer, args: Args) -> Answer:
    payload = dict(answer.payload or {})
    if payload.get("clearedInvoice"):
        payload["clearedInvoice"] = altered(payload["clearedInvoice"], args["part"])
    return replace(answer, payload=payload)


def _loose_shape(answer: Answer, args: Args) -> Answer:
    """The shape of the authority's own documentation: one info object, lists at the top level."""
    payload = dict(answer.payload or {})
    results = dict(payload.pop("validationResults", {}))
    infos = results.pop("infoMessages", None) or [{}]
    return Answer(
        answer.status, {"validationResults": {"infoMessages": infos[0]}} | results | payload
    )


def _duplicate(reported: Callable[[], Answer]) -> Callable[[Answer, Args], Answer]:
    """The gateway had sent the document twice itself: the first answer already says duplicate."""

    def duplicate(answer: Answer, args: Args) -> Answer:
        payload = answer.payload or {}
        if payload.get("clearanceStatus") == "CLEARED":
            return answers.already_cleared(payload.get("clearedInvoice"), rules_judged=True)
        return reported() if payload.get("reportingStatus") == "REPORTED" else answer

    return duplicate


def _arranged(finding: Callable[[str, str, str], Finding]) -> Callable[[Args], Finding]:
    return lambda args: finding(args["code"], args["category"], args["message"])


BEFORE, AFTER, VERDICT = Moment.BEFORE, Moment.AFTER, Moment.VERDICT

# fmt: off
ROWS = (
    Fault("drop_before", BEFORE, "connection reset, nothing stored", deliver=wire.reset),
    Fault("close_before", BEFORE, "connection closed, nothing stored", deliver=wire.close),
    Fault(
        "hang_before", BEFORE, "no answer, nothing stored",
        deliver=wire.hang, args={"seconds": 60.0},
    ),
    Fault("error_500_before", BEFORE, "500 page, nothing stored", _page(500)),
    Fault("error_502_before", BEFORE, "502 page, nothing stored", _page(502)),
    Fault("error_503_before", BEFORE, "503 page, nothing stored", _page(503)),
    Fault("error_504_before", BEFORE, "504 page, nothing stored", _page(504)),
    Fault(
        "too_many", BEFORE, "429 with Retry-After, nothing stored",
        lambda answer, args: answers.too_many_requests(args["retry_after"]),
        args={"retry_after": 1},
    ),
    Fault(
        "unauthorized", BEFORE, "401, nothing stored",
        lambda answer, args: answers.unauthorized(),
    ),
    Fault(
        "not_acceptable", BEFORE, "406 plain text, nothing stored",
        lambda answer, args: answers.version_not_supported(),
    ),
    Fault("too_large", BEFORE, "413 page, nothing stored", _page(413)),
    Fault(
        "clearance_off", BEFORE, "303 as when clearance is switched off, nothing stored",
        lambda answer, args: answers.clearance_is_off(),
    ),
    Fault(
        "redirect", BEFORE, "307 to another address, nothing stored",
        lambda answer, args: Answer(307, {}, headers={"Location": args["location"]}),
        args={"location": "/elsewhere"},
    ),
    Fault("drop_after", AFTER, "stored, then connection reset", deliver=wire.reset),
    Fault("close_after", AFTER, "stored, then connection closed", deliver=wire.close),
    Fault(
        "hang_after", AFTER, "stored, then no answer",
        deliver=wire.hang, args={"seconds": 60.0},
    ),
    Fault("error_500_after", AFTER, "stored, then a 500 page", _page(500)),
    Fault("error_502_after", AFTER, "stored, then a 502 page", _page(502)),
    Fault("error_503_after", AFTER, "stored, then a 503 page", _page(503)),
    Fault("error_504_after", AFTER, "stored, then a 504 page", _page(504)),
    Fault(
        "slow", AFTER, "stored, and answered late",
        deliver=wire.send_late, args={"seconds": 2.0},
    ),
    Fault(
        "late", AFTER, "judged and stored late: after a client gave up, the document is registered",
        waits=True, args={"seconds": 2.0},
    ),
    Fault("malformed", AFTER, "stored, answered with broken JSON", _malformed),
    Fault("truncated", AFTER, "stored, half the announced body, closed", deliver=wire.send_half),
    Fault("reset_midway", AFTER, "stored, half the body, reset", deliver=wire.reset_midway),
    Fault(
        "empty", AFTER, "stored, 200 with an empty body",
        lambda answer, args: Answer(200),
    ),
    Fault("html", AFTER, "stored, 200 with an HTML page", _html),
    Fault(
        "unknown_word", AFTER, "stored, with a status word nobody knows",
        lambda answer, args: _with_status_word(answer, args["word"]),
        args={"word": "PENDING"},
    ),
    Fault(
        "missing_word", AFTER, "stored, the status word left out",
        lambda answer, args: _with_status_word(answer, None),
    ),
    Fault(
        "altered_cleared", AFTER, "cleared, and the document that comes back is not the one sent",
        _altered, args={"part": "total"},
    ),
    Fault("loose_shape", AFTER, "stored, the body in its documented other shape", _loose_shape),
    Fault("wrong_type", AFTER, "stored, the right body called text/plain", _wrong_type),
    Fault(
        "drip_headers", AFTER, "stored, headers byte by byte",
        deliver=wire.drip_headers, args={"interval": 0.2},
    ),
    Fault(
        "drip_body", AFTER, "stored, body byte by byte",
        deliver=wire.drip_body, args={"interval": 0.2},
    ),
    Fault(
        "endless", AFTER, "stored, a body that never ends",
        deliver=wire.send_endlessly, args={"limit": 2**30},
    ),
    Fault(
        "huge", AFTER, "stored, the right body behind megabytes of white space",
        deliver=wire.send_hugely, args={"bytes": 2**25},
    ),
    Fault(
        "duplicate", AFTER, "stored, answered 208 or 409 on the first delivery",
        _duplicate(answers.already_reported),
    ),
    Fault(
        "duplicate_terse", AFTER, "the same, 409 in the short shape",
        _duplicate(answers.already_reported_tersely),
    ),
    Fault(
        "reject", VERDICT, "400 with a chosen error, stored as refused",
        finding=_arranged(Finding.error),
        args={
            "code": "BR-KSA-40",
            "category": "KSA",
            "message": "[BR-KSA-40]-Arranged refusal of the stand-in.",
        },
    ),
    Fault(
        "warn", VERDICT, "202 with a chosen warning",
        finding=_arranged(Finding.warning),
        args={
            "code": "BR-KSA-98",
            "category": "KSA",
            "message": "[BR-KSA-98]-Arranged warning of the stand-in.",
        },
    ),
)
# fmt: on

FAULTS = {fault.name: fault for fault in ROWS}
# The longest word first: MAGIC-DUPLICATE-TERSE contains MAGIC-DUPLICATE.
BY_MAGIC = sorted(ROWS, key=lambda fault: len(fault.magic), reverse=True)


def fault_named(name: str) -> Fault:
    """Raises UnknownFault."""
    if name not in FAULTS:
        raise UnknownFault(f"no fault is called {name!r}; there are {', '.join(FAULTS)}")
    return FAULTS[name]


def magic_fault(number: str) -> Fault | None:
    return next((fault for fault in BY_MAGIC if fault.magic in number), None)
