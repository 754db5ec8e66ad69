"""The network fails before or after the authority stored the document."""

import time

import pytest

from invoicing.models import Invoice
from invoicing.sandbox.faults import ROWS, Moment
from invoicing.services import sending
from tests.invoicing.payloads import simplified, standard

# Not an unknown outcome but an answer, or one that holds the whole unit back (test_waiting).
ANSWERS = {"reject", "warn", "unauthorized", "clearance_off"}
CUTS = [
    ("drop_before", False),
    ("hang_before", False),
    ("error_504_before", False),
    ("drop_after", True),
    ("hang_after", True),
    ("error_504_after", True),
    ("truncated", True),
    ("html", True),
]


@pytest.mark.parametrize(("fault", "stored"), CUTS)
def test_the_same_bytes_go_out_again(shop, fault, stored):
    shop.control.script("INV-1", delivery=1, fault=fault)
    assert shop.post(standard()).status_code == 500

    before = shop.invoice("INV-1")
    assert (before.status, before.zatca_status) == ("FAILED", "UNKNOWN")
    assert before.failure_class == "UNKNOWN_OUTCOME"
    assert [row["accepted"] for row in shop.control.documents("INV-1")] == [True] * stored

    report = shop.recovered()
    assert not report.violations
    first, second = shop.calls("INV-1")
    assert (second["answered"], second["uuid"]) == (208 if stored else 200, first["uuid"])
    assert second["sha256"] == first["sha256"]
    after = shop.invoice("INV-1")
    assert (after.status, after.zatca_status, after.revision) == ("CLEARED", "CLEARED", 1)
    assert after.xml_content == before.xml_content


def test_every_fault_there_is_ends_with_one_document(shop, settings):
    settings.ZATCA_BREAKER_FAILURES = 1_000  # else so many in a row would stop the others
    faults = [fault.name for fault in ROWS if fault.name not in ANSWERS]
    for name in faults:
        shop.control.script(name, delivery=1, fault=name)
        document = standard if len(name) % 2 else simplified
        shop.post_later(document(name))
    while sending.send_due():
        pass

    # A fault that only delays or decorates the answer is settled by now, the others wait.
    assert not shop.report().violations
    for parked in Invoice.objects.exclude(parked_at=None):
        assert shop.retry(parked).status_code == 200
    # One delivery is still under way inside the authority; the books close after it.
    while shop.calls("late")[0]["fault"] != "late":
        time.sleep(0.1)
    report = shop.recovered()
    assert not report.violations
    assert report.statuses == {"CLEARED": len(faults)}
    assert report.accepted == len(faults)


def test_an_authority_that_is_away_gets_everything_later(shop, stand_in):
    stand_in.stop()
    try:
        answers = [shop.post(simplified(f"S-{n}")).status_code for n in range(3)]
    finally:
        stand_in.start()

    assert answers == [500] * 3
    assert set(Invoice.objects.values_list("attempts__reached", flat=True)) == {"NO"}
    report = shop.recovered()
    assert not report.violations
    assert report.statuses == {"CLEARED": 3}
    assert report.deliveries == 3


def test_faults_before_and_after_are_both_in_the_table():
    moments = {fault.name: fault.moment for fault in ROWS}
    for name, stored in CUTS:
        assert moments[name] is (Moment.AFTER if stored else Moment.BEFORE)
