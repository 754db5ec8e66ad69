"""/healthz: the process answers. /readyz: it can take work. Neither ever asks the tax authority."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.crypto import check_key_ring
from config.db.triggers import missing_triggers

PROBE_SECONDS = 2  # to get the write lock; a probe that hangs is itself an outage

log = structlog.get_logger(__name__)


class NotReady(Exception):
    """What is wrong, in words fit for a public page."""


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the process can answer at all; touches no database."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 ``{"status": "ready"}`` or 503 ``not_ready``, with "ok" or the trouble of each check."""
    try:
        with _short_wait():
            checks = {name: _outcome(name, check) for name, check in _CHECKS.items()}
    except DatabaseError as error:
        log.warning("readiness_check_failed", check="database", exc_info=True)
        checks = {"database": f"failed: {type(error).__name__}"}
    is_ready = set(checks.values()) == {"ok"}
    body = {"status": "ready" if is_ready else "not_ready", "checks": checks}
    return JsonResponse(body, status=200 if is_ready else 503)


def _outcome(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except NotReady as trouble:
        return str(trouble)
    except Exception as error:
        # The page is public: what failed is said here, why only in the log.
        log.warning("readiness_check_failed", check=name, exc_info=True)
        return f"failed: {type(error).__name__}"
    return "ok"


def _database_takes_writes() -> None:
    """Insert a row and take it back: a read-only replica and a stuck writer are found, too."""
    with transaction.atomic():
        MigrationRecorder(connection).migration_qs.create(app="config", name="readiness probe")
        transaction.set_rollback(True)


@contextmanager
def _short_wait() -> Iterator[None]:
    """A probe that waits for a lock as long as a request would is no answer: here 2 s."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for setting in ("lock_timeout", "statement_timeout"):
                cursor.execute(f"SET {setting} = '{PROBE_SECONDS}s'")
            try:
                yield
            finally:
                for setting in ("lock_timeout", "statement_timeout"):
                    cursor.execute(f"RESET {setting}")
        return
    with connection.cursor() as cursor:
        usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {PROBE_SECONDS * 1000}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(usual)}")


def _migrations_are_applied() -> None:
    executor = MigrationExecutor(connection)
    if waiting := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReady(f"{len(waiting)} migrations wait; run manage.py migrate")


def _triggers_stand() -> None:
    if missing := missing_triggers():
        raise NotReady(f"{len(missing)} triggers are missing: {', '.join(missing)}")


def _keys_are_usable() -> None:
    if check_key_ring(None):
        raise NotReady("the key ring cannot seal and open")


_CHECKS: dict[str, Callable[[], None]] = {
    "database": _database_takes_writes,
    "migrations": _migrations_are_applied,
    "triggers": _triggers_stand,
    "keys": _keys_are_usable,
}
