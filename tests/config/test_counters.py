"""Numbers without gaps: taken in the transaction that uses them, given back when it fails."""

import threading

import pytest
from django.db import connection, transaction

from config.db.counters import take_next
from config.tenancy.models import Tenant
from invoicing.models import Invoice


@pytest.fixture
def counter(najd):
    """A row to count with; any integer column will do."""
    Invoice.objects.create(
        tenant=najd,
        invoice_number="C-1",
        phase="PHASE_1",
        environment="SANDBOX",
        document_type="388",
        is_simplified=True,
        total_amount="0.00",
        tax_amount="0.00",
        issued_at="2026-01-01T00:00:00Z",
    )
    return Invoice.objects.all()


def test_it_counts_and_gives_the_row_as_it_then_is(counter):
    with transaction.atomic():
        assert [take_next(counter, "log_count").log_count for _ in range(3)] == [1, 2, 3]


def test_a_number_of_a_failed_transaction_is_given_again(counter):
    with transaction.atomic():
        assert take_next(counter, "log_count").log_count == 1
        transaction.set_rollback(True)
    with transaction.atomic():
        assert take_next(counter, "log_count").log_count == 1


def test_without_a_row_there_is_nothing_to_count_with(counter):
    with pytest.raises(Invoice.DoesNotExist), transaction.atomic():
        take_next(counter.filter(pk=0), "log_count")


def test_without_a_transaction_it_refuses(committed):
    with pytest.raises(RuntimeError):
        take_next(Tenant.objects.all(), "pk")


def test_many_at_once_get_every_number_once(committed, counter):
    taken: list[int] = []

    def take() -> None:
        for _ in range(10):
            with transaction.atomic():
                taken.append(take_next(counter.all(), "log_count").log_count)
        connection.close()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == list(range(1, 41))
