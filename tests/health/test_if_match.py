"""`If-Match` guards every change of a bill; nothing is done to a version that nobody read."""

import pytest

from health.models import History, TestInvoice, Voucher
from tests.health.conftest import URL, bill, line

DOORS = [
    ("delete", "", None),
    ("put", "", {"notes": "x"}),
    ("patch", "", {"status": "POSTED"}),
    ("post", "/post", None),
    ("post", "/cancel", {"reason": "twice"}),
]


@pytest.mark.parametrize(("method", "path", "said"), DOORS)
def test_another_version_than_was_read_is_left_alone(lab_api, method, path, said):
    pk = lab_api.post(URL, bill()).json()["data"]["id"]
    assert lab_api.put(f"{URL}/{pk}", {"items": [line(rate=900)]})["ETag"] == '"2"'
    changed, at = getattr(lab_api, method), f"{URL}/{pk}{path}"
    events = History.objects.count()

    stale = changed(at, said, headers={"If-Match": '"1"'})

    assert (stale.status_code, stale.json()["error"]["code"]) == (412, "STALE_VERSION")
    kept = TestInvoice.objects.get(pk=pk)
    assert (kept.version, kept.status, kept.is_deleted) == (2, "DRAFT", False)
    assert (Voucher.objects.count(), History.objects.count()) == (0, events)
    assert changed(at, said, headers={"If-Match": "two"}).status_code == 400
    assert changed(at, said, headers={"If-Match": '"2"'}).status_code == 200


def test_what_was_posted_or_cancelled_is_not_what_was_read(lab_api):
    pk = lab_api.post(URL, bill(status="POSTED")).json()["data"]["id"]
    early = {"headers": {"If-Match": '"1"'}}

    assert lab_api.post(f"{URL}/{pk}/post", **early).status_code == 412
    assert lab_api.post(f"{URL}/{pk}/cancel", {"reason": "x"}).status_code == 200
    assert lab_api.post(f"{URL}/{pk}/cancel", {"reason": "x"}, **early).status_code == 412
    assert lab_api.post(f"{URL}/{pk}/cancel", {"reason": "x"}).status_code == 200
