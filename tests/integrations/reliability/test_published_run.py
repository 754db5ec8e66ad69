"""The published run, in small: dependants are parked, groups are mended, everything completes.

In full, 624 transactions, it is a campaign: `python -m tests.integrations.campaign --replay`.
"""

from collections import Counter

from integrations.models import TritonTransaction
from integrations.services import groups
from integrations.services.running import work_due
from tests.integrations.published_run import (
    LOST_PRODUCERS,
    LOST_UNDERWRITERS,
    Mix,
    furnish,
    mend,
    transactions,
)
from tests.integrations.saga.recovery import let_time_pass, work_until_ended

MIX = Mix(share=60)


def test_one_fix_and_one_click_for_each_group(desk):
    location = furnish(desk)
    bodies = transactions(MIX)
    for body in bodies:
        desk.take_in(body)
    while work_due():
        let_time_pass()

    found = Counter(row.status for row in TritonTransaction.objects.all())
    troubled = MIX.binds()
    through = troubled["ok"] + troubled["zero_net"]
    assert found["failed"] + found["needs_attention"] == sum(troubled.values()) - through
    assert found["received"] == found["processing"] == found["reconciling"] == 0
    assert found["blocked"] + found["completed"] == len(bodies) - sum(troubled.values()) + through
    told = groups.error_groups(desk.tenant)
    assert {group.code for group in told} == {
        "producer_not_found",
        "underwriter_not_found",
        "backdate_allowance",
        "producer_line_setup",
    }
    assert len(told) <= len(LOST_PRODUCERS) + len(LOST_UNDERWRITERS) + 2
    for group in told:
        mend(desk, group.code, group.text, location)
        members = TritonTransaction.objects.filter(group_key=group.key)
        assert groups.replay(members, actor="Rania").due == group.count
    work_until_ended()

    assert Counter(TritonTransaction.objects.values_list("status", flat=True)) == {
        "completed": len(bodies)
    }
    assert groups.error_groups(desk.tenant) == []
    counts, binds = desk.ims.counts(), sum(troubled.values())
    others = MIX.followers()
    assert counts["policy"] == binds
    for kind in ("endorsement", "cancellation", "reinstatement"):
        assert counts[kind] == others[kind]
    assert counts["invoice"] == binds + sum(others.values()) - others["issue"]
