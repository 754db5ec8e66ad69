import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema


@pytest.fixture
def schema(capsys):
    generated = SchemaGenerator().get_schema(request=None, public=True)
    assert capsys.readouterr().err == "", "drf-spectacular warned"
    return generated


def test_the_document_is_valid_and_published_without_slashes(schema):
    validate_schema(schema)

    assert schema["openapi"].startswith("3.1")
    assert "/api/v1/probes" in schema["paths"]
    assert not [path for path in schema["paths"] if path.endswith("/")]


def test_amounts_are_taken_as_number_or_pattern_and_leave_as_numbers(schema):
    schemas = schema["components"]["schemas"]

    assert schemas["ProbeRequest"]["properties"]["amount"] == {
        "oneOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}]
    }
    assert schemas["Probe"]["properties"]["amount"] == {"type": "number"}


def test_a_list_documents_its_page(schema):
    listed = schema["paths"]["/api/v1/probes"]["get"]

    assert {"page", "limit", "kind"} <= {parameter["name"] for parameter in listed["parameters"]}
    page = schema["components"]["schemas"]["PaginatedProbeList"]["properties"]
    assert {"probes", "total", "page", "limit", "total_pages", "total_is_capped"} == set(page)


def test_a_refusal_has_a_component(schema):
    answer = schema["paths"]["/api/errors/{code}"]["get"]["responses"]["404"]

    body = answer["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/Error"}
    assert "message_ar" in schema["components"]["schemas"]["ErrorObject"]["properties"]
