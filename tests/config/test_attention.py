"""What needs a person: one open row for each subject, counted, logged once, closed by name."""

import threading

from django.db import connection, transaction

from config.attention.models import Attention
from config.attention.services import raise_attention, resolve_attention, resolve_subject


def found(tenant, kind: str = "invoice_parked", subject: str = "invoice:7", **said) -> Attention:
    said = {"reason": "R", "next_action": "N", **said}
    return raise_attention(tenant_id=tenant.pk, kind=kind, subject=subject, **said)


def test_a_repeated_finding_is_one_row_that_counts(najd):
    found(najd, reason="first")
    found(najd, reason="second")

    row = Attention.objects.get()
    assert (row.count, row.reason) == (2, "second")
    assert row.last_seen > row.first_seen


def test_it_is_logged_once_at_error(najd, caplog):
    for _ in range(3):
        found(najd)
    assert [record.levelname for record in caplog.records if "attention" in str(record.msg)] == [
        "ERROR"
    ]


def test_kinds_subjects_and_tenants_have_rows_of_their_own(najd, hijaz):
    found(najd)
    found(najd, kind="unreported_12h")
    found(najd, subject="invoice:8")
    found(hijaz)
    assert Attention.objects.count() == 4
    assert Attention.objects.for_tenant(hijaz).count() == 1


def test_resolved_and_found_again_it_is_a_new_row(najd):
    found(najd)
    assert resolve_attention(
        tenant_id=najd.pk, kind="invoice_parked", subject="invoice:7", by="amal"
    )
    found(najd)

    old, new = Attention.objects.order_by("pk")
    assert (old.resolved_by, old.resolved_at is None) == ("amal", False)
    assert (new.count, new.resolved_at) == (1, None)


def test_resolving_nothing_says_so(najd, hijaz):
    found(hijaz)
    assert not resolve_attention(
        tenant_id=najd.pk, kind="invoice_parked", subject="invoice:7", by="amal"
    )
    assert Attention.objects.open().count() == 1


def test_a_subject_is_resolved_whatever_was_wrong_with_it(najd):
    found(najd)
    found(najd, kind="unreported_12h")
    found(najd, subject="invoice:8")
    assert resolve_subject(tenant_id=najd.pk, subject="invoice:7", by="settled") == 2
    assert Attention.objects.open().get().subject == "invoice:8"


def test_it_rolls_back_with_what_it_was_found_in(najd):
    with transaction.atomic():
        found(najd)
        transaction.set_rollback(True)
    assert not Attention.objects.exists()


def test_two_that_find_it_at_once_open_one_row(committed, najd):
    def find() -> None:
        found(najd)
        connection.close()

    threads = [threading.Thread(target=find) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Attention.objects.get().count == 6
