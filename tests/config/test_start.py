"""The site as a process: with what it starts, and with what it does not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SECRETS = ("SECRET_KEY", "DAFTAR_KEY_RING", "DAFTAR_AUDIT_KEY", "JWT_SIGNING_KEY")


def started(**environment: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check` as a process of its own."""
    plain = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG")}
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**plain, **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({}, "SECRET_KEY is not set"),
        ({"DAFTAR_GENERATE_SECRETS": "1", "DATABASE_URL": "mysql://x/y"}, "DATABASE_URL must be"),
        ({"DAFTAR_GENERATE_SECRETS": "1", "ZATCA_LEASE": "30"}, "daftar.E005"),
        ({"DAFTAR_GENERATE_SECRETS": "1", "ZATCA_PRODUCTION_URL": "http://127.0.0.1:1"}, "E004"),
        ({"DAFTAR_GENERATE_SECRETS": "1", "DAFTAR_KEY_RING": "short"}, "daftar.E010"),
        ({"DAFTAR_GENERATE_SECRETS": "perhaps"}, "DAFTAR_GENERATE_SECRETS"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_does_not_start_with(tmp_path, environment, says):
    run = started(DAFTAR_DATA=str(tmp_path), **environment)
    assert run.returncode != 0
    assert says in run.stderr


def test_it_starts_with_nothing_but_leave_to_make_secrets(tmp_path):
    run = started(DAFTAR_DATA=str(tmp_path), DAFTAR_GENERATE_SECRETS="1")
    assert (run.returncode, run.stderr) == (0, ""), run.stderr
    assert {file.name for file in tmp_path.glob("*.secret")} == {
        f"{name.lower()}.secret" for name in SECRETS
    }


def test_a_production_set_up_passes_djangos_own_check(tmp_path):
    environment = dict.fromkeys(SECRETS, "s" * 64) | {"HTTPS": "1", "LOG_LEVEL": "ERROR"}
    plain = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG")}
    environment["SECRET_KEY"] = "Kx9-4" * 12
    run = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**plain, **environment, "DAFTAR_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
