"""The body of a submission: what it claims must be what is inside."""

import base64
import dataclasses
import uuid

import pytest
import requests

from tests.invoicing.sandbox.taxpayer import REPORTING, codes, paper


def test_a_hash_that_is_not_the_documents_is_refused(authority, unit):
    document = unit.document()
    other = unit.document()

    answer = unit.report(dataclasses.replace(document, invoice_hash=other.invoice_hash))

    assert codes(answer) == ["invalid-invoice-hash"]
    [item] = answer.json()["validationResults"]["errorMessages"]
    assert item == {
        "type": "ERROR",
        "code": "invalid-invoice-hash",
        "category": "INVOICE_HASHING_ERRORS",
        "message": "The invoice hash API body does not match the (calculated) Hash of the XML",
        "status": "ERROR",
    }


def test_a_uuid_that_is_not_the_documents_is_refused(authority, unit):
    answer = unit.report(dataclasses.replace(unit.document(), uuid=str(uuid.uuid4())))

    assert codes(answer) == ["UUID-Errors"]
    assert not authority.control.documents()[0]["accepted"]


@pytest.mark.parametrize(
    ("change", "category"),
    [
        ({"invoice": None}, "Missing-Invoice"),
        ({"invoice": "%%%"}, "Invalid-Invoice"),
        ({"invoiceHash": None}, "Missing-InvoiceHash"),
        ({"invoiceHash": "c2hvcnQ="}, "Invalid-InvoiceHash"),
        ({"uuid": None}, "Missing-UUID"),
        ({"uuid": 7}, "Invalid-UUID"),
    ],
)
def test_a_request_that_lacks_a_part_is_refused(authority, unit, change, category):
    body = unit.document().body | change

    answer = unit.call(REPORTING, body, auth=unit.credentials, Clearance_Status="0")

    categories = [item["category"] for item in answer.json()["validationResults"]["errorMessages"]]
    assert (answer.status_code, categories) == (400, [category])
    assert not any(held["accepted"] for held in authority.control.documents())


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_an_invalid_request(authority, unit, body):
    answer = requests.post(
        unit.base_url + REPORTING,
        data=body,
        auth=unit.credentials,
        headers={"Accept-Version": "V2", "Clearance-Status": "0"},
        timeout=5,
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "Invalid-Request")


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"no xml",
        b"<Invoice/>",
        b"<!DOCTYPE Invoice><Invoice/>",
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    ],
)
def test_bytes_that_are_no_invoice_break_the_schema(authority, unit, xml):
    body = unit.document().body | {"invoice": base64.b64encode(xml).decode() or "IA=="}

    answer = unit.call(REPORTING, body, auth=unit.credentials, Clearance_Status="0")

    assert (answer.status_code, codes(answer)) == (400, ["XSD_ZATCA_INVALID"])
    assert answer.json()["validationResults"]["infoMessages"] == []
    assert authority.control.documents() == []


def test_a_doctype_is_refused_before_anything_is_read(authority, unit):
    document = unit.document()
    declaration, rest = document.xml.split(b"?>", 1)
    xml = declaration + b"?><!DOCTYPE Invoice [<!ENTITY a 'b'>]>" + rest

    answer = unit.report(dataclasses.replace(document, xml=xml))

    assert codes(answer) == ["XSD_ZATCA_INVALID"]
    assert authority.control.documents() == []


def test_an_element_out_of_place_breaks_the_schema(authority, unit):
    xml = unit.document().xml.decode().replace("<cbc:Percent>15<", "<cbc:Percent>x<", 1)
    document = paper(unit.sign(xml), "INV-X", xml.split("<cbc:UUID>")[1][:36], 1)

    answer = unit.report(document)

    assert answer.status_code == 400
    assert "XSD_ZATCA_INVALID" in codes(answer)


def test_the_clearance_status_header_is_demanded(unit):
    answer = unit.call(REPORTING, unit.document().body, auth=unit.credentials)

    assert (answer.status_code, answer.json()["code"]) == (400, "Invalid-Request")
