"""Another tenant's id is a 404, everywhere, with the body of an id that does not exist.

The matrix is made from the URL conf: a new route with an id is in it, or fails here until it is.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from config.admin import TenantModelAdmin
from config.tenancy.models import ApiKey, Role, Tenant
from config.tenancy.services import grant_role
from health.models import Account, LabTest, Mode, Panel, Patient, TestOrder
from health.services.crediting import credit_invoice
from health.services.history import Who
from health.services.invoices import create_invoice
from health.services.masters import add_master
from health.services.payments import receive
from integrations.models import (
    IMSEnvironment,
    IMSInvoice,
    IMSPolicy,
    Source,
    TritonTransaction,
)
from invoicing.models import Invoice
from invoicing.services.bulk import zip_chosen
from invoicing.services.directory import add_buyer, add_product
from tests.conftest import client_of
from tests.invoicing.arranged import World, arranged
from tests.invoicing.payloads import simplified, standard
from tests.invoicing.traces import URL, everything

METHODS = ("get", "post", "put", "patch", "delete")
NO_GUID = "99999999-9999-4999-8999-999999999999"
ABSENT = {
    "pk": 999_999_999,
    "invoice_number": "NO-SUCH",
    "name": "NO-SUCH",
    "source": "triton",
    "policy_number": "NO-SUCH",
    "quote_id": NO_GUID,
}
PUBLIC = {"login", "refresh", "error-codes", "error-code", "schema", "docs", "healthz", "readyz"}
# Named, but by a name that is the same for all: what it shows is asked in tests/health.
NAMED = {"health-report"}


def api_routes() -> Iterator[URLPattern]:
    """Every named route of the API in the documents' spelling."""

    def walk(patterns, prefix: str) -> Iterator[tuple[str, URLPattern]]:
        for entry in patterns:
            spelled = prefix + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from walk(entry.url_patterns, spelled)
            elif spelled.startswith("api/") and entry.name and not spelled.endswith("/"):
                yield spelled, entry

    for spelled, entry in walk(get_resolver().url_patterns, ""):
        entry.spelled = spelled
        yield entry


ROUTES = list(api_routes())
WITH_ID = [r for r in ROUTES if "<" in r.spelled and r.name not in PUBLIC | NAMED]


def address(route: URLPattern, values: dict) -> str:
    return "/" + re.sub(r"<\w+:(\w+)>", lambda found: str(values[found[1]]), route.spelled)


def owner_of(route: URLPattern) -> str:
    """The word of the route that says whose ids it takes."""
    words = (
        route.spelled.removeprefix("api/").removeprefix("v1/").removeprefix("health/").split("/")
    )
    return words[0]


@arranged
def theirs(world: World) -> dict[str, dict]:
    """The ids of Hijaz, by the word of the route that says what they are of."""
    hijaz, foreign_unit = world.hijaz, world.foreign_unit
    world.zatca.control.script("H-1", delivery=1, fault="error_503_before")
    world.foreign_api.post(URL, simplified("H-1"))
    invoice = {"pk": Invoice.objects.get(tenant=hijaz).pk, "invoice_number": "H-1"}
    return {
        "invoices": invoice,
        "api-keys": {"pk": ApiKey.objects.get(tenant=hijaz).pk},
        "egs-units": {"pk": foreign_unit.pk},
        "jobs": {"pk": zip_chosen(tenant=hijaz, ids=[invoice["pk"]], actor="tests").pk},
        "buyers": {"pk": add_buyer(tenant=hijaz, name="Theirs").pk},
        "products": {"pk": add_product(tenant=hijaz, name="Theirs", unit_price="1").pk},
        **laboratory(hijaz),
        **policies(hijaz),
    }


def laboratory(tenant: Tenant) -> dict[str, dict]:
    """A bill, a payment for it, and a credit note."""
    line = {"line_no": 1, "test_name": "Blood Test", "rate": Decimal(500)}
    said = {"patient_name": "Theirs", "patient_id": 9, "status": "POSTED", "items": [line]}
    bill = create_invoice(tenant, said, Who("tests"))
    paid = receive(
        tenant=tenant,
        invoice_id=bill.pk,
        amount=Decimal(1),
        mode=Mode.CASH,
        day=bill.local_date,
        actor="tests",
    )
    masters = {
        f"{word}s": {"pk": add_master(kind, tenant, {"reference": 1, **said}, Who("tests")).pk}
        for word, kind, said in (
            ("patient", Patient, {"name": "Theirs"}),
            ("test", LabTest, {"name": "Theirs", "price": Decimal(1)}),
            ("panel", Panel, {"name": "Theirs", "price": Decimal(1)}),
            ("testorder", TestOrder, {"number": "Theirs"}),
        )
    }
    account = Account.objects.filter(tenant=tenant).first()
    assert account is not None
    note = credit_invoice(
        tenant, bill.pk, reason="tests", on=bill.local_date, actor="tests", lines={1: Decimal(1)}
    )
    return {
        "testinvoices": {"pk": bill.pk},
        "payments": {"pk": paid.pk},
        "credit-notes": {"pk": note.pk},
        "statements": {"pk": 9},
        "accounts": {"pk": account.pk},
        **masters,
    }


def policies(tenant: Tenant) -> dict[str, dict]:
    """A bound policy with its invoice, as a run of its transaction leaves them."""
    quote, now = "11111111-1111-4111-8111-111111111111", timezone.now()
    environment = IMSEnvironment.objects.create(
        tenant=tenant, name="theirs", base_url="http://127.0.0.1:1/ims/", user_name="theirs"
    )
    source = Source.objects.create(tenant=tenant, name="triton", environment=environment)
    policy = IMSPolicy.objects.create(
        tenant=tenant, source=source, policy_number="H-POL", quote_guid=quote, bound_at=now
    )
    row = TritonTransaction.objects.create(
        tenant=tenant, source=source, policy=policy, transaction_id="H-TX", kind="bind",
        status="completed", transaction_date=now, fingerprint="0", actor="tests",
    )  # fmt: skip
    IMSInvoice.objects.create(
        tenant=tenant, policy=policy, transaction=row, quote_guid=quote, status="found",
        invoice_number="286201", ims_invoice_num=286201, retrieved_at=now,
    )  # fmt: skip
    named = {"name": "H-TX", "source": "triton"}
    invoice = {"policy_number": "H-POL", "quote_id": quote}
    return {"triton": named, "sources": named, "transaction": named, "invoice": invoice}


def same(response) -> tuple:
    """Everything of an answer that a caller can see, but for the ids of the two requests."""
    body = re.sub(rb"req_[0-9a-f]{32}", b"", response.content)
    headers = {key: value for key, value in response.headers.items() if key != "X-Request-ID"}
    return response.status_code, body, headers


def test_the_matrix_covers_the_routes_with_an_id():
    assert {route.name for route in WITH_ID} >= {
        "invoice", "invoice-retry", "invoice-own-logs", "invoice-timeline", "invoice-xml",
        "invoice-qr", "invoice-status", "api-key", "egs-unit", "egs-unit-onboard",
        "egs-unit-certificate", "egs-unit-renew", "egs-unit-revoke", "egs-unit-pause",
        "egs-unit-resume", "reconciliation", "finding-explain",
        "invoice-email", "job", "job-file", "job-cancel", "test-invoice", "test-invoice-voucher",
        "test-invoice-payments", "test-invoice-credit-notes", "payment-refund", "payment-release",
        "patient", "lab-test", "panel", "test-order", "account",
        "triton-transaction", "source-transaction", "transaction", "policy-invoice-latest",
        "policy-invoice-pdf", "quote-invoice-latest",
    }  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("route", WITH_ID, ids=lambda route: route.name)
def test_a_foreign_id_answers_as_an_absent_one(api, theirs, zatca, route, method):
    ids = theirs[owner_of(route)]
    before = everything(zatca)

    foreign = getattr(api, method)(address(route, ids))
    absent = getattr(api, method)(address(route, ABSENT))

    assert same(foreign) == same(absent)
    view = route.callback.cls
    assert foreign.status_code == (404 if hasattr(view, method) else 405)
    codes = ("not_found", "method_not_allowed", "INVOICE_NOT_FOUND")
    assert foreign.json()["error"]["code"] in codes
    assert everything(zatca) == before


@pytest.mark.parametrize("role", Role.values)
def test_no_role_of_a_person_sees_more(client, najd, theirs, role):
    amal = User.objects.create_user("amal", is_staff=True)
    grant_role(user=amal, tenant=najd, role=role)
    client.force_login(amal)

    for route in WITH_ID:
        ids = theirs[owner_of(route)]
        foreign, absent = (client.get(address(route, values)) for values in (ids, ABSENT))
        assert same(foreign) == same(absent), route.name
        assert foreign.status_code in (403, 404, 405), route.name


def test_a_key_that_may_not_write_learns_nothing_by_trying(najd, theirs):
    reader = client_of(najd, "invoices:read")

    answers = [reader.post(f"{URL}/{pk}/retry") for pk in (theirs["invoices"]["pk"], 999_999_999)]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert same(answers[0]) == same(answers[1])


@pytest.mark.parametrize("path", ["invoices", "invoices/logs", "api-keys", "egs-units"])
def test_lists_hold_and_count_own_rows_only(api, unit, theirs, path):
    api.post(URL, standard())

    body = api.get(f"/api/v1/{path}").json()

    [rows] = [value for value in body.values() if isinstance(value, list)]
    assert len(rows) == body.get("total", 1) == 1
    assert "H-1" not in str(body)


@pytest.mark.parametrize(
    "query", ["invoice_number=H-1", "status=FAILED", "error_code=zatca_unavailable"]
)
def test_no_filter_reaches_over_the_wall(api, unit, theirs, query):
    api.post(URL, standard())
    assert api.get(f"{URL}?{query}").json()["invoices"] == []


def test_an_idempotency_key_of_another_tenant_is_another_key(api, foreign_api, unit, foreign_unit):
    same_key = {"Idempotency-Key": "k-1"}
    ours = api.post(URL, simplified("A-1"), headers=same_key)
    theirs = foreign_api.post(URL, simplified("A-1"), headers=same_key)

    assert (ours.status_code, theirs.status_code) == (201, 201)
    assert ours.json()["id"] != theirs.json()["id"]
    assert "Idempotent-Replayed" not in theirs


def test_a_unit_of_another_tenant_cannot_be_named(api, unit, foreign_unit, zatca):
    foreign_unit.name = "theirs"
    foreign_unit.save()
    before = everything(zatca)

    response = api.post(URL, simplified(egs_unit="theirs"))

    assert (response.status_code, response.json()["error"]["param"]) == (400, "egs_unit")
    assert everything(zatca) == before


def test_every_page_of_the_admin_is_a_404_with_a_foreign_id(client, najd, hijaz, theirs):
    client.force_login(User.objects.create_superuser("root"))
    client.post("/admin/tenancy/tenant/switch/", {"tenant": najd.pk})
    looked_at = []
    for model, page in site._registry.items():
        if not isinstance(page, TenantModelAdmin):
            continue
        foreign = model._default_manager.filter(**{page.tenant_path: hijaz}).first()
        if foreign is None:
            continue
        looked_at.append(model.__name__)
        home = f"/admin/{model._meta.app_label}/{model._meta.model_name}/{foreign.pk}"
        for action in ("change", "history", "delete"):
            response = client.get(f"{home}/{action}/")
            assert response.status_code in (403, 404), f"{model.__name__} {action}"
            assert str(foreign) not in response.content.decode()
    assert "ApiKey" in looked_at
