"""Bad input is refused with a code; nothing is stored, and nothing is a 5xx on either database."""

import pytest

from tests.torture import HEADERS, bodies, queries

VALID = {
    "name": "Najd",
    "amount": "1.50",
    "count": 1,
    "seen_at": "2024-01-31T09:00:00Z",
    "data": {"a": [1]},
}
CASES = bodies(VALID, text="name", number="amount", whole="count", date="seen_at")
LISTS = queries(page="page", size="limit", search="search", date="since", choice="kind")


def test_the_list_has_not_shrunk():
    assert len(CASES) + len(LISTS) + len(HEADERS) >= 88


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_body_is_answered_and_a_refused_one_leaves_nothing(api, probes, case):
    response = api.generic("POST", "/api/v1/probes", case.body, content_type=case.content_type)

    assert response.status_code in case.statuses, response.content[:300]
    if response.status_code >= 400:
        assert response.json()["error"]["code"] not in ("", "internal_error")
        assert probes.count() == 0


@pytest.mark.parametrize("query", LISTS, ids=lambda query: query[:60])
def test_a_query_is_answered(api, probes, query):
    response = api.get(f"/api/v1/probes?{query}")

    assert response.status_code in (200, 400), response.content[:300]


@pytest.mark.parametrize(("name", "headers"), HEADERS, ids=[name for name, _ in HEADERS])
def test_a_header_is_answered(api, probes, name, headers):
    response = api.get("/api/v1/probes", headers=headers)

    assert response.status_code in (200, 406), response.content[:300]


@pytest.mark.parametrize("path", ["%00", "999999999999999999999999", "1%0A", "%ED%A0%80", "-1"])
def test_a_path_is_answered(api, probes, path):
    assert api.get(f"/api/v1/probes/{path}").status_code in (400, 404)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "TRACE", "PROPFIND", "get"])
def test_a_method_is_answered(api, probes, method):
    assert api.generic(method, "/api/v1/probes").status_code in (200, 405)


def test_what_is_good_is_stored_as_sent(api, probes):
    response = api.post("/api/v1/probes", {**VALID, "name": "شرکت\u200cها"}, format="json")

    assert response.status_code == 201
    row = probes.get()
    assert (row.name, str(row.amount), row.data) == ("شرکت\u200cها", "1.5000", {"a": [1]})
