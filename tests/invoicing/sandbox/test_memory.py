"""A hash is accepted once, remembered for 24 hours, and never forgotten by a restart."""

import dataclasses
import uuid
from concurrent.futures import ThreadPoolExecutor

from invoicing.sandbox import StandIn
from tests.invoicing.sandbox.taxpayer import NOON, Unit

HOUR = 3600


def test_a_repeated_report_is_a_conflict_that_means_success(authority, unit):
    document = unit.document()
    unit.report(document)

    answer = unit.report(document)

    assert answer.status_code == 409
    assert answer.json() == {
        "validationResults": {
            "infoMessages": [],
            "warningMessages": [],
            "errorMessages": [
                {
                    "type": "ERROR",
                    "code": "Invoice-Errors",
                    "category": "Duplicate-Invoice",
                    "message": "Invoice was already Reported successfully earlier.",
                    "status": "ERROR",
                }
            ],
            "status": "ERROR",
        },
        "reportingStatus": "NOT_REPORTED",
    }
    [held] = authority.control.documents()
    assert (held["verdict"], held["deliveries"], held["registrations"]) == ("REPORTED", 2, 1)


def test_a_repeated_clearance_gives_the_same_document_back(unit, authority):
    document = unit.document(simplified=False)
    first = unit.clear(document)

    answer = unit.clear(document)

    body = answer.json()
    assert (answer.status_code, body["clearanceStatus"]) == (208, "CLEARED")
    assert body["clearedInvoice"] == first.json()["clearedInvoice"]
    assert body["validationResults"]["status"] == "WARNING"
    assert body["validationResults"]["warningMessages"] == [
        {
            "type": "WARNING",
            "code": "Invoice-Warning",
            "category": "Duplicate-Invoice",
            "message": "Invoice Hash Previously submitted.",
            "status": "WARNING",
        }
    ]


def test_accepted_with_warnings_is_remembered_too(authority, unit):
    document = unit.document(simplified=False, supply_date=False)

    assert [unit.clear(document).status_code for _ in range(2)] == [202, 208]


def test_a_refused_document_is_not_remembered(authority, unit):
    document = unit.document(vat="311111111101113")

    assert [unit.report(document).status_code for _ in range(2)] == [400, 400]
    [held] = authority.control.documents()
    assert (held["deliveries"], held["registrations"]) == (2, 0)


def test_a_faulty_repetition_is_refused_and_undoes_nothing(authority, unit):
    document = unit.document()
    unit.report(document)

    answer = unit.report(dataclasses.replace(document, uuid=str(uuid.uuid4())))

    assert answer.status_code == 400
    [held] = authority.control.documents()
    assert (held["verdict"], held["accepted"], held["codes"]) == ("REPORTED", True, [])
    assert (held["deliveries"], held["registrations"]) == (2, 1)


def test_the_memory_ends_after_24_hours(authority, unit):
    document = unit.document()
    unit.report(document)

    authority.control.shift_clock(24 * HOUR - 1)
    remembered = unit.report(document)
    authority.control.shift_clock(1)
    forgotten = unit.report(document)

    assert (remembered.status_code, forgotten.status_code) == (409, 202)
    assert authority.control.documents()[0]["registrations"] == 2


def test_environments_remember_apart(authority, unit):
    elsewhere = Unit(authority.base_url("SIMULATION"))
    elsewhere.onboard("SIMULATION")

    assert elsewhere.report(elsewhere.document(number="INV-A")).status_code == 200
    assert unit.report(unit.document(number="INV-A")).status_code == 200
    held = authority.control.documents("INV-A")
    assert [row["environment"] for row in held] == ["SIMULATION", "SANDBOX"]


def test_the_bare_root_is_the_sandbox(authority, unit):
    bare = Unit(authority.url)
    bare.certificate, bare.key, bare.credentials = unit.certificate, unit.key, unit.credentials

    assert bare.report(bare.document()).status_code == 200
    assert authority.control.documents()[0]["environment"] == "SANDBOX"


def test_simultaneous_deliveries_register_one_document(authority, unit):
    documents = [unit.document() for _ in range(5)]

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(unit.report, documents * 8))

    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [409] * 35
    held = authority.control.documents()
    assert [row["registrations"] for row in held] == [1] * 5
    assert sum(row["deliveries"] for row in held) == 40
    nth = [row["nth"] for row in authority.control.deliveries(documents[0].number)]
    assert sorted(nth) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_simultaneous_clearances_give_one_document_back(authority, unit):
    document = unit.document(simplified=False)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(unit.clear, [document] * 8))

    assert sorted(answer.status_code for answer in answers) == [200] + [208] * 7
    assert len({answer.json()["clearedInvoice"] for answer in answers}) == 1


def test_a_restart_keeps_certificates_and_memory(tmp_path):
    store = tmp_path / "authority.sqlite3"
    with StandIn(store, clock=lambda: NOON) as before:
        unit = Unit(before.base_url())
        unit.onboard()
        document, cleared = unit.document(), unit.document(simplified=False)
        unit.report(document)
        given = unit.clear(cleared).json()["clearedInvoice"]

    with StandIn(store, clock=lambda: NOON) as after:
        unit.base_url = after.base_url()

        assert unit.report(document).status_code == 409
        assert unit.clear(cleared).json()["clearedInvoice"] == given
        assert unit.report(unit.document()).status_code == 200
        assert [row["deliveries"] for row in after.control.documents()] == [2, 2, 1]


def test_an_authority_that_is_away_comes_back_at_its_address(authority, unit):
    document = unit.document()
    unit.report(document)
    url = authority.url

    authority.stop()
    authority.start()

    assert authority.url == url
    assert unit.report(document).status_code == 409
