"""Operators' commands, run as an operator runs them, on invoices that went over the wire."""

from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.db.triggers import drop_triggers
from invoicing.models import Invoice
from tests.invoicing.payloads import simplified, standard


@dataclass
class Ran:
    """What a command printed, what it complained of, and its exit code."""

    lines: list[str]
    complaint: str
    code: int


@pytest.fixture
def run(settings, tmp_path) -> Callable[..., Ran]:
    settings.DATA_DIR = tmp_path

    def run(*arguments: str) -> Ran:
        out = StringIO()
        complaint, code = "", 0
        try:
            call_command(*arguments, stdout=out)
        except CommandError as error:
            complaint, code = str(error), error.returncode
        return Ran(out.getvalue().splitlines(), complaint, code)

    return run


@pytest.fixture
def issue(api, unit, zatca) -> Callable[..., Invoice]:
    """Post an invoice; with `fault`, its first delivery meets one."""

    def issue(number: str, *, fault: str = "", **changes) -> Invoice:
        if fault:
            zatca.control.script(number, delivery=1, fault=fault)
        make = simplified if number.startswith("S") else standard
        api.post("/api/v1/invoices", make(number, **changes))
        return Invoice.objects.get(invoice_number=number)

    return issue


@pytest.fixture
def vandal(db) -> None:
    """Somebody with the database in hand; the triggers are gone until the test ends."""
    connection.check_constraints()  # PostgreSQL drops no trigger while checks are pending
    drop_triggers()
