"""The list of what is asked once names what is there (tests/once.py)."""

from pathlib import Path

from tests.once import PATHS, WAITING

ROOT = Path(__file__).resolve().parent.parent


def test_every_path_is_there_and_named_once():
    named = [*PATHS, *WAITING]
    assert [path for path in named if not (ROOT / path).exists()] == []
    assert len(set(named)) == len(named)
