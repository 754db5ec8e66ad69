"""GET /api/v1/invoices/{id}/pdf."""

import pytest

from tests.conftest import client_of
from tests.invoicing.payloads import simplified, standard
from tests.invoicing.traces import URL, everything


def path_of(invoice) -> str:
    return f"{URL}/{invoice.pk}/pdf"


def test_it_is_a_file_with_a_name(api, posted):
    invoice = posted(standard("٧-A", invoice_date="2026-11-20T12:00:00+03:00"))

    response = api.get(path_of(invoice))

    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''399999999900003_20261120T120000_%D9%A7-A.pdf"
    )
    assert response.content.startswith(b"%PDF-1.7")


def test_what_a_caller_has_is_not_sent_again(api, posted):
    invoice = posted(standard())
    first = api.get(path_of(invoice))

    second = api.get(path_of(invoice), headers={"If-None-Match": first["ETag"]})

    assert (second.status_code, second.content) == (304, b"")
    assert api.get(path_of(invoice))["ETag"] == first["ETag"]


def test_the_answer_of_an_invoice_says_where_it_is(api, posted, zatca):
    cleared, waiting = posted(standard("INV-1")), posted(standard("INV-2"), "drop_after")

    links = [api.get(f"{URL}/{each.pk}").json()["links"]["pdf"] for each in (cleared, waiting)]

    assert links == [path_of(cleared), None]


@pytest.mark.parametrize("fault", ["drop_after", "reject"])
def test_what_may_not_be_given_out_is_409_in_two_languages(api, posted, fault):
    invoice = posted(standard(), fault)

    response = api.get(path_of(invoice))

    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (409, "not_printable")
    assert "INV-1" in error["message"]
    assert "INV-1" in error["message_ar"]


def test_a_receipt_is_for_simplified_documents(api, posted):
    receipt = api.get(f"{path_of(posted(simplified()))}?layout=receipt")
    refused = api.get(f"{path_of(posted(standard()))}?layout=receipt")

    assert receipt.status_code == 200
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "layout")


def test_reading_is_enough_and_needed(posted, najd):
    invoice = posted(standard())

    assert client_of(najd, "invoices:read").get(path_of(invoice)).status_code == 200
    assert client_of(najd, "health:read").get(path_of(invoice)).status_code == 403


def test_printing_changes_nothing(api, posted, zatca):
    invoice = posted(standard())
    before = everything(zatca)

    api.get(path_of(invoice))

    assert everything(zatca) == before
