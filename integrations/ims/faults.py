"""What IMS's refusals mean: one table of its sentences, read by the client and by whoever groups.

IMS answers a business refusal with HTTP 500 and .NET's text of the exception, so neither the status
nor `faultcode` says anything. Rows are tried in order; the first that fits decides. The same table
judges the Message of a procedure that answered Result 0 or Status Error.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """Who can do something about it."""

    BUSINESS = "business"  # the transaction: a person corrects or closes it
    SETUP = "setup"  # IMS's or our set-up: a person corrects it, then it can be repeated
    ALREADY_DONE = "already_done"  # IMS did this before: adopt what it made
    NOT_YET = "not_yet"  # ask again later
    AUTH = "auth"  # log in once more
    TRANSIENT = "transient"  # the database or the line: the outcome is unknown
    UNRECOGNISED = "unrecognised"  # nobody has seen it: the outcome is unknown


UNDECIDED = frozenset({FaultKind.TRANSIENT, FaultKind.UNRECOGNISED})


@dataclass(frozen=True, slots=True)
class Row:
    code: str
    kind: FaultKind
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Fault:
    """A refusal as IMS worded it, without its stack, and what the table makes of it."""

    text: str
    code: str
    kind: FaultKind
    exception: str = ""

    @property
    def group(self) -> str:
        """The text without what differs from case to case, for counting the same refusals."""
        return normalised(self.text)


def _row(code: str, kind: FaultKind, pattern: str) -> Row:
    return Row(code, kind, re.compile(pattern, re.IGNORECASE))


FAULTS = (
    _row("backdate_allowance", FaultKind.BUSINESS, r"backdate allowance"),
    _row("producer_line_setup", FaultKind.SETUP, r"producer line set-?up"),
    _row("unbound_policy", FaultKind.BUSINESS, r"can ?not issue an unbound policy"),
    _row("installment_billing", FaultKind.SETUP, r"installment billing information not found"),
    _row("invalid_option", FaultKind.BUSINESS, r"invalid OptionID"),
    _row("premium_on_bound", FaultKind.BUSINESS, r"modify premiums on a bound policy"),
    _row("foreign_key", FaultKind.SETUP, r"FOREIGN KEY"),
    _row("conversion", FaultKind.BUSINESS, r"error converting|conversion failed"),
    _row("odd_parameters", FaultKind.SETUP, r"specified in Key/Value pairs"),
    # ASP.NET itself, before any operation runs.
    _row("missing_operation", FaultKind.SETUP, r"did not recognize the value of HTTP Header"),
    _row("unread_request", FaultKind.SETUP, r"unable to read request|error in XML document"),
    _row("missing_procedure", FaultKind.SETUP, r"could not find stored procedure"),
    _row("invoice_not_yet", FaultKind.NOT_YET, r"no invoice found for the provided"),
    _row("quote_not_found", FaultKind.BUSINESS, r"no (?:\w+ )?quote found"),
    _row("already_cancelled", FaultKind.ALREADY_DONE, r"already cancell?ed"),
    _row("endorsement_already", FaultKind.ALREADY_DONE, r"endorsement already processed"),
    _row("already_unbound", FaultKind.ALREADY_DONE, r"not bound, so it cannot be unbound"),
    _row("already_bound", FaultKind.ALREADY_DONE, r"already bound"),
    _row("not_bound_or_cancelled", FaultKind.BUSINESS, r"must be bound or cancell?ed"),
    _row("not_bound", FaultKind.BUSINESS, r"\b(?:is|was) not bound|must be bound"),
    _row("not_latest", FaultKind.BUSINESS, r"not the latest (?:quote|transaction)"),
    _row("not_cancelled", FaultKind.BUSINESS, r"not (?:been )?cancell?ed"),
    # SQL Server's own users, not ours: a fresh token would change nothing.
    _row("sql_login", FaultKind.TRANSIENT, r"login failed for user|cannot open database"),
    _row("deadlock", FaultKind.TRANSIENT, r"deadlock victim|was deadlocked"),
    _row("sql_timeout", FaultKind.TRANSIENT, r"timeout expired|operation has timed out"),
    _row("sql_transport", FaultKind.TRANSIENT, r"transport-level error|network-related"),
    # The wording is not documented, so any mention counts; last, since it costs a repeat.
    _row("token", FaultKind.AUTH, r"\btoken\b|\blog ?[io]n\b|\blogged in\b|\bIP address\b"),
)
UNRECOGNISED = "unrecognised"

_EXCEPTION = re.compile(r"---> ?(?P<kind>[\w.+`]+(?:Exception|Error)): ")
_STACK = re.compile(r"\r?\n\s+(?:at |--- End of)")


def classify(text: str, exception: str = "") -> Fault:
    """The fault for a sentence of IMS; `unrecognised` when no row fits."""
    for row in FAULTS:
        if row.pattern.search(text):
            return Fault(text, row.code, row.kind, exception)
    return Fault(text, UNRECOGNISED, FaultKind.UNRECOGNISED, exception)


def read_faultstring(faultstring: str) -> Fault:
    """The innermost exception's sentence out of .NET's text, classified."""
    found = list(_EXCEPTION.finditer(faultstring))
    text = faultstring[found[-1].end() :] if found else faultstring
    sentence = _STACK.split(text, maxsplit=1)[0].strip()
    return classify(sentence, found[-1]["kind"] if found else "")


_GUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_NUMBER = re.compile(r"(?<![A-Za-z])\$?\d[\d,./:-]*")


def normalised(text: str) -> str:
    """A refusal with GUIDs, quoted names and numbers struck out, blanks made single."""
    for pattern, word in ((_GUID, "<guid>"), (_QUOTED, "<text>"), (_NUMBER, "<n>")):
        text = pattern.sub(word, text)
    return " ".join(text.split())
