"""What every test may use. Najd trades; Hijaz is somebody else, and must never see it."""

import gc
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management.commands import flush
from django.db import connection
from rest_framework.test import APIClient

from config.db.triggers import drop_triggers, install_triggers
from config.tenancy.models import Tenant
from config.tenancy.services import create_tenant, issue_api_key
from tests.kept import Kept, keep
from tests.smtp import Post
from tests.watch import Watch

ROOT = Path(__file__).resolve().parent.parent
# A run makes millions of short-lived objects; looking for cycles among them takes a tenth of it.
gc.set_threshold(50_000, 20, 50)
NAJD_VAT, HIJAZ_VAT = "399999999900003", "310122393500003"


@pytest.fixture(scope="session")
def reference() -> Path:
    """The official material, beside the checkout; tests that need it are skipped without it."""
    folder = Path(os.environ.get("DAFTAR_REFERENCE", ROOT.parent / "shared"))
    if not (folder / "zatca").is_dir():
        reason = "the reference material is not there (DAFTAR_REFERENCE)"
        if os.environ.get("REQUIRE_REFERENCE") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(scope="session", autouse=True)
def _static_files_on_demand() -> None:
    """Else every client that a test makes looks through all static files first."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session", autouse=True)
def _a_flush_makes_no_permissions() -> Iterator[None]:
    """After every wipe Django would make all content types and permissions again: half a second."""
    with patch.object(flush, "emit_post_migrate_signal", _forget_content_types):
        yield


def _forget_content_types(*_: object, **__: object) -> None:
    ContentType.objects.clear_cache()


@pytest.fixture
def committed(transactional_db):
    """Real commits, for threads, processes and races; everything is wiped afterwards.

    Wiping means DELETE and TRUNCATE, which our triggers exist to refuse.
    """
    install_triggers()
    yield
    drop_triggers()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Unmanaged models, which Django's flush does not know.
            cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@pytest.fixture(scope="session")
def _tenants(django_db_setup, django_db_blocker) -> dict[str, Kept]:
    names = {NAJD_VAT: "شركة نجد للتجارة | Najd Trading", HIJAZ_VAT: "Hijaz"}
    with django_db_blocker.unblock():
        return {
            vat_number: keep(
                partial(
                    create_tenant, company_name=name, environment="SANDBOX", vat_number=vat_number
                )
            )
            for vat_number, name in names.items()
        }


@pytest.fixture
def najd(db, _tenants) -> Tenant:
    return _tenants[NAJD_VAT].write()[0]


@pytest.fixture
def hijaz(db, _tenants) -> Tenant:
    return _tenants[HIJAZ_VAT].write()[0]


def client_of(tenant: Tenant, *scopes: str) -> APIClient:
    """A program of the tenant with an API key of its own."""
    _, text = issue_api_key(tenant=tenant, name="test", scopes=scopes or ["admin"])
    return client_with(text)


def client_with(key: str) -> APIClient:
    return APIClient(headers={"X-API-Key": key}, raise_request_exception=False)


@pytest.fixture
def api(najd) -> APIClient:
    return client_of(najd)


@pytest.fixture
def foreign_api(hijaz) -> APIClient:
    return client_of(hijaz)


@pytest.fixture(scope="session")
def _post_office() -> Iterator[Post]:
    office = Post()
    yield office
    office.stop()


@pytest.fixture
def post_office(_post_office, settings) -> Post:
    """A mail server on a socket, with an empty desk and no fault; ours is set to it."""
    _post_office.reset()
    settings.MAIL = _post_office.server
    return _post_office


# --- No secret in any log line or response of the whole run (tests/watch.py) ---------------------


@pytest.fixture(scope="session", autouse=True)
def watch() -> Iterator[Watch]:
    """Fails the run, at its end, for every secret that was seen where it must not be."""
    with Watch().keeping() as watch:
        yield watch
    assert watch.found == []
