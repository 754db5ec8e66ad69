"""The authority's own rule set, as fatoora-rs runs it."""

import os
import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from invoicing.judge.finding import RuleFinding
from invoicing.judge.negative_zeros import NEGATIVE_ZERO, negative_zeros

try:
    import fatoora
except ImportError:  # no wheel on this platform
    fatoora = None

RIYADH = timezone(timedelta(hours=3))
UNREADABLE = "XML"
STAGES_REQUIRED = frozenset({"xsd", "cen", "ksa"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """All findings; `complete` is False when a stage could not run, so that silence proves little.

    Without `previous_hash` the continuity of the chain is not judged, and that counts as complete.
    """

    findings: tuple[RuleFinding, ...]
    complete: bool

    @property
    def errors(self) -> tuple[RuleFinding, ...]:
        return tuple(item for item in self.findings if item.severity == "error")

    @property
    def warnings(self) -> tuple[RuleFinding, ...]:
        return tuple(item for item in self.findings if item.severity == "warning")


class JudgeUnavailable(RuntimeError):
    """fatoora-rs is not installed; ask `available()` first."""


def available() -> bool:
    """Say whether the official rules can be run here."""
    return fatoora is not None


def official_verdict(
    xml: bytes, *, evaluated_at: datetime, previous_hash: str | None = None
) -> Verdict:
    """Judge a sealed document by the authority's rules, as of `evaluated_at` (an aware instant).

    `previous_hash` is the hash of the document before it in the chain. A document that cannot be
    read is a finding, never an exception. Takes about 8.5 ms and holds the GIL. Raises
    JudgeUnavailable, and ValueError for a naive `evaluated_at`.
    """
    if fatoora is None:
        raise JudgeUnavailable("fatoora-rs is not installed")
    if evaluated_at.tzinfo is None:
        raise ValueError("evaluated_at needs a time zone")
    # fatoora takes its default clock in UTC, where every document issued between midnight and
    # three in Riyadh lies in the future.
    moment = evaluated_at.astimezone(RIYADH).isoformat(timespec="seconds")
    try:
        text = xml.decode()
        verdict = _judge(text, moment, previous_hash)
        if any(item.stage == "qr" for item in verdict.findings):
            verdict = _judge_with_short_lengths(text, verdict, moment, previous_hash)
    except ValueError as error:  # no UTF-8, a NUL, a previous_hash that is none
        return Verdict((RuleFinding(UNREADABLE, "error", str(error), "xsd"),), complete=False)
    return _with_negative_zeros(xml, verdict)


def _with_negative_zeros(xml: bytes, verdict: Verdict) -> Verdict:
    """Add what the official rules say of a ``-0.00`` and fatoora-rs, comparing numbers, does not.

    Their tests are on the text: an amount, price or quantity that begins with a minus is negative
    (BR-KSA-F-04) wherever it must not be, and no zero on a prepayment's line (BR-KSA-82).
    """
    if not NEGATIVE_ZERO.search(xml) or not verdict.complete:
        return verdict
    said = {item.rule for item in verdict.findings}
    more = [item for item in negative_zeros(xml) if item.rule not in said]
    return Verdict((*verdict.findings, *more), complete=verdict.complete)


def _judge(xml: str, moment: str, previous_hash: str | None) -> Verdict:
    try:
        report = _bench().submit(_report, xml, moment, previous_hash).result()
    except fatoora.FatooraError as error:
        return _interrupted(error)
    return _verdict(report)


def _report(xml: str, moment: str, previous_hash: str | None) -> dict[str, Any]:
    return fatoora.validate_zatca_invoice_from_str(
        _config(), xml, previous_invoice_hash=previous_hash, evaluated_at=moment
    )


def _judge_with_short_lengths(
    xml: str, verdict: Verdict, moment: str, previous_hash: str | None
) -> Verdict:
    """Judge again a QR code that writes the length of a long seller's name in BER, as the SDK does.

    fatoora-rs reads one byte of length. The QR code is not part of what is hashed, so the document
    can be shown to it with one-byte lengths; a name beyond 255 bytes has no such form, and then the
    QR stage was not judged.
    """
    found = _QR_OBJECT.search(xml)
    values = _ber_values(found[2]) if found else None
    if found is None or values is None or max(map(len, values)) < 0x80:
        return verdict
    if max(map(len, values)) > 0xFF:
        rest = tuple(item for item in verdict.findings if item.stage != "qr")
        return Verdict(rest, complete=False)
    records = (bytes((tag, len(value))) + value for tag, value in enumerate(values, 1))
    payload = b64encode(b"".join(records)).decode()
    return _judge(xml[: found.start(2)] + payload + xml[found.end(2) :], moment, previous_hash)


_QR_OBJECT = re.compile(
    r"(<cbc:ID>QR</cbc:ID>.*?<cbc:EmbeddedDocumentBinaryObject[^>]*>)([^<]*)", re.S
)


def _ber_values(payload: str) -> list[bytes] | None:
    """The values of a TLV payload whose tags count from 1 and whose lengths are BER, else None."""
    try:
        data = b64decode(payload, validate=True)
    except Base64Error:
        return None
    values: list[bytes] = []
    while data:
        tag, size, start = data[0], data[1] if len(data) > 1 else 0, 2
        if size in (0x81, 0x82):
            start = 2 + size - 0x80
            size = int.from_bytes(data[2:start], "big")
        if tag != len(values) + 1 or len(data) < start + size:
            return None
        values.append(data[start : start + size])
        data = data[start + size :]
    return values or None


# fatoora-rs prepares its rules once per thread, for 130 to 250 ms against 9 for a verdict, and
# holds the GIL: one thread that stays is faster than any number that come and go with their
# requests.
@lru_cache(maxsize=1)
def _bench() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="judge")


@lru_cache(maxsize=1)
def _config() -> Any:
    return fatoora.Config(fatoora.Environment.NON_PRODUCTION)


if hasattr(os, "register_at_fork"):
    # Threads do not survive a fork; the child appoints its own.
    os.register_at_fork(after_in_child=_bench.cache_clear)
    os.register_at_fork(after_in_child=_config.cache_clear)


def _verdict(report: dict[str, Any]) -> Verdict:
    findings = tuple(
        RuleFinding(
            item["code"],
            item["severity"],
            _one_line(item["message"]),
            stage["stage"],
            _location(item["location"]),
        )
        for stage in report["stages"]
        for item in stage["findings"]
        if item["code"] != "PIH_CONTEXT_REQUIRED"
    )
    ran = {stage["stage"] for stage in report["stages"] if stage["status"] == "completed"}
    return Verdict(findings, complete=ran >= STAGES_REQUIRED)


def _one_line(text: str) -> str:
    """The official sentences carry the indentation of the rule file."""
    return " ".join(text.split())


_STEP = re.compile(r"local-name\(\)='(\w+)'[^\]]*\]\[(\d+)\]")


def _location(said: dict[str, str] | None) -> str:
    """``Invoice/InvoiceLine[2]`` for the XPath over local names that fatoora-rs gives."""
    steps = _STEP.findall((said or {}).get("x_path") or "")
    return "/".join(f"{name}[{place}]" if up else name for up, (name, place) in enumerate(steps))


def _interrupted(error: Any) -> Verdict:
    """Validation stopped half way: keep what the partial report found, and say why it stopped."""
    report = error.details.get("report") or {"stages": []}
    stopped = RuleFinding(UNREADABLE, "error", str(error), error.details.get("stage") or "xsd")
    return Verdict((*_verdict(report).findings, stopped), complete=False)
