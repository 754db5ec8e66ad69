"""Lost, late and refused deliveries on a real socket, and what the authority holds afterwards."""

import time

import pytest
import requests

from invoicing.sandbox.faults import FAULTS
from tests.invoicing.sandbox.taxpayer import held


@pytest.mark.parametrize(
    ("fault", "end"),
    [("drop_before", "reset"), ("close_before", "closed"), ("hang_before", "silent")],
)
def test_before_it_stored_nothing_is_said_and_nothing_held(authority, unit, meet, fault, end):
    seen, document = meet(fault, patience=0.3)

    assert (seen.data, seen.end, held(authority)) == (b"", end, [])
    assert unit.report(document).status_code == 200


@pytest.mark.parametrize(
    ("fault", "end"),
    [("drop_after", "reset"), ("close_after", "closed"), ("hang_after", "silent")],
)
def test_after_it_stored_nothing_is_said_but_the_document_is_held(
    authority, unit, meet, fault, end
):
    seen, document = meet(fault, patience=0.3)

    assert (seen.data, seen.end, held(authority)) == (b"", end, ["REPORTED"])
    assert unit.report(document).status_code == 409


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_gateway_page_tells_nothing_about_the_books(authority, unit, meet, status):
    before, first = meet(f"error_{status}_before")
    after, second = meet(f"error_{status}_after")

    assert (before.status, after.status) == (status, status)
    assert before.head["Content-Type"] == after.head["Content-Type"] == "text/html"
    assert before.body.startswith(b"<html>")
    assert [unit.report(document).status_code for document in (first, second)] == [200, 409]


@pytest.mark.parametrize(
    ("fault", "status", "content_type"),
    [
        ("too_many", 429, "application/json"),
        ("unauthorized", 401, "application/json"),
        ("not_acceptable", 406, "text/plain"),
        ("too_large", 413, "text/html"),
    ],
)
def test_a_turned_away_document_is_not_held(authority, unit, meet, fault, status, content_type):
    seen, document = meet(fault)

    assert (seen.status, seen.head["Content-Type"]) == (status, content_type)
    assert held(authority) == []
    assert unit.report(document).status_code == 200


def test_too_many_says_when_to_come_back(meet):
    seen, _ = meet("too_many", retry_after=7)

    assert seen.head["Retry-After"] == "7"


def test_clearance_off_is_a_303_without_a_location(authority, unit, meet):
    seen, _ = meet("clearance_off", simplified=False)

    assert (seen.status, "Location" in seen.head, held(authority)) == (303, False, [])


def test_a_followed_redirect_would_show(authority, unit, meet):
    seen, _ = meet("redirect", location="/elsewhere")

    assert (seen.status, seen.head["Location"]) == (307, "/elsewhere")
    assert [row["call"] for row in authority.control.deliveries("/elsewhere")] == []
    requests.post(f"{authority.url}/elsewhere", data=b"{}", timeout=5)
    assert len(authority.control.deliveries("/elsewhere")) == 1


def test_slow_has_stored_before_it_waits(authority, unit, meet):
    seen, _ = meet("slow", seconds=30, patience=0.3)

    assert (seen.data, held(authority)) == (b"", ["REPORTED"])


def test_slow_answers_in_the_end(unit, meet):
    seen, _ = meet("slow", seconds=0.2, patience=5)

    assert seen.status == 200


def test_late_stores_after_the_client_has_gone(authority, meet):
    seen, _ = meet("late", seconds=0.5, patience=0.2)

    assert (seen.data, held(authority)) == (b"", [])
    until = time.monotonic() + 5
    while not held(authority) and time.monotonic() < until:
        time.sleep(0.05)
    assert held(authority) == ["REPORTED"]


def test_the_deliveries_tell_what_was_decided_and_what_was_said(authority, unit, meet):
    _, lost = meet("drop_after")
    _, masked = meet("error_504_after")
    _, never = meet("error_503_before")
    unit.report(lost)

    told = [
        (row["target"], row["nth"], row["fault"], row["judged"], row["answered"])
        for row in authority.control.deliveries()
    ]
    assert told == [
        (lost.number, 1, "drop_after", 200, None),
        (masked.number, 1, "error_504_after", 200, 504),
        (never.number, 1, "error_503_before", None, 503),
        (lost.number, 2, "", 409, 409),
    ]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_every_fault_strikes_when_its_row_says(authority, meet, fault):
    quick = {"seconds": 0.05, "interval": 0, "limit": 1000, "bytes": 1000}
    args = {name: quick[name] for name in fault.args if name in quick}

    seen, document = meet(fault.name, **args)

    stored = [row["number"] for row in authority.control.documents()]
    assert stored == ([] if fault.moment == "before" else [document.number])
    assert (seen.data != b"") is fault.speaks
    assert authority.control.deliveries(document.number)[0]["fault"] == fault.name
