"""Units take turns at being sent, whatever waits in one of them."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.attention.models import Attention
from invoicing.models import Attempt, Invoice, Lane
from invoicing.services import sending, settling, turns
from invoicing.services.units import hold_unit
from tests.invoicing.conftest import make_unit
from tests.invoicing.payloads import simplified
from tests.invoicing.traces import URL

EARLY = {"Prefer": "respond-async"}


@pytest.fixture(autouse=True)
def _a_new_process(monkeypatch):
    monkeypatch.setattr(turns, "_last", None)


@pytest.fixture
def branch(najd, csid, unit):
    """A second unit of Najd, with a certificate of its own VAT number's."""
    return make_unit(najd, csid, "till-2")


@pytest.fixture
def queue(api, zatca):
    """Seal documents that a worker shall send; their numbers."""

    def queue(*numbers: str, unit: str = "till-1") -> list[str]:
        for number in numbers:
            assert (
                api.post(URL, simplified(number, egs_unit=unit), headers=EARLY).status_code == 202
            )
        return list(numbers)

    return queue


def backlog(unit, count: int) -> None:
    """As many due rows more, older than any other, that would each cost a turn."""
    sample = Invoice.objects.filter(unit=unit).first()
    long_ago = timezone.now() - timedelta(hours=1)
    rows = [
        Invoice(
            **{
                field.attname: getattr(sample, field.attname)
                for field in Invoice._meta.concrete_fields
                if field.attname not in ("id", "invoice_number", "uuid", "next_attempt_at")
            },
            invoice_number=f"OLD-{number}",
            next_attempt_at=long_ago,
        )
        for number in range(count)
    ]
    Invoice.objects.bulk_create(rows, batch_size=500)


def order(count: int) -> list[Lane]:
    """Whose turns the next ones are."""
    fresh = turns.Turns()
    return [turn.lane for turn in (fresh.next({}, free=8) for _ in range(count)) if turn]


def test_units_take_turns_in_the_order_of_delivery(unit, branch, queue, zatca, monkeypatch):
    monkeypatch.setattr(sending, "POOL", 1)  # one after the other, so that there is an order
    queue("A-1", "A-2", "A-3", "A-4")
    queue("B-1", "B-2", unit="till-2")

    assert sending.send_due() == 6

    sent = [row["target"] for row in zatca.control.deliveries() if row["target"][0] != "/"]
    assert sent == ["A-1", "B-1", "A-2", "B-2", "A-3", "A-4"]


def test_a_backlog_of_thousands_does_not_keep_another_units_document(unit, branch, queue):
    queue("A-1")
    backlog(unit, 2_000)
    queue("B-1", unit="till-2")

    first, second = order(2)

    assert {first, second} == {Lane(unit_id=unit.pk), Lane(unit_id=branch.pk)}


def test_every_unit_comes_before_any_comes_again(unit, najd, csid, queue):
    for number in range(2, 6):
        make_unit(najd, csid, f"till-{number}")
        queue(f"X-{number}a", f"X-{number}b", unit=f"till-{number}")
    queue("X-1a", "X-1b")

    assert set(Counter(order(5)).values()) == {1}
    # Another worker's round, or the next one, goes on where this one ended.
    assert set(Counter(order(10)).values()) == {2}


def test_a_round_begins_after_whoever_was_last(unit, branch, queue):
    queue("A-1", "A-2")
    queue("B-1", "B-2", unit="till-2")

    assert order(1) + order(1) in (
        [Lane(unit_id=unit.pk), Lane(unit_id=branch.pk)],
        [Lane(unit_id=branch.pk), Lane(unit_id=unit.pk)],
    )


def test_a_unit_gets_no_more_threads_than_it_leaves_to_others(unit, branch, queue):
    queue("A-1", "A-2")
    lane = Lane(unit_id=unit.pk)

    assert turns.Turns().next({lane: 4}, free=4) is None
    assert turns.Turns().next({lane: 3}, free=5).lane == lane
    assert turns.Turns().next({}, free=0) is None


def phase_1_rows(tenant, count: int, **columns) -> None:
    rows = [
        Invoice(
            tenant=tenant, invoice_number=f"P-{n}", phase="PHASE_1", environment="SANDBOX",
            document_type="388", is_simplified=True, total_amount=1, tax_amount=0,
            issued_at=timezone.now(), **columns,
        )
        for n in range(count)
    ]  # fmt: skip
    Invoice.objects.bulk_create(rows, batch_size=500)


def test_phase_1_takes_turns_by_tenant(najd, hijaz):
    phase_1_rows(najd, 50, next_attempt_at=timezone.now())
    phase_1_rows(hijaz, 1, next_attempt_at=timezone.now())

    assert order(2) == [Lane(tenant_id=najd.pk), Lane(tenant_id=hijaz.pk)]


def test_a_paused_unit_has_no_turn(unit, branch, queue):
    queue("A-1")
    queue("B-1", unit="till-2")
    hold_unit(unit, reason="Stock-taking.", by="amal")

    assert order(4) == [Lane(unit_id=branch.pk)]


# --- The cost does not grow with what waits -------------------------------------------------------


def plans() -> list[str]:
    """How the database runs each query of one turn."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE invoices")
    with CaptureQueriesContext(connection) as queries:
        turns.Turns().next({}, free=8)
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    told = []
    with connection.cursor() as cursor:
        for query in queries.captured_queries:
            if "invoices" in query["sql"]:
                cursor.execute(explain + query["sql"])
                told.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
    return told


def test_every_query_of_a_turn_is_an_index_lookup(unit, branch, queue):
    queue("A-1")
    backlog(unit, 2_000)
    phase_1_rows(unit.tenant, 2_000, status="CLEARED")

    told = plans()

    assert len(told) == 3
    used = ("ix_invoices_phase_1_due", "ix_invoices_unit_due", "ix_invoices_unit_due")
    for plan, index in zip(told, used, strict=True):
        assert index in plan
        assert "Seq Scan on invoices" not in plan
        assert "SCAN invoices" not in plan
        assert "SCAN U0" not in plan
        assert "TEMP B-TREE" not in plan


# --- One that cannot be handled -------------------------------------------------------------------


def bug(*_args, **_options):
    raise ZeroDivisionError("division by zero")


def on(number: str, function):
    """`function`, but a bug for the invoice of that number."""

    def poisoned(first, *args, **options):
        invoice = getattr(first, "invoice", first)
        return bug() if invoice.invoice_number == number else function(first, *args, **options)

    return poisoned


PLACES = [
    (sending, "claim", "FAILED", "internal_error"),
    (settling, "park_if_too_late", "FAILED", "internal_error"),
    (sending, "ensure_sealed", "FAILED", "internal_error"),
    # Sent, and the answer cannot be written down: its lease runs out, and it is sent again.
    (settling, "settle", "PROCESSING", ""),
]


@pytest.mark.parametrize(("module", "name", "status", "task"), PLACES, ids=[p[1] for p in PLACES])
def test_a_poisoned_one_blocks_nobody(unit, api, zatca, monkeypatch, module, name, status, task):
    for number in ("S-1", "S-2", "S-3"):
        zatca.control.script(number, delivery=1, fault="error_503_before")
        api.post(URL, simplified(number))
    Invoice.objects.update(next_attempt_at=timezone.now())
    monkeypatch.setattr(module, name, on("S-1", getattr(module, name)))

    assert sending.send_due() == 3

    assert sending.send_due() == 0
    statuses = dict(Invoice.objects.values_list("invoice_number", "status"))
    assert statuses == {"S-1": status, "S-2": "CLEARED", "S-3": "CLEARED"}
    assert list(Attention.objects.open().values_list("kind", flat=True)) == [task] * bool(task)


def test_a_row_that_cannot_even_be_read_blocks_nobody(unit, queue, zatca):
    queue("S-1", "S-2")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE invoices SET metadata = 'no JSON' WHERE invoice_number = 'S-1'")

    assert sending.send_due() == 2

    assert [row["target"] for row in zatca.control.deliveries()] == ["S-2"]
    assert Attention.objects.get().reason.startswith("S-1 could not be taken up: ")
    assert sending.send_due() == 0


def test_an_expired_lease_that_cannot_be_freed_blocks_nobody(unit, queue, monkeypatch):
    for number in queue("S-1", "S-2"):
        sending.claim(Invoice.objects.get(invoice_number=number), sending.WORKER)
    Invoice.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    monkeypatch.setattr(settling, "abandon", on("S-1", settling.abandon))

    assert sending.free_expired_leases() == 1

    statuses = dict(Invoice.objects.values_list("invoice_number", "status"))
    assert statuses == {"S-1": "PROCESSING", "S-2": "FAILED"}


# --- A call that hangs ----------------------------------------------------------------------------


def test_hanging_calls_of_one_unit_keep_no_other_back(
    unit, branch, queue, zatca, settings, monkeypatch
):
    settings.ZATCA_CALL_DEADLINE = 2
    monkeypatch.setattr(sending, "POLL", 0.05)
    monkeypatch.setattr(turns, "FRESH_SECONDS", 0.05)
    for number in queue(*(f"A-{n}" for n in range(6))):
        zatca.control.script(number, delivery=1, fault="hang_before")
    # What becomes due while the calls of the first unit hang.
    look, looked = turns.due_lanes, []

    def due_lanes(now):
        looked.append(now)
        if len(looked) == 3:
            queue("B-1", unit="till-2")
        return look(now)

    monkeypatch.setattr(turns, "due_lanes", due_lanes)
    sending.send_due()

    ended = Attempt.objects.get(invoice__invoice_number="B-1").ended_at
    hung = Attempt.objects.filter(invoice__unit=unit)
    assert ended < min(hung.values_list("ended_at", flat=True))
    assert hung.filter(event="timeout").count() == 4  # of six; the others had no thread
