"""SOAP 1.1 out: a request's bytes from an operation of the table and its values."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from lxml import etree

from integrations.ims.errors import NotSent
from integrations.ims.operations import Field, Operation

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema"
PREFIXES = {"soap": SOAP, "xsi": XSI, "xsd": XSD}


def build(
    operation: Operation, values: Mapping[str, Any], *, token: UUID | None = None, context: str = ""
) -> bytes:
    """The envelope for one call.

    None leaves an element out, "" and an empty list send it empty. A GUID is a UUID or its text:
    IMS fails on an empty one. Raises NotSent (`invalid_parameter`) for a name that the operation
    does not have, a value of another type (money is Decimal, never float), or text that XML cannot
    carry.
    """
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap=PREFIXES)
    namespace = operation.service.namespace
    try:
        if operation.token:
            header = etree.SubElement(root, f"{{{SOAP}}}Header")
            # The header lives in the namespace of the service that is called.
            holder = _element(header, namespace, "TokenHeader", nsmap={None: namespace})
            _element(holder, namespace, "Token").text = str(token)
            _element(holder, namespace, "Context").text = context
        body = etree.SubElement(root, f"{{{SOAP}}}Body")
        called = _element(body, namespace, operation.name, nsmap={None: namespace})
        _fill(called, namespace, operation.fields, values)
    except (TypeError, ValueError) as error:
        raise NotSent(str(error), code="invalid_parameter", operation=operation.name) from None
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _element(
    parent: etree._Element, namespace: str, name: str, nsmap: Any = None
) -> etree._Element:
    return etree.SubElement(parent, f"{{{namespace}}}{name}", nsmap=nsmap)


def _fill(
    parent: etree._Element, namespace: str, fields: Iterable[Field], values: Mapping[str, Any]
) -> None:
    unknown = set(values) - {field.name for field in fields}
    if unknown:
        raise TypeError(f"There is no parameter {', '.join(sorted(unknown))}.")
    for field in fields:
        value = values.get(field.name)
        if value is not None:
            _write(parent, namespace, field, value)


def _write(parent: etree._Element, namespace: str, field: Field, value: Any) -> None:
    element = _element(parent, namespace, field.name)
    if field.type == "struct":
        _fill(element, namespace, field.fields, value)
    elif field.type == "list":
        if isinstance(value, str):
            raise TypeError(f"{field.name}: a list is expected, not one text.")
        for item in value:
            _write(element, namespace, field.fields[0], item)
    else:
        element.text = _text(field, value)


def _text(field: Field, value: Any) -> str:
    write = _WRITERS[field.type]
    try:
        return write(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{field.name}: {error}") from None


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"text is expected, not {type(value).__name__}.")
    return value


def _guid(value: Any) -> str:
    if not isinstance(value, UUID | str):
        raise TypeError(f"a GUID is expected, not {type(value).__name__}.")
    return str(UUID(str(value)))


def _int(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"a whole number is expected, not {type(value).__name__}.")
    return str(value)


def _decimal(value: Any) -> str:
    if not isinstance(value, Decimal) or not value.is_finite():
        raise TypeError(f"a Decimal is expected, not {type(value).__name__}.")
    return f"{value:f}"


def _boolean(value: Any) -> str:
    if not isinstance(value, bool):
        raise TypeError(f"true or false is expected, not {type(value).__name__}.")
    return "true" if value else "false"


def _date(value: Any) -> str:
    if isinstance(value, dt.datetime) or not isinstance(value, dt.date):
        raise TypeError(f"a date is expected, not {type(value).__name__}.")
    return value.isoformat()


def _date_time(value: Any) -> str:
    """A date goes out as its midnight, without offset: IMS keeps local times."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return f"{_date(value)}T00:00:00"


_WRITERS = {
    "string": _string,
    "guid": _guid,
    "int": _int,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "dateTime": _date_time,
}
