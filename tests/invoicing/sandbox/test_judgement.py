"""What the authority says of a document: yes to a clean one, no by every rule it breaks."""

import base64
from datetime import datetime, timedelta

import pytest

from tests.invoicing.sandbox.taxpayer import NOON, RIYADH, Unit, codes, paper

XSD_VALID = {
    "type": "INFO",
    "code": "XSD_ZATCA_VALID",
    "category": "XSD validation",
    "message": "Complied with UBL 2.1 standards in line with ZATCA specifications",
    "status": "PASS",
}


def test_a_clean_simplified_document_is_reported(authority, unit):
    document = unit.document()

    answer = unit.report(document)

    assert answer.status_code == 200
    assert answer.json() == {
        "validationResults": {
            "infoMessages": [XSD_VALID],
            "warningMessages": [],
            "errorMessages": [],
            "status": "PASS",
        },
        "reportingStatus": "REPORTED",
    }
    assert authority.control.xml(document.invoice_hash) == document.xml


def test_a_clean_standard_document_is_cleared(authority, unit):
    document = unit.document(simplified=False)

    answer = unit.clear(document)

    assert (answer.status_code, answer.json()["clearanceStatus"]) == (200, "CLEARED")
    cleared = base64.b64decode(answer.json()["clearedInvoice"])
    assert authority.control.cleared_xml(document.invoice_hash) == cleared


@pytest.mark.parametrize("kind", ["381", "383"])
def test_notes_are_taken_too(authority, unit, kind):
    assert unit.report(unit.document(kind)).status_code == 200
    assert unit.clear(unit.document(kind, simplified=False)).status_code == 200


def test_warnings_of_the_official_rules_are_accepted_with_202(authority, unit):
    answer = unit.clear(unit.document(simplified=False, supply_date=False))

    assert (answer.status_code, answer.json()["clearanceStatus"]) == (202, "CLEARED")
    assert answer.json()["validationResults"]["status"] == "WARNING"
    assert codes(answer, "warning") == ["BR-KSA-15"]
    assert answer.json()["validationResults"]["warningMessages"][0]["category"] == "KSA"
    [held] = authority.control.documents()
    assert (held["verdict"], held["accepted"], held["codes"]) == ("CLEARED", True, ["BR-KSA-15"])


def test_an_error_of_the_official_rules_is_refused_and_kept(authority, unit):
    # A debit of 115.00 that does not follow from its parts: BR-CO-15 (EN 16931).
    xml = unit.document().xml.decode()
    xml = xml.replace(
        'TaxInclusiveAmount currencyID="SAR">115.00', 'TaxInclusiveAmount currencyID="SAR">116.00'
    )
    document = paper(unit.sign(xml), "INV-X", xml.split("<cbc:UUID>")[1][:36], 1)

    answer = unit.report(document)

    assert (answer.status_code, answer.json()["reportingStatus"]) == (400, "NOT_REPORTED")
    assert "BR-CO-15" in codes(answer)
    [held] = authority.control.documents()
    assert (held["verdict"], held["accepted"], held["accepted_at"]) == ("NOT_REPORTED", False, None)


def test_a_refused_clearance_gives_no_document_back(authority, unit):
    document = unit.document(simplified=False).tampered("115.00", "116.00")

    answer = unit.clear(document)

    assert (answer.status_code, answer.json()["clearanceStatus"]) == (400, "NOT_CLEARED")
    assert answer.json()["clearedInvoice"] is None


def test_a_changed_amount_breaks_hash_stamp_and_qr(authority, unit):
    answer = unit.report(unit.document().tampered('SAR">115.00', 'SAR">1.00'))

    assert answer.status_code == 400
    found = codes(answer)
    assert {"invalid-invoice-hash", "invalid-digital-signature"} <= set(found)
    assert "invoiceHash_QRCODE_INVALID" in found


def test_another_taxpayers_vat_number_is_not_permitted(authority, unit):
    answer = unit.report(unit.document(vat="311111111101113"))

    assert (answer.status_code, codes(answer)) == (400, ["certificate-permissions"])
    [item] = answer.json()["validationResults"]["errorMessages"]
    assert item["category"] == "CERTIFICATE_ERRORS"


def test_a_unit_for_standard_documents_reports_no_simplified_ones(authority):
    unit = Unit(authority.base_url(), title="1000")
    unit.onboard()

    assert codes(unit.report(unit.document())) == ["certificate-permissions"]


def test_kinds_and_calls_belong_together(authority, unit):
    cleared = unit.clear(unit.document())
    reported = unit.report(unit.document(simplified=False))

    assert codes(cleared) == codes(reported) == ["XML-INVOICE-ERROR"]
    [item] = reported.json()["validationResults"]["errorMessages"]
    assert item["message"] == "XML submitted using reporting API is not a simplified document"


def test_while_clearance_is_off_standard_documents_are_reported(authority, unit):
    document = unit.document(simplified=False)
    authority.control.switch(clearance=False)

    turned_away, reported = unit.clear(document), unit.report(document)

    assert turned_away.status_code == 303
    assert "Location" not in turned_away.headers
    assert turned_away.json() == {
        "message": "Clearance is deactiviated. "
        "Please use the /invoices/reporting/single endpoint instead."
    }
    assert (reported.status_code, reported.json()["reportingStatus"]) == (200, "REPORTED")


def test_clearance_status_0_asks_for_no_clearance(authority, unit):
    assert unit.clear(unit.document(simplified=False), Clearance_Status="0").status_code == 303


def test_half_past_midnight_in_riyadh_is_not_yesterday(authority, unit):
    now = datetime(2026, 6, 2, 0, 30, tzinfo=RIYADH)
    authority.control.set_clock(now)

    answer = unit.report(unit.document(issued=now - timedelta(minutes=1)))

    assert (answer.status_code, codes(answer)) == (200, [])


def test_a_document_of_tomorrow_is_refused(authority, unit):
    answer = unit.report(unit.document(issued=NOON + timedelta(days=1)))

    assert "BR-KSA-04" in codes(answer)


def test_reporting_after_24_hours_is_a_warning(authority, unit):
    document = unit.document()
    authority.control.shift_clock(25 * 3600)

    answer = unit.report(document)

    assert (answer.status_code, codes(answer, "warning")) == (202, ["BR-KSA-98"])


def test_an_answer_says_when_no_rules_were_judged(authority, unit, monkeypatch):
    monkeypatch.setattr("invoicing.judge.available", lambda: False)
    document = unit.document(simplified=False, supply_date=False)

    answer = unit.clear(document)

    assert authority.judges_rules is False
    [info] = answer.json()["validationResults"]["infoMessages"]
    assert (answer.status_code, info["code"]) == (200, "RULES_NOT_JUDGED")
    assert authority.control.health()["rules"] is False
