"""Money and books are dated on days that have come, as far back as the laboratory allows."""

from datetime import timedelta

import pytest

from health.models import LabSettings, Voucher
from health.services.days import today
from tests.conftest import client_of
from tests.health.books import everything
from tests.health.conftest import URL, bill
from tests.health.test_money_over_rest import PAYMENTS, pay


@pytest.fixture
def doors(lab, lab_api):
    """Everything that dates money or books, by the day that is said."""
    old = {"invoice_date": "2024-01-15T10:00:00"}
    pk, other, draft = (
        lab_api.post(URL, bill(status=status, **old)).json()["data"]["id"]
        for status in ("POSTED", "POSTED", "DRAFT")
    )
    payment = pay(lab_api, pk, "600.00", date="2024-01-20").json()["data"]["id"]
    money = {"amount": "1.00", "payment_mode": "CASH", "reason": "x"}

    def asked(day: str):
        lab_api.put(f"{URL}/{draft}", {"invoice_date": f"{day}T12:00:00"})
        for field, path, said in (
            ("date", f"{URL}/{other}/payments", money),
            ("date", f"{URL}/{other}/cancel", {"reason": "x"}),
            ("date", f"{URL}/{other}/credit-notes", {"reason": "x"}),
            ("date", f"{PAYMENTS}/{payment}/allocate", {"invoice_id": other, "amount": "1.00"}),
            ("date", f"{PAYMENTS}/{payment}/release", {"invoice_id": pk}),
            ("date", f"{PAYMENTS}/{payment}/refund", money),
            ("date", f"{PAYMENTS}/{payment}/refund", money | {"invoice_id": pk}),
            ("date", f"{PAYMENTS}/{payment}/reverse", {"reason": "x"}),
            ("invoice_date", f"{URL}/{draft}/post", {}),
        ):
            if field != "date" and day < "2000":
                continue  # no bill is dated so
            before = everything()
            answer = lab_api.post(path, said | {"date": day})
            yield path, field, answer.status_code, answer.json()["error"]
            assert everything() == before

    return asked


@pytest.mark.parametrize("days", [1, 365, None])
def test_neither_tomorrow_nor_another_century(lab, doors, days):
    day = str(today(lab) + timedelta(days)) if days else "1999-12-31"

    for path, field, status, error in doors(day):
        told = (status, error["code"], error["param"])
        assert told == (400, "DATE_OUT_OF_RANGE", field), path


def test_no_further_back_than_the_laboratory_allows(lab, lab_api, doors):
    now = today(lab)
    LabSettings.objects.create(tenant=lab, backdating_days=7)

    for path, field, status, error in doors(str(now - timedelta(8))):
        told = (status, error["code"], error["param"])
        assert told == (400, "BACKDATED_TOO_FAR", field), path

    week = {"invoice_date": f"{now - timedelta(7)}T00:00:00", "status": "POSTED"}
    pk = lab_api.post(URL, bill(**week)).json()["data"]["id"]
    assert pay(lab_api, pk, "1.00", date=str(now - timedelta(7))).status_code == 201
    assert pay(lab_api, pk, "1.00").status_code == 201


def test_what_a_gateway_confirms_too_late_is_booked_today(lab, lab_api):
    now = today(lab)
    old = {"invoice_date": "2024-01-15T10:00:00", "status": "POSTED"}
    pk = lab_api.post(URL, bill(**old)).json()["data"]["id"]
    week, more = (
        pay(lab_api, pk, "1.00", "UPI", date=str(now - timedelta(days))).json()["data"]["id"]
        for days in (7, 8)
    )
    LabSettings.objects.create(tenant=lab, backdating_days=7)

    for payment in (week, more):
        assert lab_api.post(f"{PAYMENTS}/{payment}/confirm").status_code == 200

    days = Voucher.objects.filter(reference_type="PAYMENT").order_by("id")
    assert list(days.values_list("date", flat=True)) == [now - timedelta(7), now]


def test_the_owner_says_how_far_back(lab):
    owner, settings = client_of(lab), "/api/v1/health/settings"

    assert owner.get(settings).json()["data"]["backdating_days"] is None
    assert owner.patch(settings, {"backdating_days": 0}).json()["data"]["backdating_days"] == 0
    assert owner.patch(settings, {"backdating_days": -1}).status_code == 400
    yesterday = f"{today(lab) - timedelta(1)}T12:00:00"
    refused = owner.post(URL, bill(status="POSTED", invoice_date=yesterday))
    assert refused.json()["error"]["code"] == "BACKDATED_TOO_FAR"
    assert owner.patch(settings, {"backdating_days": None}).status_code == 200
