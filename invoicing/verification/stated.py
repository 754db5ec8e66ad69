"""What a document says of itself about its place in a chain."""

from typing import NamedTuple

from config.xml import parse
from invoicing.zatca.hashing import CAC, CBC


class Stated(NamedTuple):
    """None where it says nothing."""

    icv: str | None
    pih: str | None
    uuid: str | None


def stated(xml: bytes) -> Stated:
    """ICV, PIH and UUID in the bytes. Raises XMLRefused."""
    root = parse(xml)
    references = {
        reference.findtext(f"{CBC}ID"): reference
        for reference in root.iterfind(f"{CAC}AdditionalDocumentReference")
    }
    icv, pih = references.get("ICV"), references.get("PIH")
    path = f"{CAC}Attachment/{CBC}EmbeddedDocumentBinaryObject"
    return Stated(
        icv=None if icv is None else icv.findtext(f"{CBC}UUID"),
        pih=None if pih is None else pih.findtext(path),
        uuid=root.findtext(f"{CBC}UUID"),
    )
