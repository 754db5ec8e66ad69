"""`/api/v1/invoices/reconciliations`: three bodies, one answer; a bad one is refused."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from invoicing.api import exports
from invoicing.models import Invoice, ReconciliationFinding, ReconciliationRun
from tests.conftest import client_of
from tests.invoicing.arranged import World, arranged
from tests.invoicing.reconciliation.conftest import export_of
from tests.invoicing.traces import everything

URL = "/api/v1/invoices/reconciliations"


@arranged
def lost(world: World) -> Invoice:
    """The authority has it, and its answer was lost."""
    return world.issue("S-1", fault="drop_after")


def post_csv(api, text: str, query: str = "", **headers):
    return api.post(f"{URL}{query}", text.encode(), content_type="text/csv", headers=headers)


def test_compare_with_the_list(api, lost):
    answer = api.post(URL, {"source": "LIST"})
    body = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == f"{URL}/{body['id']}"
    assert (body["source"], body["open_count"], body["is_clean"]) == ("LIST", 1, False)
    assert b'"total":230.00' in answer.content


def test_ask_by_resending(api, lost):
    body = api.post(URL, {"source": "RESEND"}).json()
    assert (body["finding_count"], body["open_count"], body["is_clean"]) == (1, 0, True)
    lost.refresh_from_db()
    assert lost.status == "CLEARED"


def test_upload_as_the_body(api, lost):
    body = post_csv(api, export_of(lost)).json()
    assert (body["source"], body["open_count"], body["theirs_count"]) == ("EXPORT", 1, 1)
    assert len(body["file_sha256"]) == 64


def test_upload_in_a_form_with_a_named_column(api, lost):
    text = export_of(lost).replace("Total", "Gesamt")
    file = SimpleUploadedFile("november.csv", text.encode("utf-16"))
    answer = api.post(URL, {"file": file, "column": "total=Gesamt"}, format="multipart")
    assert answer.status_code == 201
    assert (answer.json()["file_name"], answer.json()["columns"]["total"]) == (
        "november.csv",
        "Gesamt",
    )


def test_a_run_with_a_page_of_its_findings(api, lost):
    run = api.post(URL, {"source": "LIST"}).json()
    body = api.get(f"{URL}/{run['id']}?limit=1").json()
    [finding] = body["findings"]
    assert body["reconciliation"] == run
    assert (body["total"], body["page"], body["limit"]) == (1, 1, 1)
    assert (finding["kind"], finding["invoice_number"]) == ("status_differs", "S-1")
    assert (finding["invoice"], finding["ours"], finding["theirs"]) == (
        lost.pk,
        "UNKNOWN",
        "REPORTED",
    )
    assert "identical bytes" in finding["next_action"]
    assert "البايتات نفسها" in finding["next_action_ar"]
    assert api.get(f"{URL}/{run['id']}?state=EXPLAINED").json()["findings"] == []


def test_the_list_of_runs(api, lost):
    api.post(URL, {"source": "LIST"})
    post_csv(api, export_of(lost))
    assert [row["source"] for row in api.get(URL).json()["reconciliations"]] == ["EXPORT", "LIST"]
    assert api.get(f"{URL}?source=LIST").json()["total"] == 1


def test_explain_once(api, lost):
    api.post(URL, {"source": "LIST"})
    page = f"/api/v1/invoices/reconciliation-findings/{ReconciliationFinding.objects.get().pk}"
    answer = api.post(f"{page}/explain", {"reason": "Told by phone."})
    assert (answer.status_code, answer.json()["state"]) == (200, "EXPLAINED")
    again = api.post(f"{page}/explain", {"reason": "No, by mail."})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "finding_already_explained")
    assert ReconciliationFinding.objects.get().reason == "Told by phone."
    lost.refresh_from_db()
    assert lost.status == "FAILED"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "source"),
        ({"source": "EXPORT"}, "source"),
        ({"source": "LIST", "date_from": "24/11/2026"}, "date_from"),
        ({"source": "LIST", "date_from": "9999-12-31"}, "date_from"),
        ({"source": "LIST", "date_from": "2026-11-02", "date_to": "2026-11-01"}, "date_to"),
        ({"source": "LIST", "unit": "till-9"}, "unit"),
    ],
)
def test_a_bad_request_does_nothing(api, lost, zatca, body, param):
    before = everything(zatca)
    answer = api.post(URL, body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert everything(zatca) == before
    assert not ReconciliationRun.objects.exists()


def test_a_bad_file_is_refused_by_line_and_column(api, lost, zatca):
    before = everything(zatca)
    answer = post_csv(api, export_of(lost, Total="12.345", Status="perhaps"))
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "invalid_export")
    assert [(e["param"], e["code"]) for e in error["errors"]] == [
        ("line 2, column 3 (Status)", "unknown_word"),
        ("line 2, column 6 (Total)", "too_many_decimals"),
    ]
    assert error["places"][0] == {"line": 2, "column": 3, "header": "Status"}
    assert error["message_ar"].startswith("السطر 2")
    assert everything(zatca) == before
    assert not ReconciliationRun.objects.exists()


@pytest.mark.parametrize(
    ("query", "param"),
    [("?column=price=X", "line 1 (price=X)"), ("?date_from=x", "date_from"), ("?unit=x", "unit")],
)
def test_what_stands_in_the_query_is_checked_alike(api, lost, query, param):
    answer = post_csv(api, export_of(lost), query)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_a_form_without_a_file(api, unit):
    answer = api.post(URL, {"column": "total=x"}, format="multipart")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "file")


def test_a_file_that_is_too_large(api, unit, monkeypatch):
    monkeypatch.setattr(exports, "MAX_BYTES", 100)
    assert post_csv(api, "number,status\n" + "x" * 100).status_code == 413
    file = SimpleUploadedFile("x.csv", b"x" * 101)
    assert api.post(URL, {"file": file}, format="multipart").status_code == 413


def test_no_list_but_a_stand_ins(api, unit, settings):
    settings.ZATCA_URLS = {**settings.ZATCA_URLS, "SANDBOX": "https://gw-fatoora.zatca.gov.sa/x"}
    answer = api.post(URL, {"source": "LIST"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "list_unavailable")


def test_the_same_key_and_file_run_once(api, lost):
    first = post_csv(api, export_of(lost), **{"Idempotency-Key": "k"})
    again = post_csv(api, export_of(lost), **{"Idempotency-Key": "k"})
    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    other = post_csv(api, export_of(lost, Total="1"), **{"Idempotency-Key": "k"})
    assert other.status_code == 422
    assert ReconciliationRun.objects.count() == 1


def test_seeing_asks_read_and_comparing_asks_verify(najd, api, lost):
    api.post(URL, {"source": "LIST"})
    writer = client_of(najd, "invoices:read", "invoices:write")
    assert writer.get(URL).json()["total"] == 1
    answer = writer.post(URL, {"source": "RESEND"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "insufficient_scope")


def test_another_tenants_run_and_finding_are_as_absent(api, foreign_api, lost):
    api.post(URL, {"source": "LIST"})
    run, finding = ReconciliationRun.objects.get(), ReconciliationFinding.objects.get()
    assert foreign_api.get(URL).json()["reconciliations"] == []
    assert foreign_api.get(f"{URL}/{run.pk}").status_code == 404
    explain = f"/api/v1/invoices/reconciliation-findings/{finding.pk}/explain"
    assert foreign_api.post(explain, {"reason": "Mine."}).status_code == 404
    finding.refresh_from_db()
    assert finding.state == "OPEN"
