"""A field that means nothing here is ignored, and the answer says so, at every door."""

from tests.health.conftest import API, URL, bill, line

EXTRA = {"surprise": 1}
MONEY = {"amount": "100", "payment_mode": "CASH"}


def told(answer) -> list[str]:
    """The fields that the answer warns of; those of a bill or a receipt stand with it."""
    assert answer.status_code in (200, 201, 202), answer.content
    body = answer.json()
    data = body.get("data")
    inside = data.get("warnings", []) if isinstance(data, dict) else []
    warnings = [one for one in body.get("warnings", inside) if one["code"] == "UNKNOWN_FIELD"]
    assert all(one["message"] and one["message_ar"] for one in warnings)
    return [one["field"] for one in warnings]


def test_bills_and_money_tell_what_was_not_known(lab_api):
    odd = bill(items=[line(**EXTRA)], **EXTRA)
    made = lab_api.post(URL, odd)
    at = f"{URL}/{made.json()['data']['id']}"
    many = {"items": [odd], **EXTRA}

    assert (
        told(made) == told(lab_api.post(f"{URL}/quote", odd)) == ["surprise", "items[0].surprise"]
    )
    for atomic in (True, False):
        batch = lab_api.post(f"{URL}/batch", many | {"atomic": atomic})
        assert told(batch) == ["surprise"]
        of_item = batch.json()["data"][0]["warnings"]
        assert [one["field"] for one in of_item] == ["surprise", "items[0].surprise"]
    items = {"items": [line(rate=600, **EXTRA)]}
    assert told(lab_api.put(at, items)) == ["items[0].surprise"]
    assert told(lab_api.patch(at, {"status": "POSTED", **EXTRA})) == ["surprise"]
    assert "warnings" not in lab_api.patch(at, {"notes": "x"}).json()

    paid = lab_api.post(f"{at}/payments", MONEY | EXTRA)
    money = f"{API}/payments/{paid.json()['data']['id']}"
    pk = int(at.rpartition("/")[2])
    assert told(paid) == ["surprise"]
    assert told(lab_api.post(f"{money}/release", {"invoice_id": pk, **EXTRA})) == ["surprise"]
    spent = {"invoice_id": pk, "amount": 40, **EXTRA}
    assert told(lab_api.post(f"{money}/allocate", spent)) == ["surprise"]
    back = {"amount": "60", "payment_mode": "CASH", "reason": "x", **EXTRA}
    assert told(lab_api.post(f"{money}/refund", back)) == ["surprise"]
    part = {"reason": "x", "items": [{"line_no": 1, "taxable_amount": 5, **EXTRA}]}
    assert told(lab_api.post(f"{at}/credit-notes", part)) == ["items[0].surprise"]


def test_masters_and_settings_tell_it_too(lab_owner):
    patient = {"reference": 7, "name": "Asha", **EXTRA}
    made = lab_owner.post(f"{API}/patients", patient)
    at = f"{API}/patients/{made.json()['data']['id']}"
    lock = {"locked_upto": "2024-01-31", "reason": "closed", **EXTRA}
    account = {"code": "1011-TILL", "name": "Till", "account_type": "ASSET", **EXTRA}

    for answer in (
        made,
        lab_owner.patch(at, {"phone": "9876543210", **EXTRA}),
        lab_owner.patch(f"{API}/settings", EXTRA),
        lab_owner.post(f"{API}/period-locks", lock),
        lab_owner.post(f"{API}/accounts", account),
    ):
        assert told(answer) == ["surprise"]
    assert "warnings" not in lab_owner.get(at).json()
