"""The insured that we know is IMS's still; one that is not is looked for, or added, anew."""

from uuid import UUID

import pytest

from integrations.models import KnownInsured

NOWHERE = UUID(int=77)


@pytest.mark.parametrize("wrong", ["gone", "somebody else"])
def test_a_wrong_guid_spoils_one_bind_at_most(desk, wrong):
    first = desk.post()
    other = desk.post(opportunity_id=7, policy_number="P-7", insured_name="Somebody Else LLC")
    known = KnownInsured.objects.filter(guid=first.insured_guid)
    assert known.update(guid=NOWHERE if wrong == "gone" else other.insured_guid) == 1

    again = desk.post(opportunity_id=8, policy_number="P-8")

    assert (again.status, again.insured_guid) == ("completed", first.insured_guid)
    assert set(KnownInsured.objects.values_list("guid", flat=True)) == {
        first.insured_guid,
        other.insured_guid,
    }
    assert desk.ims.counts()["insured"] == 2


def test_an_ims_that_cannot_be_asked_says_nothing_of_the_insured(desk):
    first = desk.post()
    desk.ims.knobs.add("html_503", "GetInsured")
    row = desk.post(opportunity_id=8, policy_number="P-8")
    assert (row.status, row.stage) == ("received", "insured")
    assert KnownInsured.objects.get().guid == first.insured_guid
