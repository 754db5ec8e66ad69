"""What manifest and invoice.json of an archive claim, held against the documents (archives.py).

No key is needed: files are counted again, and range, unit, VAT number, numbers and amounts are
compared with what the sealed documents say. What no document says is on docs/archive.md.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from config.xml import XMLRefused
from invoicing.verification.stated import Stated, stated
from invoicing.zatca.hashing import invoice_hash

KINDS = {
    "invoice.json": "invoices",
    "log.jsonl": "logs",
    "payload.json": "payloads",
    "sealed.xml": "sealed",
    "cleared.xml": "cleared",
    "document.pdf": "pdfs",
}
# Local time before or after UTC, anywhere: the zone of that day may not be the one of today.
WEST, EAST = timedelta(hours=-12), timedelta(hours=14)

Reader = Callable[[str], bytes | None]


class Claims:
    """Fed with every file and invoice of an archive, then asked about its manifest."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self._manifest = manifest
        self._taxpayers: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()

    def file(self, path: str) -> None:
        """One more file is listed."""
        name = path.rpartition("/")[2]
        kind = "chains" if path.startswith("chains/") else KINDS.get(name)
        self.counts[kind or "answers"] += 1
        self.counts["files"] += 1

    def invoice_findings(self, folder: str, facts: Any, read: Reader) -> Iterator[str]:
        """What an invoice.json says otherwise than the manifest, or than its documents."""
        self.counts["revisions"] += len(facts["revisions"])
        yield from self._range_findings(facts)
        for revision in facts["revisions"]:
            if revision["icv"] is not None:
                xml = read(f"{folder}/revision-{revision['number']}/sealed.xml")
                yield from self._revision_findings(facts, revision, xml)

    def _range_findings(self, facts: Any) -> Iterator[str]:
        asked, zone = self._manifest["range"], ZoneInfo(self._manifest["tenant"]["timezone"])
        day = datetime.fromisoformat(facts["issued_at"]).astimezone(zone).date()
        if not date.fromisoformat(asked["from"]) <= day <= date.fromisoformat(asked["to"]):
            yield f"it was issued on {day}, outside of the range that the manifest names"
        if asked["unit"] is not None and facts["unit"] != asked["unit"]:
            yield f"it is of EGS unit {facts['unit']}, and the manifest names {asked['unit']}"

    def _revision_findings(self, facts: Any, revision: Any, xml: bytes | None) -> Iterator[str]:
        number = revision["number"]
        if xml is None:
            yield f"revision {number} was sealed, and its document is not here"
            return
        try:
            says, recomputed = stated(xml), invoice_hash(xml)
        except XMLRefused:  # which the chain says
            return
        self._taxpayers[says.taxpayer or "none"] += 1
        wrong = [*_sealed_otherwise(facts, revision, says)]
        if revision["hash"] != recomputed:
            wrong.append("hash")
        if number == facts["revision"]:
            wrong += _issued_otherwise(facts, says)
        if wrong:
            yield f"its {', '.join(wrong)} differ from the document of revision {number}"

    def findings(self) -> Iterator[str]:
        """What the manifest counts or names otherwise than what was fed."""
        said = dict(self._manifest["counts"].items())
        # How many may not be printed, and how many only could not, no file tells.
        not_printed = said.pop("not_printed", 0)
        room = self.counts["invoices"] - self.counts["pdfs"]
        if not 0 <= not_printed <= room:
            yield f"it counts {not_printed} not printed, and {room} have no PDF"
        for name in sorted({*said, *self.counts}):
            if said.get(name, 0) != self.counts[name]:
                yield f"it counts {said.get(name, 0)} {name}, and {self.counts[name]} are listed"
        vat_number = self._manifest["tenant"]["vat_number"]
        for taxpayer, documents in sorted(self._taxpayers.items()):
            if taxpayer != vat_number:
                yield (
                    f"its VAT number is {vat_number}, and in {documents} of the documents it is "
                    f"{taxpayer}"
                )


def _sealed_otherwise(facts: Any, revision: Any, says: Stated) -> Iterator[str]:
    pairs = (
        ("invoice_number", facts["invoice_number"], says.number),
        ("uuid", revision["uuid"], says.uuid),
        ("icv", str(revision["icv"]), says.icv),
        ("pih", revision["pih"], says.pih),
    )
    return (name for name, ours, theirs in pairs if ours != theirs)


def _issued_otherwise(facts: Any, says: Stated) -> Iterator[str]:
    pairs = (
        ("document_type", facts["document_type"], says.document_type),
        ("currency", facts["currency"], says.currency),
        ("total_amount", Decimal(facts["total_amount"]), Decimal(says.total or 0)),
        ("tax_amount", Decimal(facts["tax_amount"]), Decimal(says.tax or 0)),
    )
    yield from (name for name, ours, theirs in pairs if ours != theirs)
    written = datetime.fromisoformat(says.issued).replace(tzinfo=UTC)
    if not WEST <= written - datetime.fromisoformat(facts["issued_at"]) <= EAST:
        yield "issued_at"
