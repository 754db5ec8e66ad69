"""Background work: a chore asks what is due; a wake is a request to look, after the commit."""

import threading

import pytest
from django.db import connection, transaction

from config import work
from config.work import CHORES, Chore, run_all, run_chore, run_loop, wake

postgresql_only = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="jobs are PostgreSQL's; SQLite has a loop"
)


@pytest.fixture
def chores(monkeypatch) -> dict[str, Chore]:
    """No chores but the test's own."""
    monkeypatch.setattr(work, "CHORES", {})
    monkeypatch.setattr("config.work.POLL_SECONDS", 0.01)
    return work.CHORES


def test_the_house_has_its_chores():
    assert {"send_due", "free_expired_leases", "deadline_alarms", "certificate_alarms"} <= set(
        CHORES
    )
    assert all(chore.every % 10 == 0 for chore in CHORES.values())
    assert CHORES["send_due"].urgent


def test_a_chore_that_breaks_does_not_stop_the_others(committed, chores, caplog):
    work.register(Chore("broken", lambda: 1 // 0), Chore("sound", lambda: 3))
    assert (run_chore("broken"), run_all()) == (0, 3)
    assert "chore_failed" in caplog.text


def test_an_unknown_wake_is_a_bug(db):
    with pytest.raises(LookupError):
        wake("nothing")


def test_the_loop_looks_until_it_is_told_to_stop(committed, chores):
    stop, seen = threading.Event(), []

    def look() -> int:
        seen.append(1)
        if len(seen) == 3:
            stop.set()
        return 0

    work.register(Chore("look", look, urgent=True))
    run_loop(stop)
    assert len(seen) == 3


def test_a_full_batch_is_followed_by_another_look_at_once(committed, chores, monkeypatch):
    monkeypatch.setattr("config.work.POLL_SECONDS", 60)
    stop, waiting = threading.Event(), [16, 16, 5, 0]

    def look() -> int:
        if len(waiting) == 1:
            stop.set()
        return waiting.pop(0)

    work.register(Chore("batch", look, urgent=True))
    run_loop(stop)
    assert waiting == []


def test_a_patient_chore_is_not_looked_at_every_second(committed, chores):
    stop, looks = threading.Event(), []

    def stopping() -> int:
        looks.append("urgent")
        if looks.count("urgent") == 5:
            stop.set()
        return 0

    work.register(
        Chore("patient", lambda: looks.append("patient") or 0, every=3600),
        Chore("urgent", stopping, urgent=True),
    )
    run_loop(stop)
    assert looks.count("patient") == 1


def jobs() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args->>'name', queueing_lock FROM procrastinate_jobs")
        return cursor.fetchall()


@postgresql_only
def test_a_wake_is_one_job_after_the_commit(committed):
    with transaction.atomic():
        wake("send_due")
        wake("send_due")
        assert jobs() == []
    assert jobs() == [("daftar.look", "send_due", "look:send_due")]
    wake("send_due")
    assert len(jobs()) == 1


@postgresql_only
def test_a_wake_of_a_transaction_that_failed_wakes_nobody(committed):
    with transaction.atomic():
        wake("send_due")
        transaction.set_rollback(True)
    assert jobs() == []


@postgresql_only
def test_a_tick_makes_good_what_was_lost(committed):
    from config.tasks import tick

    tick(timestamp=3600)
    assert {name for _, name, _ in jobs()} == set(CHORES)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has jobs")
def test_on_sqlite_a_wake_is_nothing(committed, django_assert_num_queries):
    with django_assert_num_queries(0):
        wake("send_due")
