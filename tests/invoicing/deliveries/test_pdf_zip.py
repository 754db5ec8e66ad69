"""Many invoices as PDFs in one zip."""

import io
import zipfile

import pytest

from config.jobs import services
from config.jobs.models import Job
from tests.conftest import client_of
from tests.invoicing.deliveries.conftest import refused
from tests.invoicing.traces import URL

ZIP = f"{URL}/pdf-zip"


def fetched(api, answer) -> zipfile.ZipFile:
    services.run_next()
    job = api.get(answer["Location"]).json()
    content = b"".join(api.get(job["links"]["file"]).streaming_content)
    return zipfile.ZipFile(io.BytesIO(content))


def test_what_can_be_printed_and_a_line_for_what_cannot(api, issue):
    ids = [issue("INV-1").pk, issue("INV-2", fault="reject").pk, issue("S-3").pk]
    answer = api.post(ZIP, {"ids": ids})
    assert answer.status_code == 202

    archive = fetched(api, answer)

    *pdfs, told = archive.namelist()
    assert [name.rpartition("_")[2] for name in pdfs] == ["INV-1.pdf", "S-3.pdf"]
    assert all(archive.read(name).startswith(b"%PDF") for name in pdfs)
    assert told == "not-printed.txt"
    assert archive.read(told).decode().startswith("INV-2: ")
    job = api.get(answer["Location"]).json()
    assert (job["total"], job["done"], job["failed"], job["percent"]) == (3, 3, 1, 100)
    [note] = job["notes"]
    assert note["subject"] == "INV-2"
    assert note["message_ar"]


def test_a_fault_in_one_keeps_no_other_back(api, issue, monkeypatch):
    from invoicing.services import bulk

    real = bulk.render_pdf
    broken = lambda invoice: 1 // 0 if invoice.invoice_number == "S-1" else real(invoice)  # noqa: E731
    monkeypatch.setattr(bulk, "render_pdf", broken)
    archive = fetched(api, api.post(ZIP, {"ids": [issue("S-1").pk, issue("S-2").pk]}))
    assert len(archive.namelist()) == 2
    assert Job.objects.get().notes.get().code == "not_printed"


def test_two_numbers_that_make_one_file_name_make_two_files(api, issue):
    ids = [issue("S/7").pk, issue("S:7").pk]
    names = fetched(api, api.post(ZIP, {"ids": ids})).namelist()
    assert len(set(names)) == len(names) == 2
    assert names[1] == f"{names[0].removesuffix('.pdf')}-{ids[1]}.pdf"


def test_by_the_filter_of_the_list(api, issue):
    issue("INV-1"), issue("S-2")
    archive = fetched(api, api.post(ZIP, {"filter": {"invoice_number": "S-"}}))
    assert [name.rpartition("_")[2] for name in archive.namelist()] == ["S-2.pdf"]


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "ids_or_filter", None),
        ({"ids": [1], "filter": {}}, "ids_or_filter", None),
        ({"ids": []}, "empty", "ids"),
        ({"ids": ["x"]}, "invalid", "ids[0]"),
        ({"filter": {"colour": "red"}}, "unknown_filter", "filter.colour"),
        ({"filter": {"status": "LOST"}}, "invalid_choice", "filter.status"),
        ({"filter": {"invoice_number": "NO-SUCH"}}, "nothing_chosen", "filter"),
        ({"ids": list(range(1, 5002))}, "too_many_chosen", "ids"),
    ],
)
def test_what_makes_no_job(api, body, code, param):
    assert refused(api.post(ZIP, body)) == (400, code, param)
    assert not Job.objects.exists()


def test_a_foreign_id_is_an_absent_one(api, foreign_api, issue):
    own = issue("INV-1")
    answers = [foreign_api.post(ZIP, {"ids": [pk]}) for pk in (own.pk, 987654)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json()["error"]["param"] == "ids[0]"
    assert not Job.objects.exists()


def test_a_reader_may(najd, issue):
    reader = client_of(najd, "invoices:read")
    assert reader.post(ZIP, {"ids": [issue("S-1").pk]}).status_code == 202
