"""The archive for an auditor: everything about a range of invoices in one zip that checks offline.

What lies where, and what holds it together, is on docs/archive.md; `verification.archives` reads it
again without a database. Files come in one order, each is written when its turn comes, and
a list of them (path, size, SHA-256) and the zip's table of contents are kept on disk meanwhile:
memory does not grow with the range.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from tempfile import TemporaryFile
from typing import IO, Any

from django.db.models import QuerySet
from django.utils import timezone

from config.days import end_of, start_of
from config.db.log_chain import keyed_hash
from config.jobs.models import Job
from config.jobs.services import Work, queue_job
from config.json import canonical
from config.problems import Problem
from config.tenancy.models import Tenant
from config.version import VERSION
from config.zips import LongZip
from invoicing import errors
from invoicing.models import Attempt, Chain, EGSUnit, Invoice, InvoiceLog, Revision
from invoicing.services.bulk import entry, print_or_say
from invoicing.verification import seals

ARCHIVE = "archive"
FORMAT = "daftar-archive/1"
FILES, MANIFEST = "files.jsonl", "manifest.json"
CHUNK = 50
LINKS_AT_ONCE = 1_000

Told = Callable[[Invoice, Problem | None], None]


@dataclass(frozen=True, slots=True)
class Range:
    """Which invoices: of a tenant, issued from one day to another (both inclusive), of a unit."""

    tenant: Tenant
    first: date
    last: date
    unit: EGSUnit | None = None

    def invoices(self) -> QuerySet[Invoice]:
        """By id, so that the order never changes."""
        zone = self.tenant.zone
        rows = Invoice.objects.for_tenant(self.tenant).filter(
            issued_at__gte=start_of(self.first, zone), issued_at__lt=end_of(self.last, zone)
        )
        if self.unit is not None:
            rows = rows.filter(unit=self.unit)
        return rows.select_related("unit", "tenant").order_by("pk")


def range_of(
    tenant: Tenant, first: date, last: date, unit_name: str = "", *, end: str = "to"
) -> Range:
    """The range that was asked for. Raises BadRange and NoSuchUnit, with `param`."""
    if last < first:
        raise errors.BadRange(param=end)
    unit = None
    if unit_name:
        unit = EGSUnit.objects.filter(tenant=tenant, name=unit_name).first()
        if unit is None:
            raise errors.NoSuchUnit(param="unit")
    return Range(tenant, first, last, unit)


def queue_archive(asked: Range, *, actor: str) -> Job:
    """Queue the archive of a range as bulk work; commits once. Raises NothingChosen."""
    if not asked.invoices().exists():
        raise errors.NothingChosen(param="from")
    parameters = {
        "from": asked.first.isoformat(),
        "to": asked.last.isoformat(),
        "unit": asked.unit.name if asked.unit else "",
    }
    return queue_job(tenant=asked.tenant, kind=ARCHIVE, parameters=parameters, actor=actor)


def run_archive(work: Work) -> None:
    """Write the archive of a queued range into the job's file."""
    said = work.parameters
    asked = range_of(
        work.tenant, date.fromisoformat(said["from"]), date.fromisoformat(said["to"]), said["unit"]
    )
    work.expect(asked.invoices().count())

    def told(invoice: Invoice, problem: Problem | None) -> None:
        if problem is None:
            work.did()
        else:
            work.failed(invoice.invoice_number, problem)

    name = f"archive-{said['from']}-{said['to']}-{work.job.pk}.zip"
    write_archive(work.open_file(name), asked, told=told, beat=work.beat)


def write_archive(
    file: Any,
    asked: Range,
    *,
    told: Told = lambda invoice, problem: None,
    beat: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Write the whole archive into `file`, which need not be seekable; the manifest.

    `told` hears of each invoice, with a Problem where its PDF could not be made by a fault of ours;
    `beat` is called during what reports nothing else.
    """
    with (
        TemporaryFile() as listed,
        TemporaryFile() as contents,
        LongZip(file, contents) as archive,
    ):
        book = _Book(archive, listed)
        for invoice in _one_by_one(asked.invoices()):
            problem = _write_invoice(book, invoice)
            told(invoice, problem)
        chains = [_write_chain(book, pk, reach, beat) for pk, reach in sorted(book.reach.items())]
        manifest = _manifest(asked, book, chains)
        _copy_list(archive, listed, beat)
        archive.writestr(entry(MANIFEST), json.dumps(manifest, ensure_ascii=False, indent=2))
    return manifest


@dataclass(slots=True)
class _Reach:
    """From which to which ICV of a chain the archive reaches."""

    first: int
    last: int


@dataclass(slots=True)
class _Book:
    """The archive as it grows: what is in it, and its list of files."""

    archive: zipfile.ZipFile
    listed: IO[bytes]
    counts: dict[str, int] = field(default_factory=dict)
    reach: dict[int, _Reach] = field(default_factory=dict)
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, path: str, content: bytes, kind: str) -> None:
        self.archive.writestr(entry(path), content)
        self.note(path, len(content), hashlib.sha256(content).hexdigest(), kind)

    def note(self, path: str, size: int, sha256: str, kind: str) -> None:
        line = canonical({"path": path, "size": size, "sha256": sha256}).encode() + b"\n"
        self.listed.write(line)
        self.digest.update(line)
        self.count(kind)
        self.count("files")

    def count(self, kind: str, number: int = 1) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + number

    def reaches(self, chain_id: int, icv: int) -> None:
        reach = self.reach.setdefault(chain_id, _Reach(icv, icv))
        reach.first, reach.last = min(reach.first, icv), max(reach.last, icv)


def folder_of(invoice_id: int, number: str) -> str:
    """Where an invoice's files lie; its number as far as a file name can hold it."""
    safe = "".join(c if (c.isalnum() and c.isascii()) or c in "-_" else "_" for c in number)
    return f"invoices/{invoice_id:010d}-{safe[:60]}"


def _one_by_one(rows: QuerySet[Invoice]) -> Iterator[Invoice]:
    last = 0
    while chunk := list(rows.filter(pk__gt=last).defer("xml_content", "zatca_response")[:CHUNK]):
        yield from chunk
        last = chunk[-1].pk


def _write_invoice(book: _Book, invoice: Invoice) -> Problem | None:
    folder = folder_of(invoice.pk, invoice.invoice_number)
    revisions = list(invoice.revisions.filter(number__lte=invoice.revision).order_by("number"))
    attempts = list(
        invoice.attempts.filter(number__lte=invoice.attempt_no)
        .select_related("revision")
        .order_by("number")
    )
    facts = _facts(invoice, revisions, attempts)
    book.add(f"{folder}/invoice.json", _pretty(facts), "invoices")
    # Rows beyond the head that was read came after it, and belong to the next archive.
    logs = invoice.logs.filter(sequence__lte=invoice.log_count).order_by("sequence")
    lines = [_log_line(row) for row in logs]
    book.add(f"{folder}/log.jsonl", b"".join(lines), "logs")
    book.count("log_entries", len(lines))
    for revision in revisions:
        _write_revision(book, f"{folder}/revision-{revision.number}", revision)
    for attempt in attempts:
        if attempt.response is not None:
            path = f"{folder}/attempt-{attempt.number}.answer"
            book.add(path, bytes(attempt.response), "answers")
    return _write_pdf(book, f"{folder}/document.pdf", invoice)


def _write_revision(book: _Book, folder: str, revision: Revision) -> None:
    book.count("revisions")
    if revision.payload is not None:
        book.add(f"{folder}/payload.json", canonical(revision.payload).encode(), "payloads")
    if revision.xml is not None:
        assert revision.chain_id is not None
        assert revision.icv is not None
        book.reaches(revision.chain_id, revision.icv)
        book.add(f"{folder}/sealed.xml", bytes(revision.xml), "sealed")
    if revision.cleared_xml is not None:
        book.add(f"{folder}/cleared.xml", bytes(revision.cleared_xml), "cleared")


def _write_pdf(book: _Book, path: str, invoice: Invoice) -> Problem | None:
    """The PDF where the document may be given out; the Problem where only a fault kept it back."""
    try:
        book.add(path, print_or_say(invoice).content, "pdfs")
    except errors.NotPrintable:
        return None
    except Problem as problem:
        book.count("not_printed")
        return problem
    return None


def _log_line(row: InvoiceLog) -> bytes:
    """The text that the entry's hash covers, with the hash between content and previous_hash.

    Whoever takes `"entry_hash":"…",` out again has the exact bytes of the HMAC.
    """
    return (
        canonical(
            {
                "content": row.content(),
                "entry_hash": row.entry_hash,
                "previous_hash": row.previous_hash,
                "sequence": row.sequence,
            }
        ).encode()
        + b"\n"
    )


INVOICE_FACTS = (
    "id", "invoice_number", "phase", "status", "zatca_status", "environment", "document_type",
    "is_simplified", "currency", "total_amount", "tax_amount", "buyer_name", "issued_at",
    "client_reference", "metadata", "revision", "attempt_no", "log_count", "log_head",
    "created_at", "updated_at",
)  # fmt: skip
REVISION_FACTS = (
    "number", "payload_sha256", "uuid", "channel", "icv", "pih", "hash", "qr", "outcome",
    "findings", "reason", "actor", "created_at", "sealed_at", "first_sent_at",
)  # fmt: skip
ATTEMPT_FACTS = (
    "number", "channel", "trigger", "actor", "request_id", "started_at", "abandoned_at", "ended_at",
    "reached", "event", "http_status", "outcome", "zatca_status", "failure_class", "error_code",
    "error_message", "duration_ms",
)  # fmt: skip


def _facts(invoice: Invoice, revisions: list[Revision], attempts: list[Attempt]) -> dict[str, Any]:
    return {
        **{name: getattr(invoice, name) for name in INVOICE_FACTS},
        "unit": invoice.unit.name if invoice.unit else None,
        "revisions": [
            {**{name: getattr(row, name) for name in REVISION_FACTS}, "chain": row.chain_id}
            for row in revisions
        ],
        "attempts": [
            {
                **{name: getattr(row, name) for name in ATTEMPT_FACTS},
                "revision": row.revision.number,
            }
            for row in attempts
        ],
    }


def _pretty(value: Any) -> bytes:
    """Readable, and with every digit: numbers go through their canonical text."""
    text = canonical(value)
    return json.dumps(json.loads(text, parse_float=str), ensure_ascii=False, indent=1).encode()


def _write_chain(book: _Book, pk: int, reach: _Reach, beat: Callable[[], None]) -> dict[str, Any]:
    """The chain's documents over the reach of the archive, those of other days included.

    Only so can an auditor see that no ICV is missing between two that are here: of the others the
    line holds ICV, PIH, hash and UUID, and no content.
    """
    chain = Chain.objects.select_related("unit").get(pk=pk)
    certificate = chain.certificate().base64_der
    path = f"chains/{pk:06d}.jsonl"
    head, count = "", 0
    digest, size = hashlib.sha256(), 0
    with book.archive.open(entry(path), "w", force_zip64=True) as out:
        for document in _links(chain, reach):
            line = canonical(_link(document)).encode() + b"\n"
            out.write(line)
            digest.update(line)
            size += len(line)
            head, count = document.hash or "", count + 1
            if count % LINKS_AT_ONCE == 0:
                beat()
    book.note(path, size, digest.hexdigest(), "chains")
    return {
        "id": pk,
        "unit": chain.unit.name,
        "path": path,
        "certificate": certificate,
        "certificate_serial": chain.certificate_serial,
        "first_icv": reach.first,
        "last_icv": reach.last,
        "documents": count,
        "head": head,
    }


def _links(chain: Chain, reach: _Reach) -> Iterator[Revision]:
    rows = chain.documents.filter(icv__gte=reach.first, icv__lte=reach.last)
    only = ("icv", "pih", "hash", "uuid", "number", "sealed_at", "invoice__invoice_number")
    return rows.select_related("invoice").only(*only).order_by("icv").iterator(LINKS_AT_ONCE)


def _link(document: Revision) -> dict[str, Any]:
    folder = folder_of(document.invoice_id, document.invoice.invoice_number)
    return {
        "icv": document.icv,
        "pih": document.pih,
        "hash": document.hash,
        "uuid": document.uuid,
        "sealed_at": document.sealed_at,
        "path": f"{folder}/revision-{document.number}/sealed.xml",
    }


def _manifest(asked: Range, book: _Book, chains: list[dict[str, Any]]) -> dict[str, Any]:
    """What is in the archive; the HMAC over the rest is made with the audit key."""
    tenant = asked.tenant
    manifest = {
        "format": FORMAT,
        "daftar": VERSION,
        "made_at": timezone.now().replace(microsecond=0).isoformat(),
        "tenant": {
            "id": tenant.pk,
            "company_name": tenant.company_name,
            "company_name_ar": tenant.company_name_ar,
            "vat_number": tenant.vat_number,
            "environment": tenant.environment,
            "timezone": tenant.timezone,
        },
        "range": {
            "from": asked.first.isoformat(),
            "to": asked.last.isoformat(),
            "unit": asked.unit.name if asked.unit else None,
        },
        "counts": dict(sorted(book.counts.items())),
        "chains": chains,
        "log_seal": _log_seal(),
        "files_sha256": book.digest.hexdigest(),
    }
    return {**manifest, "hmac": keyed_hash(canonical(manifest))}


def _log_seal() -> dict[str, Any] | None:
    """The newest seal of all logs on this machine, which an auditor may ask to see."""
    with suppress(seals.SealBroken):
        seal = seals.newest_seal()
        if seal is not None:
            return {
                "file": seal.path.name,
                "sealed_at": seal.sealed_at,
                "invoices": seal.invoices,
                "hmac": seal.hmac,
            }
    return None


def _copy_list(archive: zipfile.ZipFile, listed: IO[bytes], beat: Callable[[], None]) -> None:
    listed.seek(0)
    with archive.open(entry(FILES), "w", force_zip64=True) as out:
        while piece := listed.read(1_048_576):
            out.write(piece)
            beat()
