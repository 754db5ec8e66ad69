"""A worker's round: answers that would make it turn in circles, and answers that come together."""

from threading import Barrier

import pytest

from invoicing.gateways import Gateway
from invoicing.models import Attempt, Invoice, InvoiceLog
from invoicing.services import sending
from tests.invoicing.payloads import simplified, standard
from tests.invoicing.reliability.conftest import now_due
from tests.invoicing.reliability.test_waiting import seconds_until_due
from tests.invoicing.traces import URL

EARLY = {"Prefer": "respond-async"}


def test_retry_after_zero_backs_off(api, unit, zatca):
    for delivery in (1, 2):
        zatca.control.script("S-1", delivery=delivery, fault="too_many", retry_after=0)
    api.post(URL, simplified("S-1"))
    pauses = [seconds_until_due(Invoice.objects.get())]

    assert sending.send_due() == 0
    now_due(Invoice.objects.get())
    sending.send_due()
    pauses.append(seconds_until_due(Invoice.objects.get()))

    # 30 and 60 s, 20 % up or down, less the moment since.
    for pause, exact in zip(pauses, (30, 60), strict=True):
        assert 0.8 * exact - 2 < pause < 1.2 * exact
    assert sending.send_due() == 0
    assert [d["answered"] for d in zatca.control.deliveries("S-1")] == [429, 429]


@pytest.fixture
def reporting_together(monkeypatch):
    """Lets no reporting call of a round go out before all `count` of them are under way."""

    def meet(count: int) -> None:
        gate, ask = Barrier(count), Gateway.send

        def send(self, channel, parcel):
            if channel == "REPORTING":
                gate.wait(timeout=5)
            return ask(self, channel, parcel)

        monkeypatch.setattr(Gateway, "send", send)

    return meet


def test_documents_that_meet_303_are_reported_together(api, unit, zatca, reporting_together):
    zatca.control.switch(clearance=False)
    for number in range(4):
        api.post(URL, standard(f"A-{number}"), headers=EARLY)
    reporting_together(4)

    assert sending.send_due() == 4

    assert set(Invoice.objects.values_list("status", "zatca_status")) == {("CLEARED", "REPORTED")}
    assert sorted(d["answered"] for d in zatca.control.deliveries()) == [200] * 4 + [303] * 4
    assert sorted(Attempt.objects.values_list("number", "channel", "http_status")) == [
        *[(1, "CLEARANCE", 303)] * 4,
        *[(2, "REPORTING", 200)] * 4,
    ]
    # One row each: 303 settles nothing.
    assert list(InvoiceLog.objects.values_list("status", "attempt_no")) == [("CLEARED", 2)] * 4
