"""What the doors of the laboratory say where nothing is to be found, asked or done."""

from datetime import date

from config.tenancy.models import Role
from config.tenancy.roles import permissions_for
from health.models import TestInvoice
from tests.health.conftest import API, URL, bill, line

STRICT = {"Prefer": "handling=strict"}


def test_an_unknown_path_is_answered_in_the_envelope(lab_api):
    for path in (f"{URL}/abc", f"{API}/nothing", f"{API}/reports/nothing", "/api/v1/auth/nothing"):
        answer = lab_api.get(path)
        body = answer.json()
        assert (answer.status_code, body["success"], body["errors"][0]["code"]) == (
            404, False, "not_found",
        ), path  # fmt: skip
    assert "detail" in lab_api.get("/api/v1/nothing").json()


def test_integrity_is_recomputed_for_whoever_may_verify(lab, lab_api, lab_owner):
    refused = lab_api.get(f"{API}/reports/integrity")

    assert (refused.status_code, refused.json()["error"]["required"]) == (403, "health:verify")
    assert lab_owner.get(f"{API}/reports/integrity").status_code == 200
    assert [
        "health:verify" in permissions_for(role) for role in (Role.VIEWER, Role.CLERK, Role.AUDITOR)
    ] == [False, False, True]


def test_reports_obey_strict_handling_as_lists_do(lab_api):
    for path in ("reports/bills?status=POSTED", "reports/bills?date_from=2024-01-01&format=json"):
        assert lab_api.get(f"{API}/{path}", headers=STRICT).status_code == 200, path
    lab_api.post(URL, bill(status="POSTED", patient_id=7))
    for path in ("reports/bills?statuss=POSTED", "statements/7?statuss=POSTED"):
        refused = lab_api.get(f"{API}/{path}", headers=STRICT)
        told = refused.json()["errors"][0]
        assert (refused.status_code, told["field"]) == (400, "statuss"), path
        assert told["code"] == "unknown_parameter"
        assert lab_api.get(f"{API}/{path}").status_code == 200


def test_ordering_by_what_is_no_column_is_an_invalid_filter(lab_api):
    refused = lab_api.get(f"{URL}?ordering=-id,colour")

    told = refused.json()["errors"][0]
    assert (refused.status_code, told["field"], told["code"]) == (400, "ordering", "INVALID_FILTER")
    assert told["message_ar"]
    assert lab_api.get(f"{URL}?ordering=-final_amount,id").status_code == 200


def test_null_of_an_optional_field_is_as_if_it_were_left_out(lab_api):
    said = line(disc_amount=None, sac=None, remarks=None, cgst_rate=None)
    whole = bill(
        items=[said], notes=None, tags=None, status=None, invoice_number=None, roundoff=None
    )
    made = lab_api.post(URL, whole)
    assert made.status_code == 201, made.content
    at = f"{URL}/{made.json()['data']['id']}"
    assert made.json()["data"]["status"] == "DRAFT"

    assert lab_api.put(at, {"notes": "kept", "due_date": "2099-01-01"}).status_code == 200
    assert lab_api.put(at, {"notes": None, "due_date": None}).status_code == 200
    kept = TestInvoice.objects.get()
    assert (kept.notes, kept.due_date) == ("kept", None)
    assert lab_api.put(at, {"status": "POSTED", "due_date": None}).status_code == 200
    paid = {"amount": 100, "payment_mode": "CASH", "date": None, "reference": None}
    money = lab_api.post(f"{at}/payments", paid).json()["data"]
    assert date.fromisoformat(money["date"])
    release = {"invoice_id": kept.pk, "amount": None}
    assert lab_api.post(f"{API}/payments/{money['id']}/release", release).status_code == 200
    cancel = {"reason": "x", "date": None, "release_payments": None}
    assert lab_api.post(f"{at}/cancel", cancel).status_code == 200
    for wrong in (bill(items=None), bill(items=[line(line_no=None)])):
        assert lab_api.post(URL, wrong).status_code == 400


def test_a_batch_of_which_nothing_was_made_is_no_success(lab_api):
    wrong = bill(items=[line(rate=None)])

    for items, expected in (([wrong, wrong], False), ([wrong, bill()], True)):
        answer = lab_api.post(f"{URL}/batch", {"items": items, "atomic": False})
        assert (answer.status_code, answer.json()["success"]) == (207, expected)


def test_every_code_of_a_line_has_its_page(lab_api):
    off = bill(items=[line(total_amount="1")], final_amount="7")

    told = lab_api.post(URL, off).json()["errors"]

    assert {"TOTALS_MISMATCH", "LINE_MISMATCH"} <= {one["code"] for one in told}
    for code in [*(one["code"] for one in told), "ROUNDOFF_TOO_LARGE", "UNKNOWN_REFERENCE"]:
        page = lab_api.get(f"/api/errors/{code}").json()
        assert (page["code"], page["status"]) == (code, 400)
        assert all((page["message"], page["message_ar"]))


def test_a_posted_bill_cannot_be_due_before_it_is_dated(lab_api):
    pk = lab_api.post(URL, bill(status="POSTED")).json()["data"]["id"]

    refused = lab_api.put(f"{URL}/{pk}", {"due_date": "2000-01-01"})

    told = refused.json()
    assert (refused.status_code, told["message"]) == (400, "It cannot be due before it is dated.")
    assert told["errors"][0]["field"] == "due_date"


def test_warnings_of_money_and_of_a_late_cancel_speak_arabic(lab_api):
    taxed = [line(rate="300000", cgst_rate=9, sgst_rate=9)]
    said = bill(status="POSTED", invoice_date="2024-01-15T10:00:00", items=taxed)
    pk = lab_api.post(URL, said).json()["data"]["id"]
    cash = {"amount": "200000", "payment_mode": "CASH"}
    paid = lab_api.post(f"{URL}/{pk}/payments", cash).json()["data"]["warnings"]
    cancel = {"reason": "x", "release_payments": True}
    late = lab_api.post(f"{URL}/{pk}/cancel", cancel).json()["data"]["warnings"]

    warned = {one["code"]: one["message_ar"] for one in (*paid, *late)}
    assert {"CASH_LIMIT", "CANCELLED_AFTER_ITS_MONTH"} <= warned.keys()
    assert all(warned.values())
    assert "القيمة غير صالحة." not in warned.values()
