"""The origin's acceptance cases (contracts 35): those that D1's and D3's lists do not hold already.

Cases 1-14 are test_invoice_persistence and test_invoice_retry, 21 is test_request_rules, 26 is
test_request_rules, 28 test_tenant_walls; revisions, idempotency keys and duplicates have files of
their own.
"""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from config.attention.models import Attention
from config.db.log_chain import Link, first_break
from config.work import run_all
from invoicing.models import Attempt, EGSUnit, Invoice, InvoiceLog, Revision
from invoicing.services.sending import By, claim, free_expired_leases, send_due
from invoicing.services.units import resume_unit
from tests.conftest import client_of
from tests.invoicing.payloads import LINE, simplified, standard
from tests.invoicing.traces import URL, everything, log_words, sent

EARLY = {"Prefer": "respond-async"}


def together(*calls: Callable[[], object]) -> list:
    """Run calls at the same time, each on a connection of its own; their results in order."""
    results: list = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(place: int, call: Callable[[], object]) -> None:
        gate.wait()
        try:
            results[place] = call()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


# --- 19: the authority times out -----------------------------------------------------------------


def test_a_time_out_is_a_failed_invoice_that_can_be_retried(api, unit, zatca, settings):
    settings.ZATCA_CALL_DEADLINE = 1
    zatca.control.script("INV-1", delivery=1, fault="hang_after")

    response = api.post(URL, standard())

    assert (response.status_code, response.json()["error"]["code"]) == (500, "zatca_timeout")
    assert response.json()["detail"]
    pk = response.json()["error"]["invoice"]["id"]
    retried = api.post(f"{URL}/{pk}/retry").json()
    # The authority had it all along and says so: 208.
    assert (retried["status"], retried["zatca_status"]) == ("CLEARED", "CLEARED")
    assert [d["answered"] for d in zatca.control.deliveries("INV-1")] == [None, 208]
    [held] = zatca.control.documents("INV-1")
    assert held["registrations"] == 1


# --- 27, 29: keys and logs -----------------------------------------------------------------------


def test_a_key_resolves_to_its_tenant(api, foreign_api, najd, hijaz):
    assert api.get("/api/v1/tenant").json()["id"] == najd.pk
    assert foreign_api.get("/api/v1/tenant").json()["id"] == hijaz.pk


def test_the_tenant_of_a_log_comes_from_the_credential(api, unit, zatca, najd, hijaz):
    api.post(URL, standard() | {"tenant": hijaz.pk, "tenant_id": hijaz.pk})
    assert InvoiceLog.objects.get().tenant == najd


@pytest.mark.parametrize("scope", ["invoices:read", "health:write"])
def test_a_key_without_the_scope_is_403(najd, unit, zatca, scope):
    before = everything(zatca)
    response = client_of(najd, scope).post(URL, standard())
    assert (response.status_code, response.json()["error"]["code"]) == (403, "insufficient_scope")
    assert everything(zatca) == before


def test_what_is_ours_to_set_cannot_be_set_by_a_caller(api, unit, zatca):
    theirs = {"status": "CLEARED", "icv": 99, "hash": "x", "zatca_response": {"a": 1}, "id": 7}
    answer = api.post(URL, standard(**theirs)).json()
    [held] = zatca.control.documents("INV-1")
    assert (held["icv"], answer["status"], answer["hash"]) == (1, "CLEARED", held["invoice_hash"])


# --- Races ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("payload", [standard, simplified], ids=["standard", "simplified"])
def test_a_double_post_is_one_document(committed, api, unit, zatca, payload):
    key = api.defaults["HTTP_X_API_KEY"]
    clients = [type(api)(headers={"X-API-Key": key}) for _ in range(4)]

    answers = together(*(lambda c=c: c.post(URL, payload("A-1")) for c in clients))

    codes = sorted(answer.status_code for answer in answers)
    assert {code for code in codes if code < 400} <= {200, 201}
    assert set(codes) <= {200, 201, 409}
    assert Invoice.objects.get().status == "CLEARED"
    assert (Revision.objects.get().icv, Attempt.objects.count()) == (1, 1)
    assert len(sent(zatca, "A-1")) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["error"]["code"] == "duplicate_invoice"


def test_a_double_retry_is_one_attempt(committed, api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="error_503_before")
    pk = api.post(URL, standard()).json()["error"]["invoice"]["id"]
    zatca.control.script("INV-1", delivery=2, fault="slow", seconds=0.5)

    answers = together(*[lambda: api.post(f"{URL}/{pk}/retry")] * 4)

    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200, 400, 400, 400]
    for loser in (answer.json() for answer in answers if answer.status_code == 400):
        assert loser["detail"].startswith("Cannot retry invoice INV-1: Status is ")
        assert loser["detail"].endswith("Only FAILED or REJECTED invoices can be retried.")
    assert len(sent(zatca, "INV-1")) == 2
    assert InvoiceLog.objects.filter(action="RETRY").count() == 1
    assert Invoice.objects.get().retry_count == 1


def test_many_numbers_at_once_keep_the_chain_whole(committed, api, unit, zatca):
    together(*(lambda n=n: api.post(URL, simplified(f"S-{n}")) for n in range(8)))

    sealed = list(Revision.objects.order_by("icv"))
    assert [revision.icv for revision in sealed] == list(range(1, 9))
    assert [r.pih for r in sealed[1:]] == [r.hash for r in sealed[:-1]]
    assert set(Invoice.objects.values_list("status", flat=True)) == {"CLEARED"}


# --- Stuck in PROCESSING -------------------------------------------------------------------------


def test_what_a_dead_process_left_is_freed_and_sent(committed, api, unit, zatca):
    pk = api.post(URL, standard(), headers=EARLY).json()["id"]
    claim(Invoice.objects.get(pk=pk), By("CALLER", "key:dead"))
    assert free_expired_leases() == 0

    with time_machine.travel(timezone.now() + timedelta(seconds=91)):
        assert free_expired_leases() == 1
        freed = Invoice.objects.get()
        assert (freed.status, freed.failure_class) == ("FAILED", "UNKNOWN_OUTCOME")
        run_all()

    assert log_words(pk) == [
        ("ERROR", None, None),
        ("SUBMITTED", "RETRY", "FAILED"),
        ("CLEARED", None, None),
    ]
    assert len(sent(zatca, "INV-1")) == 1


def test_a_paused_unit_makes_no_claims_and_no_rows(api, unit, zatca):
    zatca.control.script("S-1", delivery=1, fault="unauthorized")
    api.post(URL, simplified())
    before = everything(zatca)

    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert send_due() == 0

    assert everything(zatca) == before
    assert Attention.objects.get(kind="credential_rejected").resolved_at is None


def test_a_resumed_unit_sends_what_waited(api, unit, zatca):
    zatca.control.script("S-1", delivery=1, fault="unauthorized")
    pk = api.post(URL, simplified()).json()["error"]["invoice"]["id"]

    resume_unit(EGSUnit.objects.get(), by="amal")
    send_due()

    assert Invoice.objects.get().status == "CLEARED"
    row = InvoiceLog.objects.get(invoice=pk, action="RETRY")
    # An automatic resend carries the hash of the payload instead of a copy.
    assert (row.trigger, row.request_payload) == ("WORKER", None)
    assert row.payload_sha256 == Revision.objects.get().payload_sha256


# --- 208, 409, unknown words ---------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["duplicate", "duplicate_terse"])
@pytest.mark.parametrize(
    ("payload", "status"), [(standard, "CLEARED"), (simplified, "REPORTED")], ids=["208", "409"]
)
def test_an_answer_that_says_duplicate_is_a_yes(api, unit, zatca, payload, status, fault):
    zatca.control.script("A-1", delivery=1, fault=fault)

    answer = api.post(URL, payload("A-1")).json()

    assert (answer["status"], answer["zatca_status"]) == ("CLEARED", status)


@pytest.mark.parametrize("fault", ["unknown_word", "missing_word", "html", "empty", "truncated"])
def test_what_nobody_can_read_is_never_cleared(api, unit, zatca, fault):
    zatca.control.script("INV-1", delivery=1, fault=fault)

    response = api.post(URL, standard())

    assert response.status_code == 500
    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.zatca_status) == ("FAILED", "UNKNOWN")
    assert Attempt.objects.get().reached == "MAYBE"


# --- Dates, decimals, other people's numbers -----------------------------------------------------


@pytest.mark.parametrize(
    "written", ["2026-11-19T12:00:00Z", "2026-11-19T15:00:00+03:00", "2026-11-19T15:00:00"]
)
def test_one_instant_however_it_is_written(api, unit, zatca, written):
    answer = api.post(URL, simplified(invoice_date=written)).json()
    detail = api.get(answer["links"]["self"]).json()
    assert detail["issued_at"] == "2026-11-19T12:00:00Z"


def test_sums_are_rounded_half_up_where_the_law_rounds(api, unit, zatca):
    # 3 × 0.335 = 1.005 → 1.01; with 1.00 × 0.50 the category is 1.51, and 15 % of it 0.2265 → 0.23.
    lines = [
        {**LINE, "quantity": 3, "unit_price": "0.335"},
        {**LINE, "quantity": 1, "unit_price": "0.50"},
    ]
    answer = api.post(URL, simplified(line_items=lines)).json()
    assert answer["status"] == "CLEARED"
    invoice = Invoice.objects.get()
    assert (str(invoice.total_amount), str(invoice.tax_amount)) == ("1.74", "0.23")


def test_a_mixed_invoice_is_taken(api, unit, zatca):
    zero = {
        **LINE,
        "tax_category": "Z",
        "tax_rate": 0,
        "exemption_code": "VATEX-SA-32",
        "exemption_reason": "Export of goods",
    }
    answer = api.post(URL, standard(line_items=[LINE, zero])).json()
    assert (answer["status"], answer["warnings"]) == ("CLEARED", [])
    # 200.00 at 15 %, 200.00 at 0 %.
    assert str(Invoice.objects.get().total_amount) == "430.00"


# --- The log -------------------------------------------------------------------------------------


def test_the_payload_is_kept_unmasked_and_is_what_is_sent_again(api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="reject")
    pk = api.post(URL, standard(seller_tax_number="399999999900003")).json()["id"]

    retried = api.post(f"{URL}/{pk}/retry").json()

    assert retried["status"] == "CLEARED"
    first, second = Revision.objects.order_by("number").values_list("payload", flat=True)
    assert first == second
    assert first["seller_tax_number"] == "399999999900003"
    assert first["buyer_tax_number"] == "310122393500003"


def test_the_log_of_an_invoice_is_an_unbroken_chain(api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="error_503_before")
    pk = api.post(URL, standard()).json()["error"]["invoice"]["id"]
    api.post(f"{URL}/{pk}/retry")

    rows = list(InvoiceLog.objects.order_by("sequence"))
    links = [Link(r.content(), r.sequence, r.previous_hash, r.entry_hash) for r in rows]
    assert len(links) == 3
    assert first_break(links) is None
    assert Invoice.objects.get().log_head == rows[-1].entry_hash
    rows[1].actor = "nobody"
    assert (
        first_break([Link(r.content(), r.sequence, r.previous_hash, r.entry_hash) for r in rows])
        == "entry 2 was changed"
    )
