"""What comes back cleared is held against what was sent; another document is given to nobody."""

from base64 import b64decode, b64encode

import pytest
from django.db import DatabaseError, transaction

from config.attention.models import Attention
from invoicing.models import Invoice, Revision
from invoicing.sandbox.alterations import altered
from invoicing.services import returned
from tests.invoicing.payloads import standard
from tests.invoicing.traces import URL

# What the stand-in changes in the cleared document, and how the difference is told.
ALTERED = {
    "total": "PayableAmount says '1230.00' instead of '230.00'",
    "number": "Invoice/ID says 'XINV-1' instead of 'INV-1'",
    "uuid": "Invoice/UUID says '00000000-",
    "space": "Only white space between elements differs",
    "stamp": "the authority's stamp does not hold",
    "signing_time": "the authority's stamp does not hold",
    "qr": "QR code",
}


@pytest.mark.parametrize("part", ALTERED)
def test_another_document_stops_and_asks(api, unit, zatca, part):
    zatca.control.script("INV-1", delivery=1, fault="altered_cleared", part=part)

    answer = api.post(URL, standard()).json()

    # The authority's verdict is the authority's; what it gave back is not given on.
    assert (answer["status"], answer["zatca_status"]) == ("CLEARED", "CLEARED")
    assert (answer["qr"], answer["links"]["qr"], answer["clearance"]["qr_code"]) == (None,) * 3
    assert api.get(f"{URL}/{answer['id']}/xml").status_code == 404
    assert api.get(f"{URL}/{answer['id']}/qr").status_code == 404
    [warning] = answer["warnings"]
    assert (warning["code"], warning["source"]) == ("cleared_document_differs", "daftar")
    assert ALTERED[part] in warning["message"]
    assert warning["message_ar"]
    task = Attention.objects.get()
    assert (task.kind, task.subject) == ("cleared_document_differs", f"invoice:{answer['id']}")
    assert ALTERED[part] in task.reason
    assert task.resolved_at is None


def test_what_came_back_is_kept_as_evidence(api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="altered_cleared")
    api.post(URL, standard())

    revision = Revision.objects.get()
    assert b"1230.00</cbc:PayableAmount>" in bytes(revision.cleared_xml)
    assert b">230.00</cbc:PayableAmount>" in bytes(revision.xml)


def test_the_same_document_with_the_authoritys_stamp_is_given_out(api, unit, zatca):
    answer = api.post(URL, standard()).json()

    assert (answer["warnings"], Attention.objects.count()) == ([], 0)
    xml = api.get(f"{URL}/{answer['id']}/xml").content
    assert xml == zatca.control.cleared_xml(answer["hash"])
    assert answer["qr"] is not None


def test_a_repeated_yes_is_looked_at_too(api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="drop_after")
    zatca.control.script("INV-1", delivery=2, fault="altered_cleared")
    api.post(URL, standard())
    pk = Invoice.objects.get().pk

    answer = api.post(f"{URL}/{pk}/retry").json()

    assert (answer["status"], answer["qr"]) == ("CLEARED", None)
    assert Attention.objects.open().get().kind == "cleared_document_differs"


def test_the_finding_can_neither_be_lifted_nor_made_up_later(api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="altered_cleared")
    api.post(URL, standard()), api.post(URL, standard("INV-2"))

    for number, text in (("INV-1", ""), ("INV-2", "made up")):
        rows = Revision.objects.filter(invoice__invoice_number=number)
        with pytest.raises(DatabaseError, match="verdict never change"), transaction.atomic():
            rows.update(cleared_difference=text)


def test_a_bug_in_the_comparison_loses_no_verdict_and_lets_nothing_through(
    api, unit, zatca, monkeypatch
):
    def broken(sent: bytes, cleared: bytes):
        raise ZeroDivisionError

    monkeypatch.setattr(returned, "differences", broken)

    answer = api.post(URL, standard()).json()

    assert (answer["status"], answer["qr"]) == ("CLEARED", None)
    assert "ZeroDivisionError" in Attention.objects.get().reason


def test_the_stand_in_changes_only_what_it_was_told(api, unit, zatca):
    api.post(URL, standard())
    xml = bytes(Revision.objects.get().cleared_xml)

    changed = b64decode(altered(b64encode(xml).decode(), "total"))

    assert changed == xml.replace(b">230.00</cbc:PayableAmount>", b">1230.00</cbc:PayableAmount>")
