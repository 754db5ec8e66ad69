"""A stand-in authority on a real socket, and units that were onboarded with it."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from config.tenancy.models import Tenant
from invoicing.models import EGSUnit
from invoicing.sandbox import StandIn
from invoicing.services.onboarding import (
    adopt_csid,
    compliance_documents,
    register_unit,
)
from invoicing.zatca.client import Client
from invoicing.zatca.csr import CSRSubject, build_csr
from invoicing.zatca.environments import Environment
from invoicing.zatca.hashing import FIRST_PIH
from invoicing.zatca.sealing import seal
from invoicing.zatca.signing import (
    Certificate,
    LocalSigner,
    generate_private_key,
    private_key_pem,
)
from tests.conftest import HIJAZ_VAT, NAJD_VAT, client_of, client_with
from tests.invoicing.arranged import STAGE, World, makes_of, sandbox_at, side_by_side
from tests.kept import Kept, keep

UNIT = {
    "organization_name": "شركة نجد للتجارة | Najd Trading",
    "organization_unit": "Riyadh",
    "id_number": "1010010000",
    "street": "طريق الملك فهد | King Fahd Road",
    "building_number": "2322",
    "district": "العليا | Olaya",
    "city": "الرياض | Riyadh",
    "postal_code": "12214",
    "business_category": "Trade",
}


@pytest.fixture(scope="session")
def stand_in() -> Iterator[StandIn]:
    """One authority for the whole run, as in life."""
    with StandIn(None) as running:
        yield running


@pytest.fixture
def zatca(stand_in, settings) -> StandIn:
    """The authority with no faults, and no books but what was arranged; the sandbox is it."""
    STAGE.open_books(stand_in)
    settings.ZATCA_URLS = sandbox_at(stand_in)
    return stand_in


# --- What was arranged (tests/invoicing/arranged.py) ---------------------------------------------


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = side_by_side(items)


@pytest.fixture(autouse=True)
def _stage(request) -> None:
    makes = makes_of(request.node)
    if makes:
        names = ("stand_in", "_tenants", "_units")
        world = World(*(request.getfixturevalue(name) for name in names))
        STAGE.enter(makes, world, request.getfixturevalue("django_db_blocker"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None):
    try:
        return (yield)
    finally:
        if nextitem is None or makes_of(nextitem) != STAGE.makes:
            STAGE.leave()


@pytest.fixture
def api(najd) -> APIClient:
    return client_with(STAGE.keys[najd.pk]) if najd.pk in STAGE.keys else client_of(najd)


@pytest.fixture
def foreign_api(hijaz) -> APIClient:
    return client_with(STAGE.keys[hijaz.pk]) if hijaz.pk in STAGE.keys else client_of(hijaz)


@pytest.fixture(scope="session")
def csid(stand_in) -> Callable[[str], SimpleNamespace]:
    """A production CSID for a VAT number, got once by the whole dance over the wire."""
    known: dict[str, SimpleNamespace] = {}

    def get(vat_number: str) -> SimpleNamespace:
        if vat_number not in known:
            known[vat_number] = _onboard(stand_in, vat_number)
        return known[vat_number]

    return get


def _onboard(stand_in: StandIn, vat_number: str) -> SimpleNamespace:
    client = Client(stand_in.base_url("SANDBOX"))
    key = generate_private_key()
    subject = CSRSubject(
        common_name=f"TST-{vat_number}",
        serial_number="1-Daftar|2-1|3-tests",
        vat_number=vat_number,
        # Eleventh digit 1: a VAT group, whose units name their member.
        organization_unit=vat_number[:10] if vat_number[10] == "1" else "Riyadh",
        organization="Najd Trading",
        registered_address="Riyadh",
        business_category="Trade",
    )
    compliance = client.compliance_csid(build_csr(subject, key, Environment.SANDBOX), "123456")
    certificate, pih = Certificate.from_token(compliance.token), FIRST_PIH
    unit = EGSUnit(vat_number=vat_number, **UNIT)
    for icv, document in enumerate(compliance_documents(unit), start=1):
        sealed = seal(
            document,
            icv=icv,
            pih=pih,
            signer=LocalSigner(key),
            certificate=certificate,
            signed_at=_now(),
        )
        pih = sealed.invoice_hash
        assert client.check_compliance(compliance.credentials, sealed).http_status == 200
    production = client.production_csid(compliance.credentials, compliance.request_id)
    return SimpleNamespace(
        key=private_key_pem(key), token=production.token, secret=production.secret
    )


def _now():
    from django.utils import timezone

    return timezone.now()


def make_unit(tenant: Tenant, csid, name: str = "till-1", **columns) -> EGSUnit:
    """A unit of the tenant that may seal."""
    unit = register_unit(tenant=tenant, name=name, **{**UNIT, **columns})
    credentials = csid(tenant.vat_number)
    adopt_csid(
        unit,
        certificate=credentials.token,
        private_key=credentials.key,
        secret=credentials.secret,
        by="tests",
    )
    return unit


@pytest.fixture(scope="session")
def _units(_tenants, csid, django_db_blocker) -> dict[str, Kept]:
    with django_db_blocker.unblock():
        return {
            NAJD_VAT: _unit_of(_tenants[NAJD_VAT], csid),
            HIJAZ_VAT: _unit_of(_tenants[HIJAZ_VAT], csid, id_number="4030000001"),
        }


def _unit_of(tenant: Kept, csid, **columns) -> Kept:
    """The rows of the unit alone: the tenant's are written by whoever asks for the tenant."""
    with transaction.atomic():
        [written] = tenant.write()
        kept = keep(lambda: make_unit(written, csid, **columns))
        transaction.set_rollback(True)
    return kept


def _written(unit: Kept, tenant: Tenant) -> EGSUnit:
    found = unit.write()[0]
    found.tenant = tenant
    return found


@pytest.fixture
def unit(najd, _units, zatca) -> EGSUnit:
    return _written(_units[NAJD_VAT], najd)


@pytest.fixture
def foreign_unit(hijaz, _units, zatca) -> EGSUnit:
    return _written(_units[HIJAZ_VAT], hijaz)


__all__ = ["HIJAZ_VAT", "NAJD_VAT"]
