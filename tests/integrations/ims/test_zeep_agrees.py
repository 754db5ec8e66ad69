"""An independent reader: zeep on the WSDLs takes our requests and makes of answers what we do."""

import datetime as dt
import json
from decimal import Decimal

import pytest
import zeep
from lxml import etree

from integrations.ims import OPERATIONS
from integrations.ims.envelope import SOAP, build
from integrations.ims.operations import Field, Service
from tests.integrations.ims.recorded import OPERATIONS as CALLS
from tests.integrations.ims.recorded import PROCEDURES as PROCEDURE_CALLS
from tests.integrations.ims.recorded import Procedures, body_of, ims, message
from tests.invoicing.zatca.faulty import http

SAMPLES = {
    "string": "text & <more>",
    "guid": "9f8e7d6c-5b4a-4392-8170-0f1e2d3c4b06",
    "int": -1,
    "decimal": Decimal("0.20"),
    "boolean": False,
}


@pytest.fixture(scope="module")
def services(reference):
    folder = reference / "ims" / "soap" / "wsdl"
    return {name: zeep.Client(str(folder / f"{name}.wsdl")) for name in Service}


def binding_of(services, operation):
    return next(iter(services[operation.service].wsdl.bindings.values()))._operations[
        operation.name
    ]


def sample(field: Field):
    if field.type == "struct":
        return {inner.name: sample(inner) for inner in field.fields}
    if field.type == "list":
        return [sample(field.fields[0])] * 2
    if field.type == "date":
        return dt.date(2026, 2, 1)
    return dt.datetime(2026, 2, 1, 9, 30) if field.type == "dateTime" else SAMPLES[field.type]


def test_zeep_reads_every_element_of_every_operation_that_is_filled_to_the_brim(services):
    """Parsed by the WSDL's own type, nothing is left over and nothing is out of order."""
    for operation in OPERATIONS.values():
        if operation.name.startswith("GenerateInvoice"):
            continue  # its args are of any type
        values = {field.name: sample(field) for field in operation.fields}
        sent = etree.fromstring(build(operation, values, token=SAMPLES["guid"], context="c"))
        called = sent.find(f"{{{SOAP}}}Body")[0]
        body = binding_of(services, operation).input.body
        read = body.type.parse_xmlelement(called, schema=services[operation.service].wsdl.types)
        again = etree.Element("again")
        body.render(again, read)
        assert flat(again[0]) == flat(called), operation.name


def flat(element: etree._Element) -> list[tuple[str, str]]:
    return [(child.tag, (child.text or "").strip()) for child in element.iter()]


def test_zeep_reads_the_recorded_answers_as_we_do(services, reference):
    for stem, made in CALLS.items():
        name = "ExecuteCommand" if stem.startswith("DataAccess") else stem.partition("/")[2]
        recorded = message(reference, stem, "response")
        binding = binding_of(services, OPERATIONS[name])
        theirs = binding.process_reply(etree.fromstring(recorded))
        with ims(**{name: http("200 OK", recorded)}) as (client, *_):
            ours = made(client)
        if isinstance(theirs, str | int | bool | Decimal) and "<" not in str(theirs):
            assert str(ours).lower() == str(theirs).lower(), stem


def test_zeep_reads_a_procedure_call_as_pairs(services, reference):
    body = binding_of(services, OPERATIONS["ExecuteDataSet"]).input.body
    for stem, made in PROCEDURE_CALLS.items():
        recorded = message(reference, f"DataAccess/{stem}", "response")
        with ims(ExecuteDataSet=http("200 OK", recorded)) as (client, server, _):
            made(Procedures(client))
        called = etree.fromstring(body_of(server.requests[-1])).find(f"{{{SOAP}}}Body")[0]
        read = body.type.parse_xmlelement(called, schema=services["DataAccess"].wsdl.types)
        assert read.procedureName == stem.partition(".")[0]
        assert len(read.parameters.string) % 2 == 0


def test_the_table_is_the_catalogue(reference):
    """Names, order, types, actions and headers, as the vendor's help pages list them."""
    listed = {
        entry["operation"]: entry
        for entry in json.loads((reference / "ims" / "soap" / "operations.json").read_text())
    }
    for operation in OPERATIONS.values():
        entry = listed[operation.name]
        assert operation.service == entry["service"]
        assert operation.soap_action == entry["soap_action"]
        assert operation.token == entry["token_header"]
        assert shape(operation.fields) == catalogued(entry["request"]), operation.name


def shape(fields: tuple[Field, ...]) -> list:
    return [(f.name, shape(f.fields) if f.fields else f.type) for f in fields]


def catalogued(entries: list) -> list:
    """The catalogue shows two items of a list; choices and any type go out as text."""
    found = []
    for entry in entries:
        ((name, kind),) = entry.items()
        if isinstance(kind, list):
            kind = catalogued(
                kind[:1] if len(kind) == 2 and list(kind[0]) == list(kind[1]) else kind
            )
        elif " or " in kind or kind == "EMPTY":
            kind = "string"
        found.append((name, kind))
    return found
