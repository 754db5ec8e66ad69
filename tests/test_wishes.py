"""Every test that docs/wishes.md names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NAMED = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs/wishes.md").read_text())


def test_the_page_names_a_test_for_every_wish():
    assert len(NAMED) >= 14


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_it_is_there(file, test):
    assert f"def {test or 'test_'}" in (ROOT / file).read_text()
