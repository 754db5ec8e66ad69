"""What an invoice may become, and what may change on the way (health.md section 4)."""

from datetime import timedelta

import pytest

from health import ledger
from health.models import History, LabSettings, TestInvoice, TestInvoiceItem, Voucher
from health.services.days import today
from tests.health.conftest import URL, bill, line


def made(api, **more) -> int:
    return api.post(URL, bill(**more)).json()["data"]["id"]


def code_of(response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_a_put_to_posted_makes_the_voucher_and_again_changes_nothing(lab_api):
    pk = made(lab_api)

    assert lab_api.put(f"{URL}/{pk}", {"status": "POSTED"}).status_code == 200
    assert lab_api.put(f"{URL}/{pk}", {"status": "POSTED"}).status_code == 200
    assert lab_api.post(f"{URL}/{pk}/post").status_code == 200

    assert Voucher.objects.count() == 1
    assert lab_api.get(f"{URL}/{pk}/voucher").json()["data"][0]["lines"][0]["debit"] == 500


@pytest.mark.parametrize(
    ("status", "change", "code"),
    [
        ("POSTED", {"items": [line(rate=1)]}, "DOCUMENT_IMMUTABLE"),
        ("POSTED", {"patient_name": "Somebody Else"}, "DOCUMENT_IMMUTABLE"),
        ("POSTED", {"invoice_date": "2024-01-16T10:00:00"}, "DOCUMENT_IMMUTABLE"),
        ("POSTED", {"due_date": "2000-01-01", "branch_id": 3}, "DOCUMENT_IMMUTABLE"),
        ("POSTED", {"status": "DRAFT"}, "ILLEGAL_TRANSITION"),
        ("CANCELLED", {"due_date": "2099-01-01"}, "DOCUMENT_IMMUTABLE"),
        ("CANCELLED", {"status": "POSTED"}, "ILLEGAL_TRANSITION"),
        ("CANCELLED", {"status": "DRAFT"}, "ILLEGAL_TRANSITION"),
    ],
)
def test_what_was_posted_stays_as_it_was(lab_api, status, change, code):
    pk = made(lab_api, status="POSTED")
    if status == "CANCELLED":
        lab_api.post(f"{URL}/{pk}/cancel", {"reason": "twice"})
    before = TestInvoice.objects.values().get(pk=pk)

    response = lab_api.put(f"{URL}/{pk}", change)

    assert code_of(response) == (409, code)
    assert TestInvoice.objects.values().get(pk=pk) == before


def test_notes_tags_and_the_due_date_of_a_posted_one_go_on(lab_api):
    pk = made(lab_api, status="POSTED", invoice_date="2024-01-15T10:00:00")
    said = {"notes": "Called", "tags": ["late"], "due_date": "2024-03-01"}

    assert lab_api.put(f"{URL}/{pk}", said).status_code == 200

    last = History.objects.order_by("-id").first()
    assert (last.action, last.before["notes"], last.after["notes"]) == ("changed", "", "Called")


def test_new_lines_of_a_draft_replace_the_old_and_its_sums(lab_api):
    pk = made(lab_api)
    new = [
        line(rate=200),
        line(line_no=2, test_id=None, test_name="", panel_name="Lipids", rate=50),
    ]

    assert lab_api.put(f"{URL}/{pk}", {"items": new}).status_code == 200

    body = lab_api.get(f"{URL}/{pk}").json()["data"]
    assert (body["final_amount"], len(body["items"])) == (250, 2)
    assert TestInvoiceItem.objects.count() == 2


def test_the_history_keeps_the_lines_that_a_draft_lost(lab_api):
    pk = made(lab_api, items=[line(rate=500, cgst_rate=9, sgst_rate=9)])
    new = [line(rate=200, remarks="fasting"), line(line_no=2, rate=50)]

    lab_api.put(f"{URL}/{pk}", {"items": new})
    lab_api.put(f"{URL}/{pk}", {"items": new, "notes": "Called"})
    lab_api.put(f"{URL}/{pk}", {"discount_mode": "PRE_TAX", "overall_disc_amount": 25})

    told = lab_api.get(f"{URL}/{pk}/history").json()["data"]
    lost, same, shared = [(row["before"], row["after"]) for row in told if row["before"]]
    [old] = lost[0]["items"]
    assert (old["test_name"], old["rate"], old["cgst_rate"]) == ("Blood Test", "500.00", "9.000")
    assert (old["cgst_amount"], old["total_amount"]) == ("45.00", "590.00")
    became = [(row["line_no"], row["rate"], row["remarks"]) for row in lost[1]["items"]]
    assert became == [(1, "200.00", "fasting"), (2, "50.00", "")]
    assert "items" not in same[0].keys() | same[1].keys()
    taxable = [[row["taxable_amount"] for row in side["items"]] for side in shared]
    assert taxable == [["200.00", "50.00"], ["180.00", "45.00"]]


def test_who_read_an_older_version_is_told(lab_api):
    pk = made(lab_api)
    seen = lab_api.get(f"{URL}/{pk}")["ETag"]
    lab_api.put(f"{URL}/{pk}", {"notes": "first"})

    late = lab_api.put(f"{URL}/{pk}", {"notes": "second"}, HTTP_IF_MATCH=seen)

    assert code_of(late) == (412, "STALE_VERSION")
    assert TestInvoice.objects.get().notes == "first"


def test_a_number_is_used_once_and_one_without_gets_the_next(lab_api):
    first = lab_api.post(URL, bill(invoice_date="2026-11-26T09:00:00")).json()["data"]
    again = lab_api.post(URL, bill(invoice_number=first["invoice_number"]))

    assert first["invoice_number"] == "LAB/2627/000001"
    assert code_of(again) == (409, "DUPLICATE_INVOICE_NUMBER")
    assert TestInvoice.objects.count() == 1


def test_a_draft_is_put_away_and_a_posted_one_is_not(lab_api):
    draft, posted = made(lab_api), made(lab_api, status="POSTED")

    assert lab_api.delete(f"{URL}/{draft}").status_code == 200
    assert lab_api.get(f"{URL}/{draft}").status_code == 404
    assert code_of(lab_api.delete(f"{URL}/{posted}")) == (409, "DOCUMENT_IMMUTABLE")


def test_whoever_wrote_it_may_not_post_it_where_two_are_asked_for(lab_api, lab):
    LabSettings.objects.create(tenant=lab, maker_checker=True)
    pk = made(lab_api)

    assert code_of(lab_api.post(f"{URL}/{pk}/post")) == (409, "SAME_MAKER")
    assert not Voucher.objects.exists()


def test_a_batch_is_all_or_none_or_each_for_itself(lab_api):
    good, bad = bill(status="POSTED"), bill(final_amount=1)

    whole = lab_api.post(f"{URL}/batch", {"items": [good, bad]})
    assert (whole.status_code, TestInvoice.objects.count()) == (400, 0)
    assert whole.json()["error"]["param"].startswith("items[1].")

    each = lab_api.post(f"{URL}/batch", {"items": [good, bad, good], "atomic": False})
    assert each.status_code == 207
    assert [one["success"] for one in each.json()["data"]] == [True, False, True]
    assert TestInvoice.objects.count() == Voucher.objects.count() == 2


def test_nothing_is_left_of_an_invoice_whose_voucher_fails(lab_api, monkeypatch):
    def fails(*args, **kwargs):
        raise OSError("the disk is gone")

    monkeypatch.setattr(ledger, "_seal", fails)

    assert lab_api.post(URL, bill(status="POSTED")).status_code == 500
    assert not TestInvoice.objects.exists()
    assert not Voucher.objects.exists()
    assert not History.objects.exists()


def test_a_note_on_a_draft_changes_nothing_else_of_it(lab_api):
    pk = made(lab_api, supply_type="NIL", overall_disc_amount="10.00")
    before = lab_api.get(f"{URL}/{pk}").json()["data"]

    lab_api.put(f"{URL}/{pk}", {"notes": "fasting"})

    after = lab_api.get(f"{URL}/{pk}").json()["data"]
    moved = {name for name in before if before[name] != after[name]}
    assert moved <= {"notes", "version", "updated_at"}


def test_a_new_percentage_brings_its_own_amount(lab_api):
    pk = made(lab_api, overall_disc_percentage=10)

    assert lab_api.put(f"{URL}/{pk}", {"overall_disc_percentage": 20}).status_code == 200

    assert lab_api.get(f"{URL}/{pk}").json()["data"]["final_amount"] == 400


def test_a_draft_is_due_by_the_day_of_the_laboratory(lab_api):
    """02:00 on the 16th in Kolkata is still the 15th in UTC."""
    pk = made(lab_api, invoice_date="2024-01-16T02:00:00")

    answer = lab_api.put(f"{URL}/{pk}", {"due_date": "2024-01-15"})

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "due_date")


def test_a_bill_without_a_date_is_of_today_and_due_no_earlier(lab, lab_api):
    yesterday = str(today(lab) - timedelta(1))

    for path in (URL, f"{URL}/quote"):
        answer = lab_api.post(path, bill(due_date=yesterday))
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, "due_date")
    assert not TestInvoice.objects.exists()
    assert lab_api.post(URL, bill(due_date=str(today(lab)))).status_code == 201


def test_a_taxed_bill_that_is_cancelled_after_its_month_is_told_of(lab_api, lab):
    LabSettings.objects.create(tenant=lab, gstin="27AAPFU0939F1ZV")
    dated = {"status": "POSTED", "invoice_date": "2024-01-15T10:00:00"}
    taxed = {"items": [line(cgst_rate=9, sgst_rate=9)]}

    told = [
        lab_api.post(f"{URL}/{made(lab_api, **dated, **more)}/cancel", {"reason": "x", "date": day})
        for more, day in ((taxed, "2024-02-01"), (taxed, "2024-01-31"), ({}, "2024-02-01"))
    ]

    codes = [[w["code"] for w in one.json()["data"]["warnings"]] for one in told]
    assert codes == [["CANCELLED_AFTER_ITS_MONTH"], [], []]
