"""Every option of a laboratory over REST: the owner changes it, and a bill feels it."""

from itertools import pairwise

import pytest

from health.models import Account, History, LabSettings, PeriodLock, TestInvoice
from tests.conftest import client_of
from tests.health.conftest import URL, bill, line
from tests.health.test_credit_notes import balances
from tests.health.test_money_over_rest import pay

SETTINGS = "/api/v1/health/settings"
LOCKS, ACCOUNTS = "/api/v1/health/period-locks", "/api/v1/health/accounts"
TAXED = [line(cgst_rate=9, sgst_rate=9)]


@pytest.fixture
def owner(lab):
    return client_of(lab)


def code_of(response) -> str | None:
    return response.json().get("error", {}).get("code")


@pytest.mark.parametrize(
    ("option", "said", "code"),
    [
        ("strict_gst", {"invoice_number": "much-too-long-for-gst"}, "INVALID_INVOICE_NUMBER"),
        ("strict_gst", {"items": TAXED}, "SUPPLIER_GSTIN_MISSING"),
        ("strict_phone", {"patient_phone": "12345"}, "INVALID_PHONE"),
        ("strict_roundoff", {"roundoff": "0.50"}, "TOTALS_MISMATCH"),
        ("strict_masters", {"test_order_id": 9}, "UNKNOWN_REFERENCE"),
    ],
)
def test_a_switch_makes_a_refusal_of_a_warning(owner, option, said, code):
    said = {"items": [line(test_id=None)]} | said
    assert owner.post(f"{URL}/quote", bill(**said)).status_code == 200

    assert owner.patch(SETTINGS, {option: True}).json()["data"][option] is True

    refused = owner.post(f"{URL}/quote", bill(**said))
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, code)


def test_an_order_is_billed_once_where_that_is_asked_for(owner):
    drafts = [owner.post(URL, bill(test_order_id=7)).json()["data"]["id"] for _ in range(3)]
    posted = [owner.post(f"{URL}/{pk}/post").status_code for pk in drafts[:2]]
    owner.patch(SETTINGS, {"strict_orders": True})

    late = owner.post(f"{URL}/{drafts[2]}/post")
    again = owner.post(URL, bill(status="POSTED", test_order_id=7))

    assert posted == [200, 200]
    for refused in (late, again):
        assert refused.json()["errors"][0]["code"] == "ORDER_ALREADY_INVOICED"
    assert TestInvoice.objects.filter(status="POSTED").count() == 2


def test_an_order_whose_bill_was_credited_altogether_is_billed_again(owner):
    owner.patch(SETTINGS, {"strict_orders": True, "allow_zero": True})
    ordered = bill(status="POSTED", test_order_id=7)
    pk = owner.post(URL, ordered).json()["data"]["id"]
    part = {"reason": "x", "items": [{"line_no": 1, "taxable_amount": 100}]}
    owner.post(f"{URL}/{pk}/credit-notes", part)
    assert owner.post(URL, ordered).status_code == 400

    owner.post(f"{URL}/{pk}/credit-notes", {"reason": "the rest"})

    assert owner.post(URL, ordered).status_code == 201
    # One of nothing is not credited: it is the bill.
    free = bill(status="POSTED", test_order_id=8, items=[line(rate=0)])
    assert [owner.post(URL, free).status_code for _ in range(2)] == [201, 400]


def test_numbers_layout_and_bills_of_nothing(owner):
    said = {"invoice_prefix": "PATH", "voucher_layout": "COMPACT", "allow_zero": True}
    assert owner.patch(SETTINGS, said).status_code == 200

    dated = {"invoice_date": "2024-01-15T10:00:00", "status": "POSTED"}
    owner.post(URL, bill(**dated, items=TAXED))
    free = owner.post(URL, bill(**dated, items=[line(rate=0)])).json()["data"]

    assert balances() == {"1100-AR": "590.00", "4300-DIAGNOSTIC": "-590.00"}
    numbers = TestInvoice.objects.order_by("id").values_list("invoice_number", flat=True)
    assert list(numbers) == ["PATH/2324/000001", "PATH/2324/000002"]
    assert (free["status"], free["voucher_number"]) == ("POSTED", None)


@pytest.mark.parametrize(
    ("policy", "status", "word"),
    [("ADVANCE", 201, "PAID"), ("ALLOW", 201, "OVERPAID"), ("REJECT", 409, "UNPAID")],
)
def test_what_becomes_of_too_much_money(owner, policy, status, word):
    owner.patch(SETTINGS, {"overpay_policy": policy})
    pk = owner.post(URL, bill(status="POSTED")).json()["data"]["id"]

    assert pay(owner, pk, "500.01").status_code == status
    assert TestInvoice.objects.get().payment_status == word


def test_the_limit_of_rounding_is_the_laboratorys(owner):
    owner.patch(SETTINGS, {"roundoff_limit": "0.10"})

    assert owner.post(URL, bill(roundoff="0.11")).status_code == 400


def test_what_cannot_be_set_is_refused_and_nothing_changes(owner):
    for said, field in (
        ({"gstin": "27AAPFU0939F1ZX"}, "gstin"),
        ({"gstin": "27AAPFU0939F1ZV", "state_code": "29"}, "state_code"),
        ({"state_code": "2x"}, "state_code"),
        ({"invoice_prefix": "CN"}, "invoice_prefix"),
        ({"invoice_prefix": "LABOR"}, "invoice_prefix"),
        ({"voucher_layout": "PLAIN"}, "voucher_layout"),
        ({"roundoff_limit": "-1"}, "roundoff_limit"),
        ({"roundoff_limit": "100"}, "roundoff_limit"),
        ({"strict_gst": "perhaps"}, "strict_gst"),
    ):
        answer = owner.patch(SETTINGS, said | {"maker_checker": True})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert not LabSettings.objects.filter(maker_checker=True).exists()


def test_only_an_owner_changes_settings_locks_and_accounts(lab_api, owner):
    for answer in (
        lab_api.patch(SETTINGS, {"allow_zero": True}),
        lab_api.post(LOCKS, {"locked_upto": "2024-01-31", "reason": "filed"}),
        lab_api.post(ACCOUNTS, {"code": "1", "name": "X", "account_type": "ASSET"}),
    ):
        assert (answer.status_code, code_of(answer)) == (403, "insufficient_scope")
    assert {lab_api.get(path).status_code for path in (SETTINGS, LOCKS, ACCOUNTS)} == {200}
    owner.patch(SETTINGS, {"allow_zero": True})
    owner.patch(SETTINGS, {"allow_zero": True})
    [row] = History.objects.filter(kind="LABSETTINGS")
    assert (row.before, row.after) == ({"allow_zero": False}, {"allow_zero": True})


def test_a_period_is_locked_for_good(owner):
    said = {"locked_upto": "2024-01-31", "reason": "filed"}
    assert owner.post(LOCKS, said).status_code == 201

    late = owner.post(URL, bill(status="POSTED", invoice_date="2024-01-31T23:59:59"))
    earlier = owner.post(LOCKS, said | {"locked_upto": "2024-01-15"})
    ahead = owner.post(LOCKS, said | {"locked_upto": "2199-01-31"})

    assert [code_of(one) for one in (late, earlier, ahead)] == [
        "PERIOD_LOCKED",
        "PERIOD_LOCKED",
        "LOCK_NOT_PAST",
    ]
    assert (PeriodLock.objects.count(), TestInvoice.objects.count()) == (1, 0)
    [row] = owner.get(LOCKS).json()["data"]
    assert (row["locked_upto"], row["scope"], row["reason"]) == ("2024-01-31", "ALL", "filed")


def test_a_lock_of_taxes_lets_money_in(owner):
    dated = {"status": "POSTED", "invoice_date": "2024-01-15T10:00:00"}
    pk = owner.post(URL, bill(**dated)).json()["data"]["id"]
    owner.post(LOCKS, {"locked_upto": "2024-01-31", "scope": "TAX", "reason": "filed"})

    assert pay(owner, pk, "10.00", date="2024-01-20").status_code == 201
    assert code_of(owner.post(URL, bill(**dated))) == "PERIOD_LOCKED"


def test_another_account_plays_a_part_from_now_on(owner):
    owner.post(URL, bill(status="POSTED"))
    said = {"code": "4400", "name": "Radiology", "account_type": "REVENUE"}

    made = owner.post(ACCOUNTS, said | {"system_codes": ["TEST_REVENUE"]})

    assert made.json()["data"]["system_codes"] == ["TEST_REVENUE"]
    owner.post(URL, bill(status="POSTED"))
    assert balances() == {"1100-AR": "1000.00", "4300-DIAGNOSTIC": "-500.00", "4400": "-500.00"}
    page = f"{ACCOUNTS}/{made.json()['data']['id']}"
    assert owner.patch(page, {"is_active": False}).json()["data"]["is_active"] is False
    assert code_of(owner.post(URL, bill(status="POSTED"))) == "ACCOUNT_INACTIVE"
    assert {row["code"] for row in owner.get(ACCOUNTS).json()["data"]} == {
        *("1100-AR", "4300-DIAGNOSTIC", "4400")
    }


def test_revenue_goes_to_the_account_that_it_was_given_last_by_whatever_name(owner):
    owner.post(URL, bill(status="POSTED"))
    for code, name in (("4310", "DIAGNOSTIC"), ("4320", "TEST"), ("4330", "DIAGNOSTIC")):
        said = {"code": code, "name": code, "account_type": "REVENUE"}

        made = owner.post(ACCOUNTS, said | {"system_codes": [f"{name}_REVENUE"]}).json()["data"]

        assert made["system_codes"] == ["TEST_REVENUE"]
        pk = owner.post(URL, bill(status="POSTED")).json()["data"]["id"]
        voucher = TestInvoice.objects.get(pk=pk).voucher
        assert [row.account.code for row in voucher.lines.all()] == ["1100-AR", code]
        playing = [row["code"] for row in owner.get(ACCOUNTS).json()["data"] if row["system_codes"]]
        assert playing == ["1100-AR", code]
    mapped = History.objects.filter(action="mapped").order_by("id")
    codes = ("4300-DIAGNOSTIC", "4310", "4320", "4330")
    assert [(row.before, row.after) for row in mapped] == [
        ({"TEST_REVENUE": before}, {"TEST_REVENUE": after}) for before, after in pairwise(codes)
    ]


def test_an_account_that_cannot_be_is_refused(owner):
    for said, field in (
        ({"system_codes": ["CASH"]}, "system_codes"),
        ({"system_codes": ["PETTY"]}, "system_codes"),
        ({"account_type": "MAGIC"}, "account_type"),
        ({"name": ""}, "name"),
    ):
        whole = {"code": "4400", "name": "Radiology", "account_type": "REVENUE"} | said
        answer = owner.post(ACCOUNTS, whole)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert not Account.objects.exists()
