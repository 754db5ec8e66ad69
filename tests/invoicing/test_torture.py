"""The torture list against the real endpoints: no 5xx, and what is refused moves nothing."""

import re

import pytest

from invoicing.models import Chain
from tests.invoicing.payloads import simplified, standard
from tests.invoicing.traces import URL, everything
from tests.torture import ACCEPTED, HEADERS, Case, bodies, queries

VALID = standard("T-1", notes=["text"], egs_unit="till-1", metadata={"order": "7"})
# Fields of each kind, where it matters: on the document, in a line, in the key of the row.
FIELDS = {
    "line_items.0.name": "text",
    "invoice_number": "text",
    "buyer_name": "text",
    "line_items.0.unit_price": "number",
    "line_items.0.quantity": "number",
    "line_items.0.tax_rate": "number",
    "payable_rounding": "number",
    "invoice_date": "date",
}
WHOLE = bodies(VALID, text="", number="")
GROUPS = {"whole": WHOLE} | {
    field: bodies(VALID, **{"text": "", "number": "", kind: field})[len(WHOLE) :]
    for field, kind in FIELDS.items()
}
LISTS = queries(
    page="page", size="limit", search="invoice_number", date="date_from", choice="status"
)


def test_the_list_has_not_shrunk():
    assert sum(map(len, GROUPS.values())) + len(LISTS) + len(HEADERS) >= 250


@pytest.mark.parametrize("group", GROUPS)
def test_a_body_is_answered_and_a_refused_one_moves_nothing(api, unit, zatca, group):
    before = everything(zatca)
    for place, case in enumerate(GROUPS[group]):
        body = case.body.replace(b'"T-1"', b'"T-1-%d"' % place)
        response = api.generic("POST", URL, body, content_type=case.content_type)

        assert response.status_code in allowed(case), (case.name, response.content[:300])
        if response.status_code in ACCEPTED:
            accepted, [chain] = before["Chain"][0]["last_icv"], Chain.objects.all()
            assert chain.last_icv == accepted + 1, case.name
            before = everything(zatca)
        else:
            assert_told(response, group, case.name)
            assert everything(zatca) == before, case.name


def allowed(case: Case) -> frozenset[int]:
    # null says nothing about an optional field: the request is the valid one.
    return ACCEPTED if case.name == "payable_rounding: null" else case.statuses


def assert_told(response, group: str, name: str) -> None:
    """A refusal has a code, both languages, and the field as the caller spells it."""
    error = response.json()["error"]
    assert error["code"] not in ("", "internal_error"), name
    assert error["message"], name
    assert error["message_ar"], name
    if group != "whole":
        # line_items.0.name is line_items[0].name in an answer.
        assert error["param"] == re.sub(r"\.(\d+)", r"[\1]", group), (name, error)


@pytest.mark.parametrize("path", ["retry", ""], ids=["retry", "item"])
@pytest.mark.parametrize("pk", ["0", "-1", "9" * 30, "%00", "1%0A", "%ED%A0%80", "1e3", "%D9%A1"])
def test_an_id_is_answered(api, unit, zatca, pk, path):
    target = f"{URL}/{pk}/{path}".rstrip("/")
    response = api.post(target) if path else api.get(target)

    assert response.status_code in (400, 404), response.content[:300]
    assert response.json()["error"]["code"] not in ("", "internal_error")


def test_a_retry_with_a_body_nobody_asked_for(api, unit, zatca):
    pk = api.post(URL, simplified("S-9")).json()["id"]
    before = everything(zatca)
    for case in WHOLE:
        response = api.generic(
            "POST", f"{URL}/{pk}/retry", case.body, content_type=case.content_type
        )

        assert response.status_code in {400, 413, 415}, (case.name, response.content[:300])
    assert everything(zatca) == before


@pytest.mark.parametrize("place", [URL, f"{URL}/logs"], ids=["invoices", "logs"])
@pytest.mark.parametrize("query", LISTS, ids=lambda query: query[:60])
def test_a_query_is_answered(api, query, place):
    response = api.get(f"{place}?{query}")

    assert response.status_code in (200, 400), response.content[:300]
    if response.status_code == 400:
        assert response.json()["error"]["param"] == query.partition("=")[0]


@pytest.mark.parametrize("number", ["%00", "%ED%A0%80", "a/b//c", "x" * 5_000, "%2e%2e/%2e%2e"])
def test_a_number_is_answered(api, number):
    response = api.get(f"{URL}/{number}/status")

    assert response.status_code in (400, 404), response.content[:300]


@pytest.mark.parametrize(("name", "headers"), HEADERS, ids=[name for name, _ in HEADERS])
def test_a_header_is_answered(api, unit, zatca, name, headers):
    before = everything(zatca)

    response = api.post(URL, {}, headers=headers)

    assert response.status_code in (400, 401, 406), response.content[:300]
    assert everything(zatca) == before


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "ключ", "\x00"])
def test_an_idempotency_key_is_answered(api, unit, zatca, key):
    before = everything(zatca)

    response = api.post(URL, simplified(), headers={"Idempotency-Key": key})

    assert response.status_code == 400
    assert response.json()["error"]["code"]
    assert everything(zatca) == before
