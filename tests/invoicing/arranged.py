"""Situations that take a few calls, arranged once for the tests that begin with them.

    @arranged
    def failed(world: World) -> Invoice:
        return world.post(standard("INV-FAILED"), "drop_after")

is a fixture. The tests of a file that begin with the same situations run one after the other, each
in a savepoint on top of them: what it does is rolled back, and the authority gets its books back as
they were. A situation older than `FRESH` is arranged anew, so that nothing falls due meanwhile.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from itertools import groupby
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.test import override_settings
from rest_framework.test import APIClient

from config.tenancy.models import Tenant
from config.tenancy.services import issue_api_key
from invoicing.models import EGSUnit, Invoice
from invoicing.sandbox import StandIn
from tests.conftest import HIJAZ_VAT, NAJD_VAT, client_with
from tests.invoicing.payloads import simplified, standard
from tests.invoicing.traces import URL
from tests.kept import Kept

FRESH = 10.0
BOOKS = ("documents", "deliveries", "scripts")


class World:
    """What a situation is made with; a test that asks for the same gets the same rows and key."""

    def __init__(self, zatca: StandIn, tenants: dict[str, Kept], units: dict[str, Kept]) -> None:
        self.zatca, self._tenants, self._units = zatca, tenants, units
        self.keys: dict[int, str] = {}

    @cached_property
    def najd(self) -> Tenant:
        return self._tenants[NAJD_VAT].stand()[0]

    @cached_property
    def hijaz(self) -> Tenant:
        return self._tenants[HIJAZ_VAT].stand()[0]

    @cached_property
    def unit(self) -> EGSUnit:
        assert self.najd
        return self._units[NAJD_VAT].stand()[0]

    @cached_property
    def foreign_unit(self) -> EGSUnit:
        assert self.hijaz
        return self._units[HIJAZ_VAT].stand()[0]

    @property
    def api(self) -> APIClient:
        return self._client(self.najd)

    @property
    def foreign_api(self) -> APIClient:
        return self._client(self.hijaz)

    def _client(self, tenant: Tenant) -> APIClient:
        if tenant.pk not in self.keys:
            _, self.keys[tenant.pk] = issue_api_key(tenant=tenant, name="test", scopes=["admin"])
        return client_with(self.keys[tenant.pk])

    def post(self, payload: dict[str, Any], fault: str | None = None) -> Invoice:
        """Post a payload for Najd; with `fault` the authority misbehaves on its first delivery."""
        number = payload["invoice_number"]
        if fault:
            self.zatca.control.script(number, delivery=1, fault=fault)
        assert self.unit
        self.api.post(URL, payload)
        return Invoice.objects.get(tenant=self.najd, invoice_number=number)

    def issue(self, number: str, *, fault: str | None = None, **changes: Any) -> Invoice:
        """Post an invoice of that number, simplified if it begins with an S."""
        make = simplified if number.startswith("S") else standard
        return self.post(make(number, **changes), fault)

    def leave(self) -> None:
        for kept in (*self._tenants.values(), *self._units.values()):
            kept.stands = False


Make = Callable[[World], Any]


class Stage:
    """The situations that stand in the database at the moment."""

    def __init__(self) -> None:
        self.makes: tuple[Make, ...] = ()
        self.keys: dict[int, str] = {}
        self._values: dict[Make, Any] = {}
        self._books: dict[str, list[tuple[Any, ...]]] = {}
        self._since = 0.0
        self._struck = ExitStack()

    def enter(self, makes: tuple[Make, ...], world: World, blocker: Any) -> None:
        """Let these stand, unless they do."""
        if makes == self.makes and time.monotonic() - self._since < FRESH:
            return
        self.leave()
        with blocker.unblock(), override_settings(ZATCA_URLS=sandbox_at(world.zatca)):
            reset(world.zatca)
            # First in, last out: the database is asked to forget when it may be spoken to.
            self._struck.callback(world.leave)
            self._struck.enter_context(_rolled_back(blocker))
            self._values = {make: make(world) for make in makes}
            connection.check_constraints()
        self.makes, self.keys = makes, world.keys
        books = {table: _rows(world.zatca, table) for table in BOOKS}
        self._books = {table: rows for table, rows in books.items() if rows}
        self._since = time.monotonic()

    def leave(self) -> None:
        self.makes, self.keys, self._books, self._values = (), {}, {}, {}
        self._struck.close()

    def value(self, make: Make) -> Any:
        return _fresh(self._values[make])

    def open_books(self, zatca: StandIn) -> None:
        """Give the authority its books back as the situation left them."""
        reset(zatca)
        with zatca._store.transaction() as store:
            for table, rows in self._books.items():
                places = ",".join("?" * len(rows[0]))
                store.executemany(f"INSERT INTO {table} VALUES ({places})", rows)


STAGE = Stage()


def arranged(make: Make) -> Any:
    """A fixture whose value was arranged before the test began."""

    def fixture(db, zatca):
        return STAGE.value(make)

    fixture.make = make
    fixture.__doc__ = make.__doc__
    return pytest.fixture(name=make.__name__)(fixture)


def makes_of(item: pytest.Item) -> tuple[Make, ...]:
    """The situations that a test begins with."""
    known = item._fixtureinfo.name2fixturedefs
    found = [known[name][-1].func for name in item.fixturenames if name in known]
    return tuple(function.make for function in found if hasattr(function, "make"))


def side_by_side(items: list[pytest.Item]) -> list[pytest.Item]:
    """The same tests; within a file, those that begin with the same stand together."""
    placed: list[pytest.Item] = []
    for _, group in groupby(items, lambda item: (item.path, "committed" in item.fixturenames)):
        by_makes: dict[tuple[Make, ...], list[pytest.Item]] = {}
        for item in group:
            by_makes.setdefault(makes_of(item), []).append(item)
        placed += [item for same in by_makes.values() for item in same]
    return placed


def reset(zatca: StandIn) -> None:
    """`zatca.control.reset()` without the wire."""
    zatca.desk.answer("POST", "/_control/reset", b"{}")


def sandbox_at(zatca: StandIn) -> dict[str, str]:
    return {**settings.ZATCA_URLS, "SANDBOX": zatca.base_url("SANDBOX")}


def _rows(zatca: StandIn, table: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in zatca._store.rows(f"SELECT * FROM {table}")]


def _fresh(value: Any) -> Any:
    """Rows are read anew for each test, which may change what it holds."""
    if isinstance(value, Model):
        return type(value)._base_manager.get(pk=value.pk)
    return [_fresh(each) for each in value] if isinstance(value, list) else value


class _rolled_back:
    """A transaction that counts as the test's own, and of which nothing stays."""

    def __init__(self, blocker: Any) -> None:
        self._blocker, self._atomic = blocker, transaction.atomic()

    def __enter__(self) -> None:
        self._atomic.__enter__()
        connection.atomic_blocks[-1]._from_testcase = True

    def __exit__(self, *raised: Any) -> None:
        with self._blocker.unblock():
            transaction.set_rollback(True)
            self._atomic.__exit__(None, None, None)
