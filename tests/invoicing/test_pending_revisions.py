"""A correction that is sealed and waits to be sent: no verdict yet, and nobody may drop it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from config.attention.models import Attention
from invoicing.models import Chain, Invoice, Revision
from invoicing.services import sealing, sending, submission
from invoicing.services.alarms import raise_deadline_alarms
from invoicing.services.units import pause_unit
from tests.invoicing.arranged import World, arranged
from tests.invoicing.payloads import LINE, simplified, standard
from tests.invoicing.reliability.conftest import let_time_pass
from tests.invoicing.traces import URL, everything, sent

EARLY = {"Prefer": "respond-async"}


def priced(price: str) -> dict:
    return {"line_items": [{**LINE, "unit_price": price}]}


def code(response) -> str:
    return response.json()["error"]["code"]


@pytest.fixture(params=[simplified, standard], ids=["simplified", "standard"])
def payload(request, api, unit, zatca):
    """The maker of A-1, which was rejected a moment ago."""
    zatca.control.script("A-1", delivery=1, fault="reject")
    assert api.post(URL, request.param("A-1")).json()["status"] == "REJECTED"
    return request.param


@arranged
def rejected(world: World) -> None:
    world.post(simplified("A-1"), "reject")


def test_it_is_not_dropped_by_another_content(api, payload, zatca):
    assert api.post(URL, payload("A-1", **priced("90.00")), headers=EARLY).status_code == 202
    before = everything(zatca)

    response = api.post(URL, payload("A-1", **priced("80.00")))

    assert (response.status_code, code(response)) == (409, "in_progress")
    assert 1 <= int(response["Retry-After"]) <= 90
    assert everything(zatca) == before


def test_a_qr_code_that_was_given_out_is_never_dropped(api, rejected, zatca):
    answer = api.post(URL, simplified("A-1", **priced("90.00")), headers=EARLY).json()
    assert answer["qr"]
    let_time_pass(minutes=2)
    before = everything(zatca)

    response = api.post(URL, simplified("A-1", **priced("80.00")))

    assert (response.status_code, code(response)) == (409, "already_issued")
    assert everything(zatca) == before
    let_time_pass(minutes=2)
    sending.send_due()
    # 2 × 90.00 = 180.00, and 27.00 VAT.
    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.revision, str(invoice.total_amount)) == ("CLEARED", 2, "207.00")
    assert [d["icv"] for d in zatca.control.documents("A-1")] == [1, 2]


def test_a_standard_one_that_nobody_saw_may_change_after_a_while(api, unit, zatca):
    zatca.control.script("A-1", delivery=1, fault="reject")
    api.post(URL, standard("A-1"))
    api.post(URL, standard("A-1", **priced("90.00")), headers=EARLY)
    let_time_pass(minutes=2)

    answer = api.post(URL, standard("A-1", **priced("80.00"))).json()

    # 2 × 80.00 = 160.00, and 24.00 VAT.
    assert (answer["status"], answer["revision"], answer["total_amount"]) == ("CLEARED", 3, 184)
    # The one that was never sent keeps its place in the chain.
    assert [d["icv"] for d in zatca.control.documents("A-1")] == [1, 3]


def test_it_carries_nothing_of_the_verdict_before(api, payload):
    answer = api.post(URL, payload("A-1", **priced("90.00")), headers=EARLY).json()

    assert (answer["success"], answer["revision"]) == (False, 2)
    assert (answer["zatca_status"], answer["processed_at"], answer["errors"]) == (None, None, [])
    assert answer["uuid"] == str(Revision.objects.get(number=2).uuid)


def test_on_a_paused_unit_it_is_no_verdict_but_a_500(api, rejected, unit, zatca):
    pause_unit(unit, "expired")

    response = api.post(URL, simplified("A-1", **priced("90.00")))

    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (500, "credential_rejected")
    assert (error["invoice"]["revision"], error["invoice"]["zatca_status"]) == (2, None)
    assert error["invoice"]["qr"] == Revision.objects.get(number=2).qr != ""
    assert len(sent(zatca, "A-1")) == 1


@pytest.mark.parametrize(("hours", "kind"), [(13, "12h"), (22, "20h"), (24, "23h")])
def test_its_deadline_is_watched(api, rejected, unit, hours, kind):
    pause_unit(unit, "expired")
    api.post(URL, simplified("A-1", **priced("90.00")))
    Invoice.objects.update(issued_at=timezone.now() - timedelta(hours=hours))

    assert raise_deadline_alarms() == 1

    assert Attention.objects.filter(kind=f"unreported_{kind}").count() == 1


def test_a_refused_document_that_nobody_corrected_is_owed_nothing(rejected):
    Invoice.objects.update(issued_at=timezone.now() - timedelta(hours=22))

    assert raise_deadline_alarms() == 0


def test_an_early_answer_is_not_given_for_a_revision_that_was_overtaken(
    api, rejected, zatca, monkeypatch
):
    seal = sealing.ensure_sealed

    def seal_after_a_twin(invoice):
        monkeypatch.setattr(submission.sealing, "ensure_sealed", seal)
        let_time_pass(minutes=2)
        assert api.post(URL, simplified("A-1", **priced("80.00"))).status_code == 200
        return seal(invoice)

    monkeypatch.setattr(submission.sealing, "ensure_sealed", seal_after_a_twin)
    response = api.post(URL, simplified("A-1", **priced("90.00")), headers=EARLY)

    assert (response.status_code, code(response)) == (409, "superseded")
    assert [d["icv"] for d in zatca.control.documents("A-1")] == [1, 2]
    assert Chain.objects.get().last_icv == 2
    assert Revision.objects.get(number=2).is_sealed is False
