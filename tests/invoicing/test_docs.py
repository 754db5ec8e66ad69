"""docs/outcomes.md has the outcome table as the code has it, row by row."""

import re
from pathlib import Path

import pytest

from invoicing.zatca.outcomes import OUTCOMES, Next, Row

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "outcomes.md").read_text()
HEAD = "| name | call | event | HTTP | word | status | failure class | reached | next | code |"


def table(head: str) -> list[list[str]]:
    """The cells of the rows below `head`."""
    _, _, below = PAGE.partition(f"{head}\n")
    rows = below.split("\n\n", 1)[0].splitlines()[1:]
    return [[cell.strip().strip("`") for cell in row.strip("|").split("|")] for row in rows]


def cells(row: Row) -> list[str]:
    return [
        row.name,
        listed(call.value for call in row.calls),
        listed(event.value for event in row.events if event.value),
        statuses(row.http),
        listed(word.value for word in row.words),
        row.status,
        row.failure_class.value,
        row.reached.value,
        row.next.value,
        row.code,
    ]


def listed(values) -> str:
    return ", ".join(sorted(values))


def statuses(http: frozenset[int]) -> str:
    return "500 to 599" if http == set(range(500, 600)) else listed(map(str, http))


def test_the_table_is_the_one_of_the_code():
    assert table(HEAD) == [cells(row) for row in OUTCOMES]


def test_every_next_step_is_explained():
    assert [row[0] for row in table("| next | what Daftar does |")] == [step.value for step in Next]


@pytest.mark.parametrize("word", ["CREATED", "PROCESSING", "CLEARED", "REJECTED", "FAILED"])
def test_the_life_of_an_invoice_explains_every_status(word):
    assert re.search(rf"^\| {word} \| \w", (DOCS / "lifecycle.md").read_text(), re.MULTILINE)
