"""The document to the buyer by e-mail: on request, on its own when final, and never too early."""

import io

import pikepdf
import pytest

from config.delivery.models import MailMessage, MailPreferences
from config.delivery.services import deliver_due
from tests.conftest import client_of
from tests.invoicing.deliveries.conftest import refused
from tests.invoicing.payloads import phase_1, simplified, standard
from tests.invoicing.traces import URL

BUYER = "buyer@hijaz.example"


def email(api, invoice, **said):
    return api.post(f"{URL}/{invoice.pk}/email", said)


def test_pdf_and_xml_reach_the_buyer_in_both_languages(api, issue, post_office):
    invoice = issue("INV-1", buyer_email=BUYER)
    answer = email(api, invoice)
    assert (answer.status_code, answer.json()["state"]) == (202, "QUEUED")
    assert answer["Location"] == f"{URL}/{invoice.pk}/email"

    assert deliver_due() == 1

    [letter] = post_office.desk.letters
    assert (letter["X-Rcpt"], letter["Subject"]) == (BUYER, "فاتورة | Invoice INV-1")
    text = letter.get_body("plain").get_content()
    assert text.index("السلام عليكم") < text.index("Dear customer")
    assert "الإجمالي شامل الضريبة: 230.00 SAR" in text
    assert "VAT: 30.00 SAR" in text
    assert "from شركة نجد للتجارة | Najd Trading." in text
    html = letter.get_body("html").get_content()
    assert html.index('dir="rtl"') < html.index('dir="ltr"')
    pdf, xml = letter.iter_attachments()
    assert xml.get_content() == bytes(invoice.current.cleared_xml)
    with pikepdf.open(io.BytesIO(pdf.get_content())) as opened:
        assert len(opened.pages) == 1
    assert pdf.get_filename().removesuffix(".pdf") == xml.get_filename().removesuffix(".xml")
    [told] = api.get(f"{URL}/{invoice.pk}/email").json()["emails"]
    assert (told["state"], told["to"], told["attempts"]) == ("SENT", BUYER, 1)


def test_english_first_where_it_was_asked_for(api, issue, post_office):
    assert email(api, issue("INV-1"), to="x@y.example", language="en").status_code == 202
    deliver_due()
    [letter] = post_office.desk.letters
    assert (letter["X-Rcpt"], letter["Subject"]) == ("x@y.example", "Invoice | فاتورة INV-1")
    text = letter.get_body("plain").get_content()
    assert text.index("Dear customer") < text.index("السلام عليكم")


def test_the_address_is_no_part_of_what_is_said(api, issue):
    first = issue("INV-1", buyer_email=BUYER)
    assert first.buyer_email == BUYER
    assert "buyer_email" not in first.current.payload
    assert api.get(f"{URL}/{first.pk}").json()["buyer_email"] == BUYER
    assert first.current.payload_sha256 == issue("INV-1").current.payload_sha256


def test_without_an_address_nothing_is_queued(api, issue, post_office):
    assert refused(email(api, issue("INV-1"))) == (400, "missing_recipient", "to")
    assert not MailMessage.objects.exists()


@pytest.mark.parametrize(
    "to", ["no address", "a@b.example, c@d.example", "a@b.example\nBcc: x@y.z"]
)
def test_what_is_no_address(api, issue, post_office, to):
    assert refused(email(api, issue("INV-1"), to=to)) == (400, "invalid", "to")
    assert not MailMessage.objects.exists()


def test_a_bad_address_beside_the_document_stores_nothing(api, unit):
    response = api.post(URL, standard(buyer_email="nobody"))
    assert refused(response) == (400, "invalid", "buyer_email")
    assert unit.active_chain().last_icv == 0


def test_with_mail_off_it_is_refused(api, issue):
    invoice = issue("INV-1", buyer_email=BUYER)
    assert refused(email(api, invoice))[:2] == (503, "mail_not_configured")
    assert not MailMessage.objects.exists()


@pytest.mark.parametrize("fault", ["reject", "error_503_before"])
def test_what_may_not_be_given_out_is_not_sent(api, issue, post_office, fault):
    invoice = issue("INV-1", fault=fault, buyer_email=BUYER)
    assert email(api, invoice).status_code == 409
    assert not MailMessage.objects.exists()


def test_a_reader_may_look_and_not_send(najd, issue, post_office):
    invoice, reader = issue("INV-1"), client_of(najd, "invoices:read")
    assert email(reader, invoice, to=BUYER).status_code == 403
    assert reader.get(f"{URL}/{invoice.pk}/email").json() == {"emails": []}


@pytest.fixture
def automatic(najd) -> None:
    MailPreferences.objects.create(tenant=najd, send_when_final=True, language="en")


@pytest.mark.parametrize("payload", [standard, simplified, phase_1])
def test_final_documents_go_out_on_their_own(automatic, api, unit, post_office, payload):
    assert api.post(URL, payload(buyer_email=BUYER)).status_code == 201
    [message] = MailMessage.objects.all()
    assert (message.to, message.language, message.actor) == (BUYER, "en", "settle")
    deliver_due()
    assert len(post_office.desk.letters) == 1


def test_once_though_the_answer_was_lost(automatic, api, issue, post_office):
    invoice = issue("INV-1", fault="drop_after", buyer_email=BUYER)
    assert not MailMessage.objects.exists()
    api.post(f"{URL}/{invoice.pk}/retry")
    assert MailMessage.objects.count() == 1


def test_not_without_an_address_and_not_when_rejected(automatic, issue):
    issue("INV-1"), issue("INV-2", fault="reject", buyer_email=BUYER)
    assert not MailMessage.objects.exists()


def test_not_unless_the_tenant_wants_it(issue):
    issue("INV-1", buyer_email=BUYER)
    assert not MailMessage.objects.exists()


def test_a_verdict_that_rolls_back_takes_its_letter_along(automatic, issue, monkeypatch):
    from invoicing.services import settling

    def broken(point: str) -> None:
        if point == "settling":
            raise RuntimeError("the power went")

    monkeypatch.setattr(settling, "reached", broken)
    invoice = issue("INV-1", buyer_email=BUYER)
    assert (invoice.status == "CLEARED", MailMessage.objects.count()) == (False, 0)
