"""Many documents in one file: the PDFs of a choice of invoices as a zip, as bulk work."""

import zipfile
from collections.abc import Iterator, Sequence

import structlog
from django.db.models import QuerySet
from django.utils import timezone

from config.jobs.errors import Lost
from config.jobs.models import Job
from config.jobs.services import Work, queue_job
from config.problems import Problem
from config.tenancy.models import Tenant
from invoicing import errors, selectors
from invoicing.models import Invoice
from invoicing.services.printing import Printed, render_pdf

log = structlog.get_logger(__name__)

PDF_ZIP = "pdf-zip"
AT_MOST = 5_000
CHUNK = 100
NOT_PRINTED = "not-printed.txt"
# The same documents make the same file.
EPOCH = (1980, 1, 1, 0, 0, 0)


def zip_chosen(*, tenant: Tenant, ids: Sequence[int], actor: str) -> Job:
    """Queue a zip of the PDFs of these invoices; commits once.

    Raises NothingChosen, TooManyChosen, and InvoiceNotFound (naming the place in `ids`) for ids
    that are absent or another tenant's.
    """
    unique = list(dict.fromkeys(ids))
    if len(unique) > AT_MOST:
        raise errors.TooManyChosen(AT_MOST, param="ids")
    if not unique:
        raise errors.NothingChosen(param="ids")
    own = selectors.own_ids(tenant, unique)
    for place, pk in enumerate(ids):
        if pk not in own:
            raise errors.InvoiceNotFound(param=f"ids[{place}]")
    return queue_job(tenant=tenant, kind=PDF_ZIP, parameters={"ids": unique}, actor=actor)


def zip_found(*, tenant: Tenant, invoices: QuerySet[Invoice], actor: str) -> Job:
    """Queue a zip of the PDFs of what a filter of the tenant's invoices finds now; commits once.

    Raises NothingChosen and TooManyChosen.
    """
    found = invoices.filter(tenant=tenant).order_by("pk").values_list("pk", flat=True)
    ids = list(found[: AT_MOST + 1])
    if not ids:
        raise errors.NothingChosen(param="filter")
    if len(ids) > AT_MOST:
        raise errors.TooManyChosen(AT_MOST, param="filter")
    return queue_job(tenant=tenant, kind=PDF_ZIP, parameters={"ids": ids}, actor=actor)


def run_pdf_zip(work: Work) -> None:
    """Print each invoice into the zip; what may not or cannot be printed is listed in it."""
    ids: list[int] = list(work.parameters["ids"])
    work.expect(len(ids))
    refused: list[str] = []
    taken: set[str] = set()
    name = f"invoices-{timezone.now():%Y%m%d}-{work.job.pk}.zip"
    with zipfile.ZipFile(work.open_file(name), "w", zipfile.ZIP_DEFLATED) as archive:
        for invoice in _in_order(work.tenant, ids):
            try:
                printed = print_or_say(invoice)
            except Problem as problem:
                refused.append(f"{invoice.invoice_number}: {problem.message} {problem.message_ar}")
                work.failed(invoice.invoice_number, problem)
                continue
            archive.writestr(entry(_unused(printed, invoice, taken)), printed.content)
            work.did()
        if refused:
            archive.writestr(entry(NOT_PRINTED), "\n".join(refused) + "\n")


def print_or_say(invoice: Invoice) -> Printed:
    """The PDF, or a Problem that says why not: NotPrintable, or NotPrinted for a fault of ours."""
    try:
        return render_pdf(invoice)
    except (Problem, Lost):
        raise
    except Exception as bug:
        # One document must not keep the others back.
        log.exception("not_printed", invoice=invoice.pk)
        raise errors.NotPrinted from bug


def entry(name: str) -> zipfile.ZipInfo:
    """A compressed entry of a zip, without a date of its own."""
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def _in_order(tenant: Tenant, ids: Sequence[int]) -> Iterator[Invoice]:
    rows = Invoice.objects.for_tenant(tenant).select_related("unit", "tenant")
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        found = rows.defer("xml_content", "zatca_response").in_bulk(chunk)
        yield from (found[pk] for pk in chunk if pk in found)


def _unused(printed: Printed, invoice: Invoice, taken: set[str]) -> str:
    # Two numbers that differ in what a file name cannot hold come out alike.
    name = printed.file_name
    if name in taken:
        name = f"{name.removesuffix('.pdf')}-{invoice.pk}.pdf"
    taken.add(name)
    return name
