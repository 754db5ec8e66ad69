"""Reading an answer's body: tolerant of every shape that the authority is known to send.

infoMessages may be an object, lists stand inside validationResults or beside it, codes are null,
gateways answer in HTML. Whatever it is, reading it never raises.
"""

import json
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from config.xml import parse
from invoicing.zatca.client import Answer, Call

MAX_MESSAGES = 200
MAX_RETRY_AFTER = 3600  # seconds; a longer pause would eat the 24 hours of a simplified document


class Word(StrEnum):
    """The status word of a body, reduced to what the outcome table distinguishes."""

    CLEARED = "CLEARED"
    REPORTED = "REPORTED"
    NOT_CLEARED = "NOT_CLEARED"
    NOT_REPORTED = "NOT_REPORTED"
    DUPLICATE = "DUPLICATE"  # this very hash was accepted before
    REFUSED = "REFUSED"  # errors, and no status word
    CONTRADICTORY = "CONTRADICTORY"  # accepted with errors, or cleared without a document
    UNREADABLE = "UNREADABLE"  # anything else


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the authority; parts it left out are empty."""

    type: str
    code: str
    category: str
    message: str
    status: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a body says, before anybody decides what that means."""

    word: Word
    is_clearance: bool
    errors: tuple[Message, ...]
    warnings: tuple[Message, ...]
    cleared_xml: bytes | None
    retry_after: int | None


def read_answer(answer: Answer, *, now: datetime) -> Reading:
    """Read the body and the Retry-After header of `answer`. Never raises."""
    body = _json_object(answer.body)
    results = body.get("validationResults")
    results = results if isinstance(results, dict) else {}
    errors = _messages("ERROR", results.get("errorMessages"), body.get("errorMessages"))
    errors += _messages("ERROR", body.get("errors"))
    if not errors and (body.get("code") or body.get("message")):
        errors = _messages("ERROR", body)
    warnings = _messages("WARNING", results.get("warningMessages"), body.get("warningMessages"))
    warnings += _messages("WARNING", body.get("warnings"))
    cleared_xml = _cleared_xml(body)
    raw = _status_word(answer.call, body)
    return Reading(
        word=_word(answer, raw, errors, warnings, cleared_xml),
        is_clearance=answer.call is Call.CLEARANCE or raw.endswith("CLEARED"),
        errors=errors,
        warnings=warnings,
        cleared_xml=cleared_xml,
        retry_after=_retry_after(answer.headers.get("Retry-After", ""), now),
    )


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _status_word(call: Call, body: dict[str, Any]) -> str:
    """A compliance check answers in the word of the document's own call."""
    clearance, reporting = (
        _text(body.get(key)).upper() for key in ("clearanceStatus", "reportingStatus")
    )
    if call is Call.CLEARANCE:
        return clearance
    return reporting if call is Call.REPORTING else clearance or reporting


def _word(
    answer: Answer,
    raw: str,
    errors: tuple[Message, ...],
    warnings: tuple[Message, ...],
    cleared_xml: bytes | None,
) -> Word:
    refusals = [item for item in errors if not _is_duplicate(item)]
    if raw in (Word.CLEARED, Word.REPORTED):
        fulfilled = answer.call is not Call.CLEARANCE or cleared_xml is not None
        return Word(raw) if fulfilled and not refusals else Word.CONTRADICTORY
    if raw.startswith("REPORTED_SUCCESSFULLY_EARLIER") or any(
        map(_is_duplicate, errors + warnings)
    ):
        return Word.DUPLICATE
    if raw in (Word.NOT_CLEARED, Word.NOT_REPORTED):
        return Word(raw)
    return Word.REFUSED if errors and not raw else Word.UNREADABLE


def _is_duplicate(item: Message) -> bool:
    """The authority reports a repetition of the same hash now as an error, now as a warning."""
    return "duplicate" in f"{item.code} {item.category}".lower()


def _messages(type_: str, *sources: Any) -> tuple[Message, ...]:
    found: list[Message] = []
    for source in sources:
        for item in source if isinstance(source, list) else [source]:
            if isinstance(item, dict):
                keys = ("code", "category", "message", "status")
                found.append(
                    Message(_text(item.get("type")) or type_, *map(_text, map(item.get, keys)))
                )
            elif isinstance(item, str) and item:
                found.append(Message(type_, "", "", _text(item), ""))
    return tuple(found[:MAX_MESSAGES])


def _text(value: Any) -> str:
    """A text that any database takes: no NUL, no half of a surrogate pair."""
    if value is None or isinstance(value, dict | list | bool):
        return ""
    return str(value).replace("\x00", "").encode("utf-8", "replace").decode().strip()


def _cleared_xml(body: dict[str, Any]) -> bytes | None:
    encoded = body.get("clearedInvoice")
    if not isinstance(encoded, str) or not encoded:
        return None
    try:
        xml = b64decode(encoded, validate=True)
        parse(xml)
    except ValueError:  # no base64, or no XML that we read
        return None
    return xml


def _retry_after(header: str, now: datetime) -> int | None:
    """Seconds, from a number or an HTTP date; None for what is neither."""
    header = header.strip()
    if header.isascii() and header.isdigit():
        return min(int(header[:9]), MAX_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(header)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - now).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(0, min(round(seconds), MAX_RETRY_AFTER))
