"""How the OpenAPI document shows a transaction's two forms; read from the table of fields."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from integrations.triton import values
from integrations.triton.fields import FIELDS, Field
from integrations.triton.kinds import ALIASES

_NUMBER: dict[str, Any] = {"oneOf": [{"type": "number"}, {"type": "string"}], "nullable": True}
_KINDS: dict[Any, dict[str, Any]] = {
    values.money: _NUMBER,
    values.fraction: _NUMBER,
    values.returned: {
        "oneOf": [*_NUMBER["oneOf"], {"type": "array", "items": {"type": "object"}}],
        "nullable": True,
    },
    values.whole: {"oneOf": [{"type": "integer"}, {"type": "string"}], "nullable": True},
    values.flag: {"type": "boolean", "nullable": True},
    values.items: {"type": "array", "items": {}, "nullable": True},
}
TYPE = {
    "type": "string",
    "description": "In any case, with blanks, hyphens or underscores: "
    + ", ".join(sorted(ALIASES)),
}
MANDATORY = {"required": ["transaction_id", "transaction_date"]}
EITHER_DATE = {
    "required": ["transaction_id"],
    "anyOf": [{"required": ["transaction_date"]}, {"required": ["sent_at"]}],
}
EXAMPLE = {
    "transaction_id": "12345678-1234-1234-1234-123456789012",
    "transaction_type": "bind",
    "transaction_date": "2026-01-12T16:40:00+00:00",
    "opportunity_id": 160042,
    "policy_number": "TST-2026-00001",
    "opportunity_type": "New",
    "effective_date": "02/01/2026",
    "expiration_date": "02/01/2027",
    "insured_name": "Palm Grove Care LLC",
    "address_1": "12 Orchard Lane",
    "city": "Detroit",
    "state": "MI",
    "insured_state": "MI",
    "insured_zip": "48226",
    "producer_email": "pat.reed@example.com",
    "underwriter_name": "Casey Morgan",
    "gross_premium": 5000,
    "commission_rate": 20.0,
}


class TritonPayloadSerializer(serializers.Serializer):
    """Named in the OpenAPI document only: integrations.triton reads payloads."""


class PayloadExtension(OpenApiSerializerExtension):
    """Both forms; what is mandatory depends on the type, and 400 names every field."""

    target_class = TritonPayloadSerializer

    def map_serializer(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        return {"anyOf": [_flat(), _nested()]}


def _flat() -> dict[str, Any]:
    properties = {field.name: _kind(field) for field in FIELDS} | {"transaction_type": TYPE}
    return _object("Flat: one level.", properties, MANDATORY)


def _nested() -> dict[str, Any]:
    properties: dict[str, Any] = {"transaction_type": TYPE}
    for field in FIELDS:
        for path in field.nested:
            *way, last = path.split(".")
            if any(step.isdigit() for step in way):
                continue
            here = properties
            for step in way:
                here = here.setdefault(step, {"type": "object", "properties": {}})["properties"]
            here[last] = _kind(field)
    properties["exposures"] = {"type": "array", "items": {"type": "object"}}
    return _object("Nested: account, producer and premium are objects.", properties, EITHER_DATE)


def _object(
    description: str, properties: dict[str, Any], required: dict[str, Any]
) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        **required,
        "properties": dict(sorted(properties.items())),
        "additionalProperties": True,
    }


def _kind(field: Field) -> dict[str, Any]:
    kind = dict(_KINDS.get(field.read, {"type": "string", "nullable": True}))
    if field.longest:
        kind["maxLength"] = field.longest
    return kind
