"""The OpenAPI document says what the site does, in the documents' spelling (contracts 3, 12)."""

import io
import json
import re

import pytest
from django.core.management import call_command

from tests.invoicing.test_routes import TABLE

DOCUMENTED = {
    "/api/v1/invoices": {"get", "post"},
    "/api/v1/invoices/{id}": {"get"},
    "/api/v1/invoices/{invoice_number}/status": {"get"},
    "/api/v1/invoices/{id}/retry": {"post"},
}


@pytest.fixture(scope="module")
def schema() -> dict:
    """The document, made as `manage.py spectacular` makes it; a warning would raise."""
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--format=openapi-json", stdout=out)
    return json.loads(out.getvalue())


def methods(schema: dict, path: str) -> set[str]:
    return set(schema["paths"][path]) & {"get", "post", "put", "patch", "delete"}


def named(path: str) -> str:
    """A path without the names of its parameters, which the documents spell in their own way."""
    return re.sub(r"\{\w+\}", "{}", path)


def test_no_path_ends_in_a_slash(schema):
    assert [path for path in schema["paths"] if path.endswith("/")] == []


def test_the_paths_of_the_documents_are_published(schema):
    published = {named(path): methods(schema, path) for path in schema["paths"]}
    for path, verbs in DOCUMENTED.items():
        assert published[named(path)] == verbs


def test_every_route_is_published_with_its_methods(schema):
    published = {named(path): methods(schema, path) for path in schema["paths"]}
    kept_out = {"schema", "docs"}
    for name, (path, verbs) in TABLE.items():
        if name not in kept_out:
            spelled = re.sub(r"/(7|INV-7|not_found|ageing)(?=/|$)", "/{}", path)
            assert published[spelled] == set(verbs.lower().split()), name


def request_of(schema: dict) -> dict:
    body = schema["paths"]["/api/v1/invoices"]["post"]["requestBody"]["content"]
    [(media, content)] = body.items()
    assert media == "application/json"
    return schema["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]


def test_what_the_request_needs(schema):
    assert set(request_of(schema)["required"]) == {
        "mode", "environment", "invoice_date", "line_items",
    }  # fmt: skip


def test_amounts_are_numbers_or_strings_of_one_pattern(schema):
    assert request_of(schema)["properties"]["total_amount"]["oneOf"] == [
        {"type": "number", "minimum": 0.0},
        {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    ]


def test_every_operation_says_how_it_refuses(schema):
    for path, verbs in schema["paths"].items():
        for verb, operation in verbs.items():
            if path.startswith("/api/v1/") and "/auth/" not in path:
                assert "401" in operation["responses"], (verb, path)


# Changes nothing, and its answer is a secret, which no table should keep for a replay.
ONLY_ANSWERS = {"/api/v1/invoices/{}/link"}


def test_posts_about_an_invoice_take_an_idempotency_key(schema):
    posts = {
        named(path): [parameter["name"] for parameter in operations["post"]["parameters"]]
        for path, operations in schema["paths"].items()
        # Validating does nothing, however often.
        if path.startswith("/api/v1/invoices")
        and "post" in operations
        and not path.endswith("/validate")
    }
    for path in ONLY_ANSWERS:
        del posts[path]
    assert set(posts) == {
        "/api/v1/invoices", "/api/v1/invoices/{}/retry", "/api/v1/invoices/{}/email",
        "/api/v1/invoices/pdf-zip", "/api/v1/invoices/archive",
        "/api/v1/invoices/reconciliations", "/api/v1/invoices/reconciliation-findings/{}/explain",
    }  # fmt: skip
    assert all("Idempotency-Key" in names for names in posts.values())


@pytest.mark.parametrize("path", ["/api/schema", "/api/docs"])
def test_the_document_and_its_page_are_public(client, db, path):
    assert client.get(path).status_code == 200
