"""Lists of invoices and logs, and the status of a number: contracts 14."""

from datetime import timedelta

import pytest
from django.utils import timezone

from config import pagination
from invoicing.models import Invoice
from tests.invoicing.arranged import World, arranged
from tests.invoicing.payloads import LINE, phase_1, simplified, standard
from tests.invoicing.traces import URL

STRICT = {"Prefer": "handling=strict"}


@arranged
def five(world: World) -> list[int]:
    """Five Phase 1 invoices, P-1 first; their ids."""
    return [world.api.post(URL, phase_1(f"P-{n}")).json()["id"] for n in range(1, 6)]


@arranged
def mixed(world: World) -> None:
    """One CLEARED, one REJECTED, one FAILED."""
    world.post(standard("C-1"))
    world.post(standard("R-1"), "reject")
    world.post(standard("F-1"), "error_503_before")


def numbers(api, query: str = "") -> list[str]:
    return [row["invoice_number"] for row in api.get(f"{URL}?{query}").json()["invoices"]]


def test_the_shape_of_a_list(api, five):
    body = api.get(URL).json()

    assert {key: value for key, value in body.items() if key != "invoices"} == {
        "total": 5, "page": 1, "limit": 50, "total_pages": 1, "total_is_capped": False,
    }  # fmt: skip
    documented = {
        "id", "invoice_number", "uuid", "hash", "environment", "status", "zatca_response_code",
        "created_at",
    }  # fmt: skip
    assert documented <= set(body["invoices"][0])


def test_rows_are_masters_newest_first(api, five):
    body = api.get(URL).json()
    assert [row["id"] for row in body["invoices"]] == five[::-1]


def test_pages(api, five):
    body = api.get(f"{URL}?page=2&limit=2").json()

    assert [row["id"] for row in body["invoices"]] == [five[2], five[1]]
    assert (body["total"], body["page"], body["limit"], body["total_pages"]) == (5, 2, 2, 3)


def test_a_page_beyond_the_end_is_empty(api, five):
    body = api.get(f"{URL}?page=9&limit=2").json()
    assert (body["invoices"], body["total"]) == ([], 5)


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "page=0", "page=x", "limit=1.5"])
def test_a_page_that_is_none_is_400(api, query):
    response = api.get(f"{URL}?{query}")
    assert response.status_code == 400
    assert response.json()["error"]["param"] == query.partition("=")[0]


def test_a_total_beyond_the_cap_says_so(api, five, monkeypatch):
    monkeypatch.setattr(pagination, "COUNT_CAP", 3)

    body = api.get(f"{URL}?limit=2").json()
    beyond = api.get(f"{URL}?limit=2&page=3").json()

    assert (body["total"], body["total_is_capped"], body["total_pages"]) == (3, True, 2)
    assert [row["id"] for row in beyond["invoices"]] == [five[0]]


FILTERS = {
    "status=CLEARED": ["C-1"],
    "status=REJECTED": ["R-1"],
    "status=FAILED": ["F-1"],
    "status=SUBMITTED": ["C-1"],
    "status=ERROR": ["F-1"],
    "status=CREATED": [],
    "zatca_status=NOT_CLEARED": ["R-1"],
    "invoice_number=-1": ["F-1", "R-1", "C-1"],
    "invoice_number=r-": ["R-1"],
    "environment=SANDBOX": ["F-1", "R-1", "C-1"],
    "environment=PRODUCTION": [],
    "error_code=zatca_unavailable": ["F-1"],
    "status=REJECTED&invoice_number=C": [],
}


def test_filters(api, mixed):
    assert {query: numbers(api, query) for query in FILTERS} == FILTERS


def test_dates(api, five):
    edge = timezone.now() - timedelta(days=2)
    Invoice.objects.filter(pk__in=five[3:]).update(updated_at=timezone.now())
    before, after = (
        (edge + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ") for days in (1, 3)
    )

    assert len(numbers(api, f"date_from={before}")) == 5
    assert numbers(api, f"date_from={after}") == []
    assert numbers(api, f"date_to={before}") == []
    assert len(numbers(api, f"date_from={before}&date_to={after}")) == 5


def test_a_word_no_status_has_is_400(api):
    response = api.get(f"{URL}?status=LOST")
    assert (response.status_code, response.json()["error"]["param"]) == (400, "status")


def test_an_unknown_parameter_is_ignored_or_refused_on_wish(api, five):
    assert len(numbers(api, "colour=green")) == 5

    response = api.get(f"{URL}?colour=green&limit=2", headers=STRICT)

    assert response.status_code == 400
    [error] = response.json()["error"]["errors"]
    assert (error["param"], error["code"]) == ("colour", "unknown_parameter")
    assert api.get(f"{URL}?status=CLEARED&limit=2&page=1", headers=STRICT).status_code == 200


# --- Logs ----------------------------------------------------------------------------------------


@arranged
def retried(world: World) -> int:
    """Failed, then rejected, then cleared: five rows."""
    world.zatca.control.script("A-1", delivery=2, fault="reject")
    pk = world.post(standard("A-1"), "error_503_before").pk
    for _ in range(2):
        world.api.post(f"{URL}/{pk}/retry")
    world.post(standard("B-1"))
    return pk


def words(body: dict) -> list[tuple]:
    return [(row["status"], row["action"], row["previous_status"]) for row in body["logs"]]


def test_the_log_of_an_invoice_oldest_first(api, retried):
    body = api.get(f"{URL}/{retried}/logs").json()

    assert words(body) == [
        ("ERROR", None, None),
        ("SUBMITTED", "RETRY", "FAILED"),
        ("REJECTED", None, None),
        ("SUBMITTED", "RETRY", "REJECTED"),
        ("CLEARED", None, None),
    ]
    assert [row["sequence"] for row in body["logs"]] == [1, 2, 3, 4, 5]


def test_the_log_of_the_tenant_newest_first(api, retried):
    body = api.get(f"{URL}/logs").json()
    assert body["total"] == 6
    assert body["logs"][0]["invoice_number"] == "B-1"


LOG_FILTERS = {
    "action=RETRY": 2,
    "action=RETRY&previous_status=FAILED": 1,
    "previous_status=REJECTED": 1,
    "status=SUBMITTED": 2,
    "status=ERROR": 1,
    "status=CLEARED": 2,
    "status=CLEARED&invoice_number=B-1": 1,
    "date_from=2199-01-01T00:00:00Z": 0,
    "date_to=2199-01-01T00:00:00Z": 6,
}


def test_logs_are_filtered(api, retried):
    found = {query: api.get(f"{URL}/logs?{query}").json() for query in LOG_FILTERS}
    assert {query: len(body["logs"]) for query, body in found.items()} == LOG_FILTERS
    assert {query: body["total"] for query, body in found.items()} == LOG_FILTERS


def test_a_log_row_tells_who_and_what(api, retried):
    error, retry, *_ = api.get(f"{URL}/{retried}/logs").json()["logs"]

    assert (error["trigger"], error["zatca_response_code"]) == ("CALLER", "503")
    assert error["actor"].startswith("key:dk_sb_")
    assert error["request_payload"]["invoice_number"] == "A-1"
    assert retry["request_payload"] == error["request_payload"]
    assert (retry["invoice_id"], retry["revision"], retry["attempt_no"]) == (retried, 1, 2)


# --- Status, detail, timeline --------------------------------------------------------------------


def test_status_answers_the_master_and_the_log_beside_it(api, retried):
    body = api.get(f"{URL}/A-1/status").json()

    assert (body["status"], body["log_status"]) == ("CLEARED", "CLEARED")
    assert set(body) >= {
        "invoice_number", "status", "zatca_response_code", "uuid", "hash", "environment",
        "created_at", "last_updated",
    }  # fmt: skip


def test_the_words_of_master_and_log_differ_where_they_must(api, mixed, najd):
    api.post(URL, phase_1())

    failed = api.get(f"{URL}/F-1/status").json()
    phase1 = api.get(f"{URL}/P-1/status").json()

    assert (failed["status"], failed["log_status"]) == ("FAILED", "ERROR")
    assert (phase1["status"], phase1["log_status"]) == ("CLEARED", "SUBMITTED")


@pytest.mark.parametrize("number", ["A.7", "2026/11/A-7", "INV 7", "فاتورة-7", "logs", "7/retry"])
def test_a_number_may_hold_dots_slashes_and_letters(api, najd, number):
    api.post(URL, phase_1(number))

    body = api.get(f"{URL}/{number}/status")

    assert (body.status_code, body.json()["invoice_number"]) == (200, number)


def test_the_detail_says_what_was_said(api, unit, zatca):
    line = {**LINE, "quantity": "2.500", "unit_price": "80.00"}
    pk = api.post(URL, standard("A-1", line_items=[line], client_reference="po-7")).json()["id"]

    body = api.get(f"{URL}/{pk}").json()

    assert (body["phase"], body["status"], body["egs_unit"], body["icv"]) == (
        "PHASE_2", "CLEARED", "till-1", 1,
    )  # fmt: skip
    assert body["client_reference"] == "po-7"
    assert body["zatca_response"]["clearanceStatus"] == "CLEARED"
    assert b'"quantity":2.500,' in api.get(f"{URL}/{pk}").content


def test_the_timeline_tells_the_story_in_order(api, retried):
    events = api.get(f"{URL}/{retried}/timeline").json()["events"]

    assert [event["kind"] for event in events if event["kind"] != "settled"] == [
        "accepted", "sealed", "claimed", "answered",
        "retry", "claimed", "answered",
        "revised", "retry", "claimed", "sealed", "answered",
    ]  # fmt: skip
    assert [event["at"] for event in events] == sorted(event["at"] for event in events)


def test_the_document_is_the_authoritys_version_once_cleared(api, unit, zatca):
    answer = api.post(URL, standard()).json()

    response = api.get(answer["links"]["xml"])

    [held] = zatca.control.documents("INV-1")
    assert response.content == zatca.control.cleared_xml(held["invoice_hash"])
    assert response["Content-Type"] == "application/xml"
    assert response["Content-Disposition"] == 'attachment; filename="INV-1.xml"'


def test_a_bare_date_to_includes_that_day(api, unit):
    api.post(URL, simplified("S-1"))
    today = Invoice.objects.get().created_at.date().isoformat()

    found = api.get(URL, {"date_from": today, "date_to": today}).json()

    assert found["total"] == 1
