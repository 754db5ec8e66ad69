"""What came back cleared, held against what was sent, before anybody gives it out.

The authority puts its own stamp and QR code into a cleared document and changes nothing else
(zatca.md §6.1, §8). Whatever else differs, the invoice is CLEARED all the same, since that is the
authority's to say; but its document is not given out, and a person is asked.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import structlog

from invoicing import judge
from invoicing.services.verdicts import Verdict
from invoicing.zatca import qr
from invoicing.zatca.errors import QRInvalid
from invoicing.zatca.hashing import invoice_hash
from invoicing.zatca.parting import parting
from invoicing.zatca.reading import embedded_qr

log = structlog.get_logger(__name__)

# Records of the QR code that say something about the document itself: seller, VAT number, instant,
# total, VAT and hash. The others belong to the authority's own stamp.
ABOUT_THE_DOCUMENT = range(1, 7)


def compared(verdict: Verdict, sent: bytes) -> Verdict:
    """The verdict with what is wrong with its cleared document, if anything is. Never raises."""
    if verdict.cleared_xml is None:
        return verdict
    try:
        found = differences(sent, verdict.cleared_xml)
        difference = "; ".join(sentence.rstrip(".") for sentence in found)
    except Exception as bug:
        # Our own mistake must not lose the authority's yes, nor let the document through.
        log.exception("cleared_document_not_compared")
        difference = f"it could not be compared: {type(bug).__name__}"
    if not difference:
        return verdict
    return replace(
        verdict,
        cleared_difference=difference,
        findings=(*verdict.findings, _finding(difference)),
    )


def differences(sent: bytes, cleared: bytes) -> Iterator[str]:
    """Everything in which a cleared document is not what was sent, in words; nothing if it is."""
    parted = parting(sent, cleared)
    if parted is not None:
        yield parted.sentence
    try:
        judge.verify_stamp(cleared, at=judge.signing_time(cleared))
    except judge.StampBroken as broken:
        yield f"the authority's stamp does not hold: {broken}"
    yield from _qr_differences(sent, cleared)


def _qr_differences(sent: bytes, cleared: bytes) -> Iterator[str]:
    try:
        ours, theirs = (qr.parse(embedded_qr(xml) or "") for xml in (sent, cleared))
    except QRInvalid as error:
        yield f"its QR code cannot be read: {error}"
        return
    for tag in ABOUT_THE_DOCUMENT:
        expected = invoice_hash(sent).encode() if tag == 6 else ours.get(tag)
        if theirs.get(tag) != expected:
            yield f"record {tag} of its QR code is another"


def _finding(difference: str) -> dict[str, Any]:
    return {
        "code": "cleared_document_differs",
        "severity": "warning",
        "message": "ZATCA cleared the invoice, but the document that came back is not the one that "
        f"was sent; it must not be given out. {difference}",
        "message_ar": "اعتمدت الهيئة الفاتورة، لكن المستند المُعاد ليس المستند المُرسل؛ فلا يجوز "
        "تسليمه.",
        "param": None,
        "source": "daftar",
    }
