"""Between 00:00 and 03:00 in Riyadh it is still yesterday in UTC, and everything works all the
same.

The judge takes the time for UTC where it is not told otherwise, and then refuses every document of
these three hours as issued tomorrow (contracts 17).
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone
from lxml import etree

from invoicing.models import Invoice, Revision
from tests.invoicing.payloads import credit_note, phase_1, simplified, standard
from tests.invoicing.traces import URL

RIYADH = ZoneInfo("Asia/Riyadh")
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"


def tomorrow_at(hour: int, minute: int) -> datetime:
    """A Riyadh time to come: certificates of this run are valid from today."""
    day = timezone.now().astimezone(RIYADH) + timedelta(days=1)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


@pytest.fixture(params=[(0, 30), (2, 59)], ids="{0[0]:02}:{0[1]:02}".format)
def now(request, unit):
    """This time in Riyadh, for us and for the authority, which share this process's clock."""
    moment = tomorrow_at(*request.param)
    with time_machine.travel(moment):
        yield moment


@pytest.mark.parametrize(
    "payload", [standard, simplified, phase_1], ids=["standard", "simplified", "phase 1"]
)
def test_an_invoice_of_this_minute_gets_through(api, zatca, now, payload):
    response = api.post(URL, payload("M-1", invoice_date=now.isoformat()))

    answer = response.json()
    assert (response.status_code, answer["status"]) == (201, "CLEARED")
    assert answer["warnings"] == []


def test_a_note_gets_through(api, zatca, now):
    api.post(URL, standard(invoice_date=now.isoformat()))

    answer = api.post(URL, credit_note(invoice_date=now.isoformat())).json()

    assert (answer["status"], answer["warnings"]) == ("CLEARED", [])


def test_a_retry_gets_through(api, zatca, now):
    zatca.control.script("S-1", delivery=1, fault="reject")
    pk = api.post(URL, simplified(invoice_date=now.isoformat())).json()["id"]

    assert api.post(f"{URL}/{pk}/retry").json()["status"] == "CLEARED"


def test_the_document_bears_the_date_of_riyadh(api, zatca, now):
    utc = now.astimezone(UTC)
    api.post(URL, simplified(invoice_date=utc.isoformat()))

    xml = etree.fromstring(bytes(Revision.objects.get().xml))
    assert xml.findtext(f"{CBC}IssueDate") == f"{now:%Y-%m-%d}"
    assert xml.findtext(f"{CBC}IssueTime").removesuffix("Z") == f"{now:%H:%M:%S}"
    assert Invoice.objects.get().issued_at == utc


def test_a_time_without_offset_is_riyadh_time(api, zatca, now):
    answer = api.post(URL, simplified(invoice_date=f"{now:%Y-%m-%dT%H:%M:%S}")).json()

    assert answer["status"] == "CLEARED"
    assert Invoice.objects.get().issued_at == now
