"""With maker and checker on, nobody posts what they themselves have written."""

import pytest

from config.tenancy.models import Role
from health.models import LabSettings, TestInvoice, Voucher
from tests.health.conftest import URL, bill, line
from tests.health.test_money_over_rest import pay
from tests.health.test_who_may import person


@pytest.fixture
def two(lab):
    LabSettings.objects.create(tenant=lab, maker_checker=True)
    return person(lab, Role.ACCOUNTANT), person(lab, Role.OWNER)


@pytest.mark.parametrize(
    "change", [{"items": [line(rate=9000)]}, {"patient_name": "A Friend"}, {"roundoff": "0.50"}]
)
def test_who_rewrote_a_draft_is_its_maker_too(two, change):
    maker, checker = two
    pk = maker.post(URL, bill()).json()["data"]["id"]
    assert checker.put(f"{URL}/{pk}", change).status_code == 200

    for refused in (
        checker.post(f"{URL}/{pk}/post"),
        checker.put(f"{URL}/{pk}", {"status": "POSTED"}),
        checker.put(f"{URL}/{pk}", {"status": "POSTED", "items": [line(rate=1)]}),
        maker.post(f"{URL}/{pk}/post"),
    ):
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "SAME_MAKER")
    assert not Voucher.objects.exists()
    assert TestInvoice.objects.get().written_by == "user:owner-jwt"


def test_who_only_added_a_note_may_post_it(two):
    maker, checker = two
    pk = maker.post(URL, bill()).json()["data"]["id"]
    checker.put(f"{URL}/{pk}", {"notes": "looked at", "tags": ["checked"]})

    assert checker.post(f"{URL}/{pk}/post").status_code == 200

    assert pay(checker, pk, "1.00").status_code == 201
    assert TestInvoice.objects.get().written_by == "user:accountant-jwt"
