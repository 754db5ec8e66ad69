import pytest
from django.db import connection
from rest_framework.test import APIClient

from tests.config.edge.probe import Probe


@pytest.fixture(autouse=True)
def _probe_routes(settings):
    settings.ROOT_URLCONF = "tests.config.edge.urls"


@pytest.fixture(scope="session")
def _probe_table(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Probe)
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(Probe)


@pytest.fixture
def probes(_probe_table, db):
    """The table of the probe API, empty."""
    return Probe.objects


@pytest.fixture
def api() -> APIClient:
    """A client that sees a 500 as its body, as a caller would."""
    return APIClient(raise_request_exception=False)
