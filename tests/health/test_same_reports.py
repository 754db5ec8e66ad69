"""The same year, lived on SQLite and on PostgreSQL, is reported in the same bytes."""

import json
import subprocess
import sys

import pytest
from django.db import connection

from tests.health.year import reports_of


@pytest.mark.skipif(connection.vendor == "sqlite", reason="asked from PostgreSQL's side")
def test_both_engines_report_the_same(busy_year, reference):
    ours = reports_of(busy_year)

    said = subprocess.run(
        [sys.executable, "-m", "tests.health.year", str(reference)],
        capture_output=True,
        check=True,
        text=True,
    )
    theirs = json.loads(said.stdout.splitlines()[-1])
    assert [name for name in ours if ours[name] != theirs[name]] == []
    assert ours.keys() == theirs.keys()
    assert "1121.50" in ours["reports/bills.csv"]
