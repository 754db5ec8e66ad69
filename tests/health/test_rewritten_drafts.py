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


@pytest.mark.parametrize(
    ("was", "said", "refused_at"),
    [
        # Of the old line of 500 these are true; of the new one of 600 they are not.
        ({}, {"final_amount": 500}, "final_amount"),
        ({}, {"subtotal_amount": 500}, "subtotal_amount"),
        ({"supply_type": "EXEMPT"}, {"supply_type": "EXEMPT"}, "supply_type"),
        (
            {"overall_disc_percentage": 10},
            {"overall_disc_percentage": 10, "overall_disc_amount": 50},
            "overall_disc_amount",
        ),
    ],
)
def test_what_is_said_with_new_lines_is_judged_even_where_it_was_said_before(
    lab_api, was, said, refused_at
):
    pk = made(lab_api, **was)
    new = [line(rate=600, **({"cgst_rate": 9, "sgst_rate": 9} if "supply_type" in said else {}))]

    refused = lab_api.put(f"{URL}/{pk}", {"items": new, **said})

    assert refused.status_code == 400
    assert refused_at in [error["field"] for error in refused.json()["errors"]]
    data = read(lab_api, pk)
    assert (data["subtotal_amount"], data["version"]) == (500, 1)


def test_what_is_said_with_new_lines_counts_even_where_it_is_what_it_was(lab_api):
    rounded = made(lab_api, roundoff="0.40", items=[line(rate="499.60")])
    agreed = made(lab_api, overall_disc_percentage=10)
    new = {"items": [line(rate="300.60")], "roundoff": "0.40"}

    assert lab_api.put(f"{URL}/{rounded}", new | {"final_amount": "301.00"}).status_code == 200
    new = {"items": [line(rate=600)], "overall_disc_amount": 50}
    assert lab_api.put(f"{URL}/{agreed}", new).status_code == 200

    data = read(lab_api, rounded)
    assert (data["roundoff"], data["final_amount"]) == (0.4, 301)
    data = read(lab_api, agreed)
    assert (data["overall_disc_percentage"], data["final_amount"]) == (0, 550)


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
