"""Patients, tests, panels and orders: written down, found, changed, picked in a bill."""

import pytest

from health.models import Account, History, LabTest, Patient, TestInvoice
from health.services.accounts import add_account, change_account
from health.services.history import Who
from health.services.masters import change_master
from tests.conftest import client_of
from tests.health.conftest import URL, bill

BASE = "/api/v1/health"
GSTIN = "27AAPFU0939F1ZV"


@pytest.fixture
def written(lab_api) -> dict[str, int]:
    """A patient 45, an exempt and a taxed test, a panel of both, an order 123 of the patient."""
    said = {
        "patients": {"reference": 45, "name": "John Doe", "phone": "9876543210", "gstin": GSTIN},
        "tests": {"reference": 10, "name": "Blood Test", "price": "500.00"},
        "panels": {"reference": 5, "name": "Research", "price": "1000", "tests": [10]},
        "testorders": {"reference": 123, "number": "ORD-1", "patient_id": 45},
    }
    said["panels"] |= {"supply_type": "TAXABLE", "gst_rate": 18, "sac": "998113"}
    answers = {name: lab_api.post(f"{BASE}/{name}", body) for name, body in said.items()}
    assert {answer.status_code for answer in answers.values()} == {201}
    return {name: answer.json()["data"]["id"] for name, answer in answers.items()}


def codes(response) -> list[tuple[str, str]]:
    return [(error["code"], error["field"]) for error in response.json()["errors"]]


def test_a_bill_says_no_more_than_what_it_picks(lab_api, written):
    lines = [{"line_no": 1, "test_id": 10}, {"line_no": 2, "panel_id": 5}]

    created = lab_api.post(URL, {"test_order_id": 123, "items": lines}).json()["data"]

    data = lab_api.get(f"{URL}/{created['id']}").json()["data"]
    assert (data["patient_id"], data["patient_name"]) == (45, "John Doe")
    assert (data["patient_phone"], data["recipient_gstin"]) == ("9876543210", GSTIN)
    assert data["order"] == {"id": 123, "test_order_number": "ORD-1", "status": ""}
    picked = [(item["test_name"] or item["panel_name"], item["rate"]) for item in data["items"]]
    assert picked == [("Blood Test", 500), ("Research", 1000)]
    assert [item["cgst_amount"] for item in data["items"]] == [0, 90]
    assert (data["items"][1]["sac"], data["final_amount"]) == ("998113", 1680)
    assert [warning["code"] for warning in created["warnings"]] == ["SUPPLIER_GSTIN_MISSING"]


def test_outside_the_state_the_panel_bears_igst(lab_api, written):
    assert lab_api.patch(f"{BASE}/settings", {"gstin": GSTIN}).status_code == 403
    owner = client_of(TestInvoice(tenant_id=Patient.objects.get().tenant_id).tenant)
    assert owner.patch(f"{BASE}/settings", {"gstin": GSTIN}).status_code == 200
    said = {"patient_id": 45, "place_of_supply": "29", "items": [{"line_no": 1, "panel_id": 5}]}

    [item] = lab_api.post(f"{URL}/quote", said).json()["data"]["items"]

    assert (item["igst_amount"], item["cgst_amount"], item["total_amount"]) == (180, 0, 1180)


def test_where_nobody_has_said_where_the_laboratory_is_nothing_is_outside_of_it(lab_api, written):
    said = bill(place_of_supply="29", items=[{"line_no": 1, "panel_id": 5}])

    answer = lab_api.post(URL, said)

    assert answer.status_code == 201, answer.content
    invoice = TestInvoice.objects.get()
    assert (invoice.cgst_amount, invoice.sgst_amount, invoice.igst_amount) == (90, 90, 0)


def test_what_the_bill_says_itself_stands(lab_api, written):
    line = {"line_no": 1, "panel_id": 5, "panel_name": "Agreed", "rate": 700}
    said = bill(patient_id=45, patient_name="Jane Roe", items=[line])

    data = lab_api.post(URL, said).json()["data"]

    invoice = TestInvoice.objects.get()
    assert (invoice.patient_name, invoice.final_amount) == ("Jane Roe", 700)
    assert [warning["code"] for warning in data["warnings"]] == ["PATIENT_DIFFERS"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"patient_id": 46, "items": [{"line_no": 1, "test_id": 10}]}, "patient_name"),
        ({"patient_id": 45, "items": [{"line_no": 1, "test_id": 11}]}, "items[0].rate"),
    ],
)
def test_what_is_written_down_nowhere_must_be_said(lab_api, written, said, field):
    answer = lab_api.post(URL, said)

    assert (answer.status_code, codes(answer)) == (400, [("required", field)])
    assert not TestInvoice.objects.exists()


def test_masters_are_changed_searched_and_switched_off(lab_api, written):
    test = f"{BASE}/tests/{written['tests']}"

    assert lab_api.patch(test, {"price": "550.00", "is_active": False}).status_code == 200

    assert lab_api.get(test).json()["data"]["price"] == 550
    found = lab_api.get(f"{BASE}/tests", {"search": "blood", "is_active": "false"}).json()
    assert (found["message"], found["total"]) == ("Tests retrieved successfully", 1)
    assert lab_api.get(f"{BASE}/testorders", {"patient_id": 45}).json()["total"] == 1
    assert lab_api.get(f"{BASE}/patients", {"search": "98765"}).json()["total"] == 1
    last = History.objects.filter(kind="LABTEST").last()
    assert (last.action, last.before["price"], last.after["price"]) == (
        "changed",
        "500.00",
        "550.00",
    )
    billed = lab_api.post(URL, bill(items=[{"line_no": 1, "test_id": 10}])).json()["data"]
    assert [warning["code"] for warning in billed["warnings"]] == ["INACTIVE_REFERENCE"]


def test_what_cannot_be_is_refused_with_its_field(lab_api, written):
    for path, said, field in (
        ("tests", {"reference": 10, "name": "Twice", "price": 1}, "reference"),
        ("tests", {"reference": 11, "name": "X", "price": "1.001"}, "price"),
        ("tests", {"reference": 11, "name": "X", "price": 1, "gst_rate": 18}, "gst_rate"),
        ("tests", {"reference": 11, "name": "X"}, "price"),
        ("patients", {"reference": 46, "name": "X", "gstin": "27AAPFU0939F1ZX"}, "gstin"),
        ("panels", {"reference": 6, "name": "X", "price": 1, "tests": [99]}, "tests"),
        ("testorders", {"reference": 124, "number": "X", "patient_id": 99}, "patient_id"),
    ):
        answer = lab_api.post(f"{BASE}/{path}", said)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"].split("[")[0] == field, said
    assert LabTest.objects.count() == 1


def test_another_tenant_picks_none_of_them(lab_api, written, najd):
    stranger = client_of(najd, "health:read", "health:write")

    assert stranger.get(f"{BASE}/tests").json()["total"] == 0
    said = {"reference": 1, "name": "X", "price": 1, "tests": [10]}
    assert stranger.post(f"{BASE}/panels", said).status_code == 400
    bare = {"patient_id": 45, "items": [{"line_no": 1, "test_id": 10}]}
    assert stranger.post(URL, bare).status_code == 400


def test_two_who_change_different_things_keep_both(lab, written):
    """Each has read the row before the other wrote it."""
    who = Who("omkar")
    code = add_account(lab, who, code="4400", name="Scans", account_type="REVENUE").code
    accounts = [Account.objects.get(code=code) for _ in range(2)]
    patients = [Patient.objects.get() for _ in range(2)]

    change_account(accounts[0], who, name="Radiology")
    change_account(accounts[1], who, is_active=False)
    change_master(patients[0], {"phone": "9876500000"}, who)
    change_master(patients[1], {"name": "John Roe"}, who)

    account, patient = Account.objects.get(code=code), Patient.objects.get()
    assert (account.name, account.is_active) == ("Radiology", False)
    assert (patient.name, patient.phone) == ("John Roe", "9876500000")
    assert patient.updated_at > patients[0].created_at
