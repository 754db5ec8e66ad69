"""A number that is known: what its row says comes before anything the unit could object to."""

import pytest
from django.utils import timezone

from invoicing.models import Attempt, Chain, Invoice
from invoicing.services import sending
from tests.invoicing.conftest import make_unit
from tests.invoicing.payloads import LINE, simplified, standard
from tests.invoicing.reliability.conftest import let_time_pass
from tests.invoicing.traces import URL, everything

EARLY = {"Prefer": "respond-async"}


def priced(price: str) -> dict:
    return {"line_items": [{**LINE, "unit_price": price}]}


def refusal(response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def a_second_unit(najd, csid) -> None:
    make_unit(najd, csid, name="till-2", id_number="1010010001")


def an_expired_certificate(najd, csid) -> None:
    Chain.objects.update(expires_at=timezone.now())


@pytest.mark.parametrize(
    ("happens", "says"),
    [
        (a_second_unit, (400, "egs_unit_required")),
        (an_expired_certificate, (503, "unit_not_ready")),
    ],
)
def test_a_cleared_number_is_a_duplicate_whatever_its_unit_is_like_now(
    api, unit, zatca, najd, csid, happens, says
):
    api.post(URL, simplified("S-1"))
    happens(najd, csid)
    before = everything(zatca)

    assert refusal(api.post(URL, simplified("S-1"))) == (409, "duplicate_invoice")

    assert everything(zatca) == before
    assert refusal(api.post(URL, simplified("S-2"))) == says  # a new number needs the unit


def test_a_revision_that_never_left_may_change_again(api, unit, zatca, settings):
    zatca.control.script("A-1", delivery=1, fault="reject")
    api.post(URL, standard("A-1"))
    there = settings.ZATCA_URLS
    settings.ZATCA_URLS = {**there, "SANDBOX": "http://127.0.0.1:9"}
    assert api.post(URL, standard("A-1", **priced("90.00"))).status_code == 500
    settings.ZATCA_URLS = there

    answer = api.post(URL, standard("A-1", **priced("80.00"))).json()

    # The first revision reached the authority, but its refusal is final for that document.
    assert list(Attempt.objects.order_by("number").values_list("reached", flat=True)) == [
        "YES", "NO", "YES",
    ]  # fmt: skip
    assert (answer["status"], answer["revision"], answer["total_amount"]) == ("CLEARED", 3, 184)


def test_a_parked_invoice_is_not_sent_by_asking_for_an_early_answer(api, unit, zatca):
    zatca.control.script("S-1", delivery=1, fault="drop_after")
    api.post(URL, simplified("S-1"))
    let_time_pass(hours=26)
    sending.send_due()
    assert Invoice.objects.get().parked_at is not None
    before = everything(zatca)

    response = api.post(URL, simplified("S-1"), headers=EARLY)

    assert refusal(response) == (409, "outcome_unknown")
    assert sending.send_due() == 0
    assert everything(zatca) == before


def test_what_is_said_beside_a_correction_is_kept(api, unit, zatca):
    zatca.control.script("S-1", delivery=1, fault="reject")
    api.post(URL, simplified("S-1", metadata={"till": "1"}, client_reference="first"))

    answer = api.post(
        URL,
        simplified("S-1", **priced("90.00"), metadata={"till": "2"}, client_reference="second"),
    ).json()

    assert (answer["revision"], answer["status"]) == (2, "CLEARED")
    assert (answer["metadata"], answer["client_reference"]) == ({"till": "2"}, "second")


def test_what_goes_unsaid_in_a_correction_stays(api, unit, zatca):
    zatca.control.script("S-1", delivery=1, fault="reject")
    api.post(URL, simplified("S-1", metadata={"till": "1"}, client_reference="first"))

    answer = api.post(URL, simplified("S-1", **priced("90.00"))).json()

    assert (answer["metadata"], answer["client_reference"]) == ({"till": "1"}, "first")


@pytest.mark.parametrize(
    "beside",
    [
        {"uuid": "550e8400-e29b-41d4-a716-446655440000"},
        {"metadata": {"till": "2"}},
        {"client_reference": "second"},
    ],
    ids=lambda beside: next(iter(beside)),
)
def test_a_fresh_uuid_or_a_remark_is_no_other_content(api, unit, zatca, beside):
    zatca.control.script("S-1", delivery=1, fault="reject")
    api.post(URL, simplified("S-1", uuid="6ba7b810-9dad-11d1-80b4-00c04fd430c8"))
    before = everything(zatca)

    assert refusal(api.post(URL, simplified("S-1", **beside))) == (409, "use_retry")

    assert everything(zatca) == before
