"""Read what a person wrote by the API's own schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework.exceptions import ValidationError

from config.problems import InvalidRequest
from config.tenancy.models import Tenant
from config.validation import field_errors
from invoicing.api.requests import InvoiceRequestSerializer
from invoicing.entry.paths import nest


@dataclass(frozen=True, slots=True)
class Said:
    """A request that fits the schema, as the API would hand it to the service."""

    payload: dict[str, Any]
    client_reference: str
    metadata: dict[str, str] | None


def read_request(tenant: Tenant, fields: Mapping[str, str]) -> Said:
    """The request in a browser's fields. Raises InvalidRequest with every field that is wrong.

    What is not the person's to say is filled in: the environment is the tenant's.
    """
    data = {**nest(fields), "environment": tenant.environment}
    serializer = InvoiceRequestSerializer(data=data, context={"tenant": tenant})
    try:
        serializer.is_valid(raise_exception=True)
    except ValidationError as refused:
        raise InvalidRequest(errors=list(field_errors(refused.detail))) from None
    said = serializer.validated_data
    return Said(serializer.payload, said.get("client_reference", ""), said.get("metadata"))
