"""The document says what the routes do: its examples have the shape of real answers."""

from io import StringIO

import pytest
import yaml
from django.core.management import call_command

from config.tenancy import examples
from config.tenancy.services import grant_role

pytestmark = pytest.mark.urls("tests.config.tenancy.urls")


@pytest.fixture(scope="module")
def document() -> dict:
    out = StringIO()
    call_command(
        "spectacular", "--validate", "--fail-on-warn", urlconf="config.tenancy.urls", stdout=out
    )
    return yaml.safe_load(out.getvalue())


def shape(value):
    """Names all the way down; what a list holds is judged by its first entry."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else None


def example(known, status):
    return next(shape(each.value) for each in known if each.status_codes == [status])


def test_the_documents_spelling_is_published_once(document):
    assert list(document["paths"]) == [
        "/api-keys",
        "/api-keys/{id}",
        "/auth/login",
        "/auth/refresh",
        "/tenant",
    ]


def test_the_three_ways_in_are_offered_in_order(document):
    assert document["paths"]["/tenant"]["get"]["security"] == [
        {"apiKey": []},
        {"bearer": []},
        {"session": []},
    ]
    assert document["components"]["securitySchemes"]["apiKey"]["name"] == "X-API-Key"
    assert "security" not in document["paths"]["/auth/login"]["post"]


def test_login_answers_as_its_examples_say(api, clerk, hijaz):
    signed_in = {"username": "amal", "password": "long-enough-to-keep"}
    tokens = api.post("/api/v1/auth/login", signed_in).json()
    assert shape(tokens) == example(examples.LOGIN, "200")
    renewed = api.post("/api/v1/auth/refresh", {"refresh": tokens["data"]["refresh"]})
    assert shape(renewed.json()) == example(examples.REFRESH, "200")
    grant_role(user=clerk.user, tenant=hijaz, role="viewer")
    choose = api.post("/api/v1/auth/login", signed_in).json()
    assert shape(choose) == example(examples.LOGIN, "400")


def test_tenant_and_keys_answer_as_their_examples_say(api, najd_key):
    api.credentials(HTTP_X_API_KEY=najd_key)
    new = {"name": "Branch 3", "scopes": ["invoices:read"]}
    issued = api.post("/api/v1/api-keys", new).json()
    assert shape(issued) == example(examples.NEW_API_KEY, "201")
    listed = api.get("/api/v1/api-keys").json()
    assert shape(listed) == example(examples.API_KEYS, "200")
    assert shape(api.get("/api/v1/tenant").json()) == example(examples.TENANT, "200")
