"""Papers and reports as answers to a browser or a program, the same through every door."""

from hashlib import sha256

from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from config.tenancy.models import Tenant
from health.exporting import csv_chunks, report_pdf, xlsx_file
from health.printing import Printed
from health.report import Period, Report

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = ("csv", "xlsx", "pdf")


def pdf_answer(request: HttpRequest, printed: Printed, *, is_page: bool = False) -> HttpResponse:
    """The file, or 304 where the caller has it; a page is shown by the browser, not saved."""
    etag = f'"{sha256(printed.content).hexdigest()}"'
    response = HttpResponse(
        printed.content,
        content_type="application/pdf",
        headers={
            "ETag": etag,
            "Cache-Control": "private, no-cache",
            "Content-Disposition": content_disposition_header(not is_page, printed.file_name) or "",
        },
    )
    return get_conditional_response(request, etag=etag, response=response) or response


def report_file(
    request: HttpRequest, tenant: Tenant, name: str, report: Report, period: Period, form: str
) -> HttpResponseBase:
    """A report as one of FORMATS; CSV and XLSX are streamed. Raises ReportTooLong."""
    if form == "pdf":
        return pdf_answer(request, report_pdf(report, tenant, period, name))
    disposition = content_disposition_header(True, f"{name}.{form}") or ""
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-cache"}
    if form == "xlsx":
        file = xlsx_file(report, tenant, period)
        return FileResponse(file, content_type=XLSX, headers=headers)
    kind = "text/csv; charset=utf-8"
    return StreamingHttpResponse(csv_chunks(report), content_type=kind, headers=headers)
