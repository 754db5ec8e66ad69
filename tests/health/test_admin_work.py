"""What finance staff do in the back office: many at once, line by line, and what they lead to."""

import json
from datetime import date, timedelta

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import reverse

from config.tenancy.models import Role
from health.models import (
    Account,
    CreditNote,
    History,
    LabSettings,
    Panel,
    Payment,
    TestInvoice,
    TestOrder,
    Voucher,
)
from tests.health.conftest import URL, bill, line
from tests.health.test_admin import page, signed_in
from tests.health.test_credit_notes import balances
from tests.health.test_money_over_rest import pay


@pytest.fixture
def accountant(lab):
    return signed_in(lab, Role.ACCOUNTANT, "asha")


@pytest.fixture
def owner(lab):
    return signed_in(lab, Role.OWNER, "omkar")


def made(api, **more) -> int:
    return api.post(URL, bill(**more)).json()["data"]["id"]


def act(browser, action: str, *pks: int, **more):
    said = {"action": action, ACTION_CHECKBOX_NAME: pks, **more}
    return browser.post(page("testinvoice_changelist"), said)


def at(pk: int, door: str, model: str = "testinvoice") -> str:
    return page(f"{model}_change", pk).removesuffix("change/") + f"{door}/"


def text(response) -> str:
    return response.content.decode()


def test_many_drafts_are_posted_after_one_question(accountant, lab_api):
    good, free, posted = (
        made(lab_api),
        made(lab_api, items=[line(rate=0)]),
        made(lab_api, status="POSTED"),
    )

    asked = text(act(accountant, "post_selected", good, free, posted))
    assert "Post 2 invoices" in asked
    assert "1 of your choice are left alone" in asked
    assert Voucher.objects.count() == 1

    told = text(act(accountant, "post_selected", good, free, confirmed="yes"))
    assert "Done: POSTED, UNPAID, ₹500.00 due." in told
    assert "An invoice of nothing is not posted" in told
    assert Voucher.objects.count() == 2


def test_what_is_owed_is_received_and_drafts_are_cancelled_with_a_reason(accountant, lab_api):
    one, other, draft = (
        made(lab_api, status="POSTED"),
        made(lab_api, status="POSTED"),
        made(lab_api),
    )
    pay(lab_api, one, "120.00")

    assert "₹880.00" in text(act(accountant, "pay_selected", one, other, draft))
    act(accountant, "pay_selected", one, other, draft, confirmed="yes", mode="CASH")
    assert "reason" in text(act(accountant, "cancel_selected", draft, confirmed="yes", reason=""))
    assert TestInvoice.objects.get(pk=draft).status == "DRAFT"
    act(accountant, "cancel_selected", draft, confirmed="yes", reason="typed twice")

    assert balances()["1010-CASH"] == "1000.00"
    assert TestInvoice.objects.filter(payment_status="PAID").count() == 2
    assert History.objects.get(object_id=draft, action="cancelled").reason == "typed twice"


def test_lines_are_credited_one_by_one(accountant, lab_api):
    items = [line(), line(line_no=2, test_name="MRI", rate=100)]
    pk = made(lab_api, status="POSTED", items=items)
    assert "at most 500.00" in text(accountant.get(at(pk, "credit-now")))

    said = {"reason": "less"}
    assert "less than or equal to 500.00" in text(
        accountant.post(at(pk, "credit-now"), said | {"line_1": "500.01"})
    )
    accountant.post(at(pk, "credit-now"), said | {"line_1": "200.00"})
    accountant.post(at(pk, "credit-now"), said)

    totals = [f"{note.total_amount}" for note in CreditNote.objects.order_by("id")]
    assert (totals, balances()) == (["200.00", "400.00"], {})


def test_a_clerk_sees_no_button_for_what_a_clerk_may_not_do(lab, lab_api):
    clerk, pk = signed_in(lab, Role.CLERK, "chitra"), made(lab_api, status="POSTED")

    shown = text(clerk.get(page("testinvoice_change", pk)))
    assert "record-payment" in shown
    assert "cancel-now" not in shown
    for door, said in (("cancel-now", {"reason": "x"}), ("credit-now", {"reason": "x"})):
        assert clerk.post(at(pk, door), said).status_code == 403
    act(clerk, "cancel_selected", pk, confirmed="yes", reason="x")
    assert act(clerk, "export_as_csv", pk)["Content-Type"].startswith("text/html")
    clerk.post(at(pk, "record-payment"), {"amount": "1", "mode": "CASH"})
    assert TestInvoice.objects.get().paid_amount == 1
    assert TestInvoice.objects.get().status == "POSTED"


def test_maker_and_checker_are_two(lab, lab_api):
    LabSettings.objects.create(tenant=lab, maker_checker=True)
    pk = made(lab_api)

    other = signed_in(lab, Role.ACCOUNTANT, "bela")
    other.post(at(pk, "post-now"))

    assert TestInvoice.objects.get().status == "POSTED"
    assert lab_api.post(URL, bill(status="POSTED")).json()["error"]["code"] == "SAME_MAKER"


def test_the_list_is_narrowed(accountant, aged):
    for query, found in (
        ("age=not+due", ["N-0"]),
        ("age=1-30", ["N-10"]),
        ("age=31-60", ["N-40"]),
        ("age=over+90", ["N-100"]),
        ("age=late", ["N-10", "N-100", "N-40"]),
        ("tag=vip", ["N-10"]),
        ("branch=7", ["N-40"]),
        ("branch=x", []),
        ("credited=yes", ["N-40"]),
        ("final_amount_from=100&final_amount_to=200.00", ["N-100", "N-40"]),
        ("final_amount_from=a+lot&age=1-30", ["N-10"]),
        ("patient_id=9", ["N-0"]),
        ("q=n-10", ["N-10", "N-100"]),
    ):
        listed = accountant.get(f"{page('testinvoice_changelist')}?{query}").context_data["cl"]
        assert sorted(row.invoice_number for row in listed.result_list) == found, query


@pytest.fixture
def aged(lab_api, lab) -> None:
    """Due today, and 10, 40 and 100 days ago; of 10.00 more for every 10 days."""
    more = {0: {"patient_id": 9}, 10: {"tags": ["vip"]}, 40: {"branch_id": 7}, 100: {}}
    for days, what in more.items():
        due = (date.today() - timedelta(days)).isoformat()
        dated = {"invoice_date": f"{due}T00:00:00", "due_date": due, "invoice_number": f"N-{days}"}
        items = [line(rate=100 + days)] if days > 10 else [line(rate=50)]
        pk = made(lab_api, status="POSTED", items=items, **dated, **what)
        if days == 40:
            part = {"reason": "less", "items": [{"line_no": 1, "taxable_amount": "1.00"}]}
            lab_api.post(f"{URL}/{pk}/credit-notes", part)
    made(lab_api, invoice_number="DRAFT-1", items=[line(rate=1)])


def test_the_first_page_says_how_the_laboratory_stands(accountant, aged, lab_api):
    [pk] = TestInvoice.objects.filter(invoice_number="N-10").values_list("pk", flat=True)
    pay(lab_api, pk, "20", "CASH")
    pay(lab_api, pk, "20", "UPI")

    shown = accountant.get(reverse("admin:index")).context_data["panels"]

    [tiles] = [panel["tiles"] for panel in shown if panel["title"] == "Laboratory"]
    # 30.00 of N-10, 139.00 of N-40 and 200.00 of N-100.
    assert [(tile.label, tile.figure, tile.note) for tile in tiles] == [
        ("drafts to post", "1", ""),
        ("overdue", "3", "₹369.00"),
        ("received today", "₹20.00", ""),
        ("payments to confirm", "1", ""),
    ]
    assert [accountant.get(tile.link).status_code for tile in tiles] == [200] * 4


def test_lists_leave_the_house_harmless_and_only_for_whom_may(lab, lab_api):
    auditor = signed_in(lab, Role.AUDITOR, "anand")
    pk = made(lab_api, patient_name="=cmd()", status="POSTED")

    csv = b"".join(act(auditor, "export_as_csv", pk)).decode().splitlines()
    [row] = json.loads(b"".join(act(auditor, "export_as_json", pk)))

    assert csv[0].startswith("id,invoice_number,local_date,due_date")
    assert ",'=cmd()," in csv[1]
    assert (row["patient_name"], row["final_amount"]) == ("=cmd()", 500)


def test_a_voucher_is_a_t_and_leads_to_its_document(accountant, lab_api):
    pk = made(lab_api, status="POSTED")
    lab_api.post(f"{URL}/{pk}/credit-notes", {"reason": "not taken"})
    payment = pay(lab_api, made(lab_api, status="POSTED"), "600").json()["data"]["id"]
    back = {"amount": "100", "payment_mode": "CASH", "reason": "too much"}
    lab_api.post(f"/api/v1/health/payments/{payment}/refund", back)

    leads = {
        voucher.voucher_type.code: text(accountant.get(page("voucher_change", voucher.pk)))
        for voucher in Voucher.objects.select_related("voucher_type")
    }

    assert page("testinvoice_change", pk) in leads["CREDIT_NOTE"]
    assert page("payment_change", payment) in leads["PAYMENT"]
    assert page("account_change", Account.objects.get(code="1010-CASH").pk) in leads["RECEIPT"]
    for side in ("Debit", "Credit", "✓ balanced"):
        assert side in leads["SALES"]
    account = text(accountant.get(page("account_change", Account.objects.get(code="1100-AR").pk)))
    assert page("voucher_change", Voucher.objects.order_by("id").first().pk) in account


def test_a_payment_is_confirmed_released_and_given_back(accountant, lab_api):
    pk = made(lab_api, status="POSTED")
    payment = pay(lab_api, pk, "500", "UPI").json()["data"]["id"]

    accountant.post(at(payment, "confirm-now", "payment"))
    assert TestInvoice.objects.get().payment_status == "PAID"
    accountant.post(at(payment, "release-now", "payment"), {"invoice": pk, "amount": "200"})
    given = {"amount": "200.00", "mode": "CASH", "reason": "asked for it"}
    accountant.post(at(payment, "refund-now", "payment"), given)

    row = Payment.objects.get()
    assert (row.allocated_amount, row.refunded_amount) == (300, 200)
    refused = accountant.post(
        at(payment, "reverse-now", "payment"), {"reason": "bounced"}, follow=True
    )
    assert "partly refunded" in text(refused)


def test_an_advance_is_spent_on_a_bill_of_the_same_patient(accountant, lab_api):
    first, second, other = (
        made(lab_api, status="POSTED", patient_id=patient) for patient in (7, 7, 8)
    )
    payment = pay(lab_api, first, "600").json()["data"]["id"]
    door = at(payment, "spend-now", "payment")

    offered = accountant.get(door).context_data["form"].fields["invoice"].queryset
    assert [invoice.pk for invoice in offered] == [second]
    refused = accountant.post(door, {"invoice": other, "amount": "10"})
    assert "Select a valid choice" in text(refused)
    accountant.post(door, {"invoice": second, "amount": "100.00"})

    paid = TestInvoice.objects.order_by("pk").values_list("paid_amount", flat=True)
    assert list(paid) == [500, 100, 0]


def test_masters_are_written_down_with_who_did_it(accountant, lab):
    said = {"reference": 7, "is_active": "on", "name": "X", "price": "10.00", "sac": "999316"}
    taxed = {"supply_type": "TAXABLE", "gst_rate": "18"}
    test = page("labtest_add")
    assert "Exempt and nil-rated" in text(
        accountant.post(test, said | {"supply_type": "EXEMPT", "gst_rate": "18"})
    )
    accountant.post(test, said | taxed)
    accountant.post(page("panel_add"), said | taxed | {"tests": [1]})
    accountant.post(page("testorder_add"), {"reference": 9, "is_active": "on", "number": "ORD-9"})

    assert Panel.objects.get().tests.count() == 1
    assert TestOrder.objects.get().number == "ORD-9"
    kinds = History.objects.order_by("id").values_list("kind", "action", "actor")
    assert list(kinds) == [(k, "created", "user:asha") for k in ("LABTEST", "PANEL", "TESTORDER")]
    assert accountant.get(page("testorder_changelist") + "?q=ord").status_code == 200


def test_the_owner_sets_up_and_sees_what_it_does(owner, accountant, lab):
    said = {"invoice_prefix": "PATH", "voucher_layout": "COMPACT", "discount_mode": "PRE_TAX"}
    said |= {"overpay_policy": "REJECT", "roundoff_limit": "0.50", "gstin": "", "state_code": ""}
    assert accountant.post(page("labsettings_add"), said).status_code == 403
    assert owner.post(page("labsettings_add"), said).status_code == 302
    shown = text(owner.get(page("labsettings_change", LabSettings.objects.get().pk)))
    assert "PATH/" in shown
    assert "taxes are booked as revenue" in shown

    account = {"code": "4400", "name": "Radiology", "account_type": "REVENUE"}
    assert "also called DIAGNOSTIC_REVENUE" in text(owner.get(page("account_add")))
    wrong = owner.post(page("account_add"), account | {"system_codes": ["CASH"]})
    assert "Not for an account of this type" in text(wrong)
    owner.post(page("account_add"), account | {"system_codes": ["TEST_REVENUE"]})
    assert Account.objects.get().mappings.get().system_code == "TEST_REVENUE"
    assert {row.kind for row in History.objects.all()} == {"LABSETTINGS", "ACCOUNT"}


def test_a_lock_ahead_of_time_is_refused_in_words(owner, lab):
    said = {"locked_upto": "2199-01-01", "scope": "ALL", "reason": "a slip"}

    answer = owner.post(page("periodlock_add"), said, follow=True)

    assert "closed up to a day that has passed" in text(answer)
