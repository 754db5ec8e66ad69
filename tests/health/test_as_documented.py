"""What the laboratory answers is what docs/openapi.yaml says, to the key, refusals included."""

import pytest

from config.tenancy.models import Tenant
from tests.conftest import client_of
from tests.documented import documented
from tests.health.conftest import API, URL, bill, line, live_a_year, sample_of


@pytest.fixture
def walker(lab_owner):
    return documented(lab_owner)


def kept(answer) -> int:
    assert answer.status_code == 201, answer.content
    return answer.json()["data"]["id"]


def test_a_year_of_bills_and_money(walker, reference):
    live_a_year(walker, sample_of(reference))
    taxed = [line(cgst_rate=9, sgst_rate=9, disc_percentage=5)]
    said = bill(status="POSTED", patient_id=7, patient_phone="12", items=taxed, odd=1)
    first, draft = kept(walker.post(URL, said)), kept(walker.post(URL, bill()))
    at = f"{URL}/{first}"
    walker.post(f"{URL}/quote", said)
    for atomic in (True, False):
        walker.post(f"{URL}/batch", {"items": [bill(), bill(items=[])], "atomic": atomic})
        walker.post(f"{URL}/batch", {"items": [bill()], "atomic": atomic})

    upi = {"amount": 100, "payment_mode": "UPI"}
    waits, failed = (kept(walker.post(f"{at}/payments", upi)) for _ in range(2))
    walker.post(f"{API}/payments/{waits}/confirm")
    walker.post(f"{API}/payments/{failed}/fail", {"reason": "x"})
    walker.post(f"{API}/payments/{waits}/release", {"invoice_id": first})
    walker.post(f"{API}/payments/{waits}/allocate", {"invoice_id": first, "amount": 50})
    walker.post(f"{API}/payments/{waits}/reverse", {"reason": "x"})
    note = kept(walker.post(f"{at}/credit-notes", {"reason": "x"}))
    walker.put(f"{URL}/{draft}", {"patient_email": "a@example.com"})
    walker.put(f"{URL}/{draft}", {"notes": "x"}, headers={"If-Match": '"1"'})
    walker.post(f"{URL}/{draft}/post")
    walker.post(f"{URL}/{draft}/email", {})
    walker.post(f"{URL}/{draft}/cancel", {"reason": "x"})
    walker.post(f"{URL}/{draft}/cancel", {})
    walker.delete(f"{URL}/{draft}")

    for pk in (first, draft):
        for part in ("", "?include_barcode=true", "/voucher", "/history", "/payments", "/email"):
            assert walker.get(f"{URL}/{pk}{part}").status_code == 200, part
    walker.get(f"{at}/credit-notes")
    walker.get(f"{at}/pdf")
    walker.get(f"{API}/credit-notes/{note}/pdf")
    for query in ("", "include_items=true", "status=DRAFT&status=POSTED,CANCELLED", "page=99"):
        assert walker.get(f"{URL}?{query}").status_code == 200, query
    for query in ("status=GONE", "page=0", "ordering=colour", "min_amount=1e3"):
        assert walker.get(f"{URL}?{query}").status_code == 400, query
    for name in ("trial-balance", "bills", "ageing", "gst-summary", "integrity"):
        assert walker.get(f"{API}/reports/{name}").status_code == 200, name
    walker.get(f"{API}/reports/bills?format=csv")
    walker.get(f"{API}/statements/7")


def test_masters_books_and_refusals(walker, lab):
    patient = kept(walker.post(f"{API}/patients", {"reference": 7, "name": "Asha"}))
    walker.patch(f"{API}/patients/{patient}", {"email": "a@example.com", "state_code": "27"})
    test = {"reference": 10, "name": "Sugar", "price": "120.00"}
    for kind, more in (("tests", {}), ("panels", {"tests": [10]})):
        pk = kept(walker.post(f"{API}/{kind}", test | more))
        walker.get(f"{API}/{kind}/{pk}")
        walker.get(f"{API}/{kind}")
    order = {"reference": 3, "number": "TO-3", "patient_id": 7}
    kept(walker.post(f"{API}/testorders", order))
    for path in ("patients", f"patients/{patient}", "testorders", "settings", "accounts"):
        assert walker.get(f"{API}/{path}").status_code == 200, path
    account = {"code": "7000", "name": "Till", "account_type": "ASSET"}
    pk = kept(walker.post(f"{API}/accounts", account))
    walker.post(f"{API}/accounts", account)
    walker.patch(f"{API}/accounts/{pk}", {"is_active": False})
    walker.patch(f"{API}/settings", {"strict_gst": True, "gstin": "wrong"})
    walker.post(f"{API}/period-locks", {"locked_upto": "2024-01-31", "reason": "x", "scope": "TAX"})
    walker.get(f"{API}/period-locks")
    early = bill(status="POSTED", invoice_date="2024-01-15T10:00:00")
    assert walker.post(URL, early).status_code == 409
    assert walker.post(URL, {"items": [{}]}).status_code == 400
    assert walker.get(f"{URL}/987654").status_code == 404

    reader = documented(client_of(lab, "health:read"))
    for refused in (reader.post(URL, bill()), reader.get(f"{API}/reports/integrity")):
        assert refused.status_code == 403
    assert (
        documented(client_of(Tenant.objects.get(pk=lab.pk), "invoices:read")).get(URL).status_code
        == 403
    )
