"""Amounts leave lists and details with exactly the stored digits, as every answer's do."""

from tests.invoicing.payloads import LINE, phase_1
from tests.invoicing.traces import URL

AMOUNTS = b'"total_amount":23.58,"tax_amount":3.08,'  # 20.50 and 15 %: 3.075, rounded up


def odd(**more):
    return phase_1(line_items=[{**LINE, "quantity": 1, "unit_price": "20.50"}], **more)


def test_a_list_keeps_the_cents(api, najd):
    assert AMOUNTS in api.post(URL, odd()).content

    assert AMOUNTS in api.get(URL).content


def test_a_detail_keeps_the_cents(api, najd):
    pk = api.post(URL, odd()).json()["id"]

    assert AMOUNTS in api.get(f"{URL}/{pk}").content
