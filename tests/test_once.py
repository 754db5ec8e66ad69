"""The list of what is asked once names what is there (tests/once.py)."""

from pathlib import Path

from tests.once import PATHS

ROOT = Path(__file__).resolve().parent.parent


def test_every_path_is_there_and_named_once():
    assert [path for path in PATHS if not (ROOT / path).exists()] == []
    assert len(set(PATHS)) == len(PATHS)
