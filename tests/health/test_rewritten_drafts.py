"""What of a draft is not said anew stays: percentage, kind of supply; and masters are picked."""

import pytest

from tests.health.conftest import URL, line
from tests.health.test_life import made
from tests.health.test_masters import BASE

NEW = [line(rate=200), line(line_no=2, test_id=None, test_name="", panel_name="Lipids", rate=100)]


def read(api, pk: int) -> dict:
    return api.get(f"{URL}/{pk}").json()["data"]


@pytest.mark.parametrize(
    ("was", "said", "percentage", "amount"),
    [
        ({"overall_disc_percentage": 10}, {}, 10, 30),
        ({"overall_disc_percentage": 10}, {"overall_disc_percentage": 20}, 20, 60),
        ({"overall_disc_percentage": 10}, {"overall_disc_percentage": 0}, 0, 0),
        ({"overall_disc_percentage": 10}, {"overall_disc_amount": "25.00"}, 0, 25),
        (
            {"overall_disc_percentage": 10},
            {"overall_disc_percentage": 10, "overall_disc_amount": "30.00"},
            10,
            30,
        ),
        ({"overall_disc_amount": "25.00"}, {}, 0, 25),
        ({"overall_disc_amount": "25.00"}, {"overall_disc_amount": 0}, 0, 0),
    ],
)
@pytest.mark.parametrize("mode", ["POST_TAX", "PRE_TAX"])
def test_new_lines_keep_the_discount_on_the_whole(lab_api, mode, was, said, percentage, amount):
    pk = made(lab_api, discount_mode=mode, **was)

    assert lab_api.put(f"{URL}/{pk}", {"items": NEW, **said}).status_code == 200

    data = read(lab_api, pk)
    told = (data["overall_disc_percentage"], data["overall_disc_amount"], data["final_amount"])
    assert told == (percentage, amount, 300 - amount)


def test_an_amount_is_agreed_instead_of_a_percentage(lab_api):
    pk = made(lab_api, overall_disc_percentage=10)

    assert lab_api.put(f"{URL}/{pk}", {"overall_disc_amount": "20.00"}).status_code == 200

    data = read(lab_api, pk)
    assert (data["overall_disc_percentage"], data["final_amount"]) == (0, 480)


def test_new_lines_keep_the_kind_of_supply_that_was_said(lab_api):
    nil, followed = made(lab_api, supply_type="NIL"), made(lab_api)
    taxed = [line(cgst_rate=9, sgst_rate=9)]

    assert lab_api.put(f"{URL}/{nil}", {"items": NEW}).status_code == 200
    assert lab_api.put(f"{URL}/{followed}", {"items": taxed}).status_code == 200
    refused = lab_api.put(f"{URL}/{nil}", {"items": taxed})

    assert read(lab_api, nil)["supply_type"] == "NIL"
    assert read(lab_api, followed)["supply_type"] == "TAXABLE"
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "supply_type")


def test_the_place_of_supply_is_taken_away_again(lab_api):
    pk = made(lab_api, place_of_supply="29")

    assert lab_api.put(f"{URL}/{pk}", {"place_of_supply": ""}).status_code == 200

    assert read(lab_api, pk)["place_of_supply"] == ""


def test_an_order_brings_its_patient_as_when_the_bill_was_new(lab_api):
    known = {"reference": 45, "name": "John Doe", "phone": "9876543210"}
    lab_api.post(f"{BASE}/patients", known)
    lab_api.post(f"{BASE}/testorders", {"reference": 123, "number": "O", "patient_id": 45})
    pk = made(lab_api)

    assert lab_api.put(f"{URL}/{pk}", {"test_order_id": 123}).status_code == 200

    data = read(lab_api, pk)
    assert (data["patient_id"], data["patient_phone"]) == (45, "9876543210")
    found = lab_api.get(URL, {"patient_phone": "+91 98765 43210"}).json()
    assert [row["id"] for row in found["data"]] == [pk]
