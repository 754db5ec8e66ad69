"""The official verdict on any UBL file, and everything else that can be checked on it alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.xml import XMLRefused, parse
from invoicing import judge
from invoicing.services.gate import NEVER_BLOCKS
from invoicing.zatca.anatomy import Check, dissect
from invoicing.zatca.reading import embedded_pih, embedded_qr

HOLDS, ABSENT, NOT_COMPARED = "holds", "absent", "not compared"


@dataclass(frozen=True, slots=True)
class FileReport:
    """What one file came to. `stamp`, `qr` and `pih` are HOLDS, ABSENT or what is wrong."""

    name: str
    verdict: judge.Verdict
    stamp: str
    qr: str
    pih: str
    invoice_hash: str

    @property
    def is_clean(self) -> bool:
        """Nothing found, but for what time alone brings about (BR-KSA-98)."""
        fine = (HOLDS, ABSENT, NOT_COMPARED)
        found = [item for item in self.verdict.findings if item.rule not in NEVER_BLOCKS]
        return not found and all(part in fine for part in (self.stamp, self.qr, self.pih))

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON types, errors and warnings apart."""
        return {
            "file": self.name,
            "clean": self.is_clean,
            "complete": self.verdict.complete,
            "errors": [_item(item) for item in self.verdict.errors],
            "warnings": [_item(item) for item in self.verdict.warnings],
            "stamp": self.stamp,
            "qr": self.qr,
            "pih": self.pih,
            "hash": self.invoice_hash,
        }


def examine_file(name: str, xml: bytes, *, at: datetime, pih: str | None = None) -> FileReport:
    """Judge a file by the official rules as of `at`, with `pih` as the hash of the one before.

    Raises JudgeUnavailable without fatoora-rs.
    """
    verdict = judge.official_verdict(xml, evaluated_at=at, previous_hash=pih)
    try:
        parse(xml)
    except XMLRefused as refused:
        return FileReport(name, verdict, str(refused), ABSENT, ABSENT, "")
    anatomy = dissect(xml)
    return FileReport(
        name=name,
        verdict=verdict,
        stamp=_stamp(xml),
        qr=_qr(xml, anatomy.checks),
        pih=_pih(xml, pih),
        invoice_hash=anatomy.invoice_hash,
    )


def _item(finding: judge.RuleFinding) -> dict[str, str]:
    return {
        "rule": finding.rule,
        "stage": finding.stage,
        "message": finding.message,
        "location": finding.location,
    }


def _stamp(xml: bytes) -> str:
    if b"SignatureValue" not in xml:
        return ABSENT
    try:
        # Whenever it was stamped: that its certificate has run out since breaks no stamp.
        judge.verify_stamp(xml, at=judge.signing_time(xml))
    except judge.StampBroken as broken:
        return str(broken)
    return HOLDS


def _qr(xml: bytes, checks: tuple[Check, ...]) -> str:
    if not embedded_qr(xml):
        return ABSENT
    broken = [check for check in checks if "QR" in check.name and not check.holds]
    return "; ".join(f"{check.name}: {check.why}" for check in broken) or HOLDS


def _pih(xml: bytes, expected: str | None) -> str:
    stated = embedded_pih(xml)
    if not stated:
        return ABSENT
    if expected is None:
        return NOT_COMPARED
    return HOLDS if stated == expected else f"it states {stated}, the document before is {expected}"
