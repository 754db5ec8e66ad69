"""Rounding that is never rejected, and no rule too strict or too mild: a few random baskets.

`make fuzz` draws twenty thousand.
"""

from hypothesis import HealthCheck, given, settings

from tests.invoicing.baskets import baskets, spoiled
from tests.invoicing.judging import judge_legal, judge_spoiled

few = settings(
    max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@few
@given(baskets())
def test_a_legal_basket_passes_and_is_clean(request_made):
    assert judge_legal(request_made) == "clean"


@few
@given(spoiled())
def test_what_the_request_rules_let_pass_is_clean(request_made):
    assert judge_spoiled(request_made) in ("clean", "refused")
