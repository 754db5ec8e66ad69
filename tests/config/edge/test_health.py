import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from config.db.triggers import Trigger, install_triggers, registered


@pytest.fixture
def migrated(db):
    """As after `migrate`; tests with real commits leave the triggers dropped."""
    install_triggers()


def test_alive_needs_no_database(api):
    response = api.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_ready_when_all_is_well_and_the_probe_leaves_nothing(api, migrated):
    before = MigrationRecorder(connection).migration_qs.count()

    response = api.get("/readyz")

    everything = dict.fromkeys(("database", "migrations", "triggers", "keys"), "ok")
    assert response.json() == {"status": "ready", "checks": everything}
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert MigrationRecorder(connection).migration_qs.count() == before


def test_a_waiting_migration_is_not_ready(api, migrated):
    MigrationRecorder(connection).migration_qs.filter(app="idempotency").delete()

    response = api.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["migrations"] == ("1 migrations wait; run manage.py migrate")


def test_a_missing_trigger_is_not_ready(api, migrated, monkeypatch):
    from config.db import triggers

    lost = Trigger("probe_never_made", "idempotency_keys", "DELETE", "no")
    monkeypatch.setitem(triggers._registered, lost.name, lost)

    response = api.get("/readyz")

    assert response.status_code == 503
    assert "probe_never_made" in response.json()["checks"]["triggers"]
    assert lost in registered()


def test_an_unusable_key_ring_is_not_ready(api, migrated, settings):
    settings.KEY_RING = "short"

    response = api.get("/readyz")

    assert response.json()["checks"]["keys"] == "the key ring cannot seal and open"
    assert b"short" not in response.content


def test_a_stuck_writer_is_found_within_seconds_and_forgotten(api, committed):
    take = {
        "sqlite": "BEGIN IMMEDIATE",
        "postgresql": "BEGIN; LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE",
    }
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(take[connection.vendor])
        stuck = api.get("/readyz")
        cursor.execute("ROLLBACK")
    other.close()

    assert stuck.status_code == 503
    assert stuck.json()["checks"]["database"] == "failed: OperationalError"
    assert api.get("/readyz").status_code == 200


def test_the_probes_short_wait_is_not_left_behind(api, committed):
    if connection.vendor == "sqlite":
        api.get("/readyz")
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA busy_timeout").fetchone() == (30_000,)
