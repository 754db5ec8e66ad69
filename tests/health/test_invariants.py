"""The ten invariants of health.md section 6 under random hands; the campaign goes on for hours."""

import hypothesis
from hypothesis.stateful import run_state_machine_as_test

from tests.health.machine import Laboratory, two_laboratories


def test_whatever_is_done_the_books_are_right(db):
    Laboratory.doors = two_laboratories()
    quiet = hypothesis.settings(
        max_examples=5,
        stateful_step_count=30,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    run_state_machine_as_test(Laboratory, settings=quiet)
