"""What the authority holds, as a reconciliation or a test reads it."""

import base64
import hashlib
from datetime import timedelta

import pytest

from invoicing.sandbox import ControlRefused, StandIn
from tests.invoicing.sandbox.taxpayer import FIRST_PIH, NOON, VAT_NUMBER, Unit


@pytest.fixture
def chained(authority):
    """A unit with a chain of its own, and its serial number."""
    unit = Unit(authority.base_url())
    unit.onboard()
    return unit, authority.control.csids()[-1]["serial"]


def test_a_held_document_is_listed_with_everything_that_identifies_it(authority, chained):
    unit, serial = chained
    document = unit.document(number="INV/2026.1")

    unit.report(document)

    [row] = authority.control.documents("INV/2026.1")
    assert row == {
        "environment": "SANDBOX",
        "number": "INV/2026.1",
        "uuid": document.uuid,
        "icv": 1,
        "pih": FIRST_PIH,
        "invoice_hash": document.invoice_hash,
        "type_code": "388",
        "simplified": True,
        "vat_number": VAT_NUMBER,
        "csid": serial,
        "call": "/invoices/reporting/single",
        "verdict": "REPORTED",
        "accepted": True,
        "codes": [],
        "sha256": hashlib.sha256(document.xml).hexdigest(),
        "deliveries": 1,
        "registrations": 1,
        "stored_at": NOON.isoformat(),
        "accepted_at": NOON.isoformat(),
    }
    assert authority.control.documents("INV") == []


def test_a_whole_chain_has_nothing_wrong_in_any_order(authority, chained):
    unit, serial = chained
    first = unit.document()
    second = unit.document(pih=first.invoice_hash)
    third = unit.document(pih=second.invoice_hash, simplified=False)

    unit.clear(third)
    unit.report(first)
    unit.report(second)

    chain = authority.control.chain(serial)
    assert [entry["icv"] for entry in chain["entries"]] == [1, 2, 3]
    assert (chain["length"], chain["missing"], chain["repeated"], chain["broken"]) == (
        3,
        [],
        [],
        [],
    )


def test_a_refused_document_keeps_its_place_in_the_chain(authority, chained):
    unit, serial = chained
    refused = unit.document(issued=NOON + timedelta(days=1))
    following = unit.document(pih=refused.invoice_hash)

    assert unit.report(refused).status_code == 400
    assert unit.report(following).status_code == 200
    assert authority.control.chain(serial)["broken"] == []


def test_a_gap_a_repetition_and_a_broken_link_show(authority, chained):
    unit, serial = chained
    first = unit.document()
    second = unit.document(pih=FIRST_PIH)
    unit.document()
    fourth = unit.document()
    unit._icv = 3
    fourth_again = unit.document()

    for document in (first, second, fourth, fourth_again):
        assert unit.report(document).status_code == 200

    chain = authority.control.chain(serial)
    assert (chain["missing"], chain["repeated"], chain["broken"]) == ([3], [4], [2])


def test_a_chain_that_does_not_start_with_the_first_pih_is_broken(authority, chained):
    unit, serial = chained
    unit.report(unit.document(pih=base64.b64encode(bytes(32)).decode()))

    assert authority.control.chain(serial)["broken"] == [1]


def test_the_clock_can_be_set_shifted_and_set_right(authority):
    control = authority.control

    assert control.shift_clock(90) == NOON + timedelta(seconds=90)
    assert control.shift_clock(-30) == NOON + timedelta(seconds=60)
    assert control.set_clock(NOON + timedelta(days=2)) == NOON + timedelta(days=2)
    assert control.set_clock(None) == NOON


def test_a_clock_without_a_zone_is_refused(authority):
    with pytest.raises(ControlRefused, match="time zone"):
        authority.control.set_clock(NOON.replace(tzinfo=None))

    assert authority.control.health()["now"] == NOON.isoformat()


def test_a_revoked_csid_is_unauthorized_and_stays_listed(authority, chained):
    unit, serial = chained

    authority.control.revoke(serial)

    assert unit.report(unit.document()).status_code == 401
    [row] = [row for row in authority.control.csids() if row["serial"] == serial]
    assert (row["kind"], row["vat_number"], row["title"]) == ("production", VAT_NUMBER, "1100")
    assert row["revoked_at"] == NOON.isoformat()


def test_an_unknown_serial_number_cannot_be_revoked(authority):
    with pytest.raises(ControlRefused, match="serial number"):
        authority.control.revoke("1")


def test_unknown_bytes_are_not_found(authority, unit):
    document = unit.document()
    unit.report(document)

    with pytest.raises(ControlRefused, match="no such document"):
        authority.control.xml("unknown")
    with pytest.raises(ControlRefused, match="no such document"):
        authority.control.cleared_xml(document.invoice_hash)


def test_a_reset_empties_the_books_and_keeps_the_certificates(authority, unit):
    document = unit.document()
    unit.report(document)
    authority.control.script(document.number, delivery=1, fault="too_many")
    authority.control.rates(drop_after=1)
    authority.control.switch(clearance=False)
    authority.control.shift_clock(60)

    authority.control.reset()

    health = authority.control.health()
    assert (health["documents"], health["deliveries"], health["rates"]) == (0, 0, {})
    assert (health["clearance"], health["now"]) == ("on", NOON.isoformat())
    assert unit.report(document).status_code == 200


def test_health_says_whether_the_rules_are_judged(authority):
    assert authority.control.health()["rules"] is True


def test_secrets_are_not_kept_in_the_clear(tmp_path):
    store = tmp_path / "a.sqlite3"
    with StandIn(store) as stand_in:
        unit = Unit(stand_in.base_url())
        issued = unit.call("/compliance", {"csr": unit.csr()}, OTP="123456").json()

    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert issued["secret"].encode() not in written
