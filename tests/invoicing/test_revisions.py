"""Corrections: one row, many revisions, each frozen once it is sealed."""

import pytest
from django.db import IntegrityError, transaction

from invoicing.models import Attempt, Chain, Invoice, InvoiceLog, Revision
from tests.invoicing.payloads import BUYER, LINE, simplified, standard
from tests.invoicing.traces import URL, log_words


def rejected(api, zatca, times: int = 1, **changes) -> int:
    for delivery in range(1, times + 1):
        zatca.control.script("A-1", delivery=delivery, fault="reject")
    return api.post(URL, standard("A-1", **changes)).json()["id"]


def priced(price: str) -> list[dict]:
    return [{**LINE, "unit_price": price}]


def test_what_the_master_says_follows_the_revision(api, unit, zatca):
    rejected(api, zatca)

    buyer = {**BUYER, "buyer_name": "Hijaz Coffee"}
    api.post(URL, standard("A-1", line_items=priced("10.00"), **buyer))

    invoice = Invoice.objects.get()
    # 2 × 10.00 = 20.00, and 3.00 VAT.
    assert (str(invoice.total_amount), str(invoice.tax_amount)) == ("23.00", "3.00")
    assert invoice.buyer_name == "Hijaz Coffee"
    assert (invoice.uuid, invoice.hash) == (
        str(invoice.current.uuid),
        invoice.current.hash,
    )


def test_a_standard_invoice_may_become_a_simplified_one(api, unit, zatca):
    rejected(api, zatca)

    answer = api.post(URL, simplified("A-1")).json()

    assert (answer["zatca_status"], answer["revision"]) == ("REPORTED", 2)
    calls = [delivery["call"] for delivery in zatca.control.deliveries("A-1")]
    assert calls == ["/invoices/clearance/single", "/invoices/reporting/single"]


def test_every_revision_keeps_its_place_in_the_chain(api, unit, zatca):
    rejected(api, zatca, times=2)
    api.post(URL, standard("A-1", line_items=priced("90.00")))
    api.post(URL, standard("A-1", line_items=priced("80.00")))

    revisions = list(Revision.objects.order_by("number"))
    assert [r.outcome for r in revisions] == ["REJECTED", "REJECTED", "CLEARED"]
    assert [r.icv for r in revisions] == [1, 2, 3]
    assert [r.pih for r in revisions[1:]] == [r.hash for r in revisions[:-1]]
    assert len({r.uuid for r in revisions}) == 3
    serial = zatca.control.documents("A-1")[0]["csid"]
    chain = zatca.control.chain(serial)
    assert (chain["length"], chain["missing"], chain["repeated"], chain["broken"]) == (
        3, [], [], [],
    )  # fmt: skip


def test_a_revision_by_a_worker_follows_what_was_said_last(api, unit, zatca):
    pk = rejected(api, zatca)
    answer = api.post(
        URL, standard("A-1", line_items=priced("90.00")), headers={"Prefer": "respond-async"}
    )

    assert (answer.status_code, answer.json()["revision"]) == (202, 2)
    assert api.post(f"{URL}/{pk}/retry").status_code == 200
    assert Invoice.objects.get().status == "CLEARED"
    assert [d["icv"] for d in zatca.control.documents("A-1")] == [1, 2]


def test_retrying_a_retry_that_was_rejected_makes_another_revision(api, unit, zatca):
    pk = rejected(api, zatca, times=2)

    first = api.post(f"{URL}/{pk}/retry").json()
    second = api.post(f"{URL}/{pk}/retry").json()

    assert (first["status"], first["revision"]) == ("REJECTED", 2)
    assert (second["status"], second["revision"]) == ("CLEARED", 3)
    assert log_words(pk) == [
        ("REJECTED", None, None),
        ("SUBMITTED", "RETRY", "REJECTED"),
        ("REJECTED", None, None),
        ("SUBMITTED", "RETRY", "REJECTED"),
        ("CLEARED", None, None),
    ]


FROZEN = ["payload", "uuid", "icv", "pih", "hash", "xml", "number"]
VALUES = {
    "payload": {}, "uuid": "550e8400-e29b-41d4-a716-446655440000", "icv": 9, "pih": "x",
    "hash": "x", "xml": b"<Invoice/>", "number": 9,
}  # fmt: skip


@pytest.mark.parametrize("column", FROZEN)
def test_a_sealed_revision_cannot_be_changed(api, unit, zatca, column):
    api.post(URL, standard())
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.update(**{column: VALUES[column]})


@pytest.mark.parametrize(
    "change",
    [
        {"uuid": "x"}, {"hash": "x"}, {"xml_content": "<x/>"}, {"revision": 2},
        {"status": "FAILED"}, {"status": "PROCESSING"}, {"invoice_number": "x"},
        {"environment": "PRODUCTION"}, {"phase": "PHASE_1"},
    ],
    ids=str,
)  # fmt: skip
def test_a_cleared_invoice_cannot_be_changed(api, unit, zatca, change):
    api.post(URL, standard())
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.update(**change)


@pytest.mark.parametrize("model", [Invoice, Revision, Attempt, InvoiceLog, Chain])
def test_nothing_is_ever_deleted(api, unit, zatca, model):
    api.post(URL, standard())
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.all()._raw_delete(using="default")


def test_the_log_cannot_be_changed_by_any_way(api, unit, zatca):
    api.post(URL, standard())
    row = InvoiceLog.objects.get()
    row.status = "ERROR"
    for change in (
        row.save,
        lambda: InvoiceLog.objects.update(actor="nobody"),
        lambda: InvoiceLog.objects.bulk_update([row], ["status"]),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert InvoiceLog.objects.get().status == "CLEARED"


def test_a_chain_cannot_skip_or_go_back(api, unit, zatca):
    api.post(URL, standard())
    for icv in (0, 3):
        with pytest.raises(IntegrityError), transaction.atomic():
            Chain.objects.update(last_icv=icv)
