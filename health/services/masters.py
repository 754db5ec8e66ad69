"""Patients, tests, panels and test orders to pick from; switched off, never deleted."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db import transaction

from config.tenancy.models import Tenant
from health.models import LabTest, Panel, Patient, TestOrder
from health.services.history import Who
from health.services.rows import write_row

Row = TypeVar("Row", Patient, LabTest, Panel, TestOrder)


def add_master(kind: type[Row], tenant: Tenant, said: Mapping[str, Any], who: Who) -> Row:
    """Write one down; commits once. Raises InvalidRow with every field that is wrong."""
    return change_master(kind(tenant=tenant), said, who)


def change_master(row: Row, said: Mapping[str, Any], who: Who) -> Row:
    """Change what is named; bills keep what they were made from. Commits once.

    Raises InvalidRow.
    """
    columns = {name: value for name, value in said.items() if name != "tests"}
    for name, value in columns.items():
        setattr(row, name, value)
    return keep_master(row, who, columns, tests=said.get("tests"))


def keep_master(
    row: Row, who: Who, changed: Iterable[str], *, tests: Iterable[LabTest] | None = None
) -> Row:
    """Keep a new row, or what changed of one; `tests` are those of a panel. Commits once.

    Raises InvalidRow.
    """
    with transaction.atomic():
        write_row(row, who, changed, key="reference")
        if isinstance(row, Panel) and tests is not None:
            row.tests.set(tests)
    return row
