"""A bill to the patient by e-mail: queued once, sent as it then is, and refused without a trace."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from config.delivery import services
from config.delivery.models import MailMessage, MailPreferences
from health.models import TestInvoice
from tests.conftest import client_of
from tests.health.conftest import URL, bill, line, sample_of
from tests.health.test_admin import page, signed_in
from tests.health.test_paper import said
from tests.invoicing.printing.paper import page_count, size_mm

TO = {"to": "john@doe.example"}


@pytest.fixture
def posted(lab_api, reference, post_office) -> str:
    """The address of D2's sample, posted, with an address of its own."""
    sample = sample_of(reference) | {"patient_email": "patient@home.example"}
    return f"{URL}/{lab_api.post(URL, sample).json()['data']['id']}"


def test_it_arrives_with_the_bill_as_it_is_when_it_leaves(posted, lab_api, post_office):
    answer = lab_api.post(f"{posted}/email")
    assert (answer.status_code, answer["Location"]) == (202, f"{posted}/email")
    assert answer.json()["data"]["state"] == "QUEUED"
    paid = {"amount": "121.50", "payment_mode": "CASH", "date": "2024-01-20"}
    lab_api.post(f"{posted}/payments", paid)

    assert services.deliver_due() == 1

    [letter] = post_office.desk.letters
    assert letter["To"] == "patient@home.example"
    assert letter["Subject"] == "Invoice INV-2024-001 from City Lab"
    text = letter.get_body("plain").get_content().replace("\r", "")
    assert "Dear John Doe" in text
    assert "Total: INR 1,121.50\nPaid: INR 121.50\nBalance: INR 1,000.00\nDue: 15 Feb 2024" in text
    [pdf] = letter.iter_attachments()
    assert pdf.get_filename() == "INV-2024-001.pdf"
    assert "Balance due ₹ 1,000.00" in said(pdf.get_content())
    [told] = lab_api.get(f"{posted}/email").json()["data"]
    assert (told["state"], told["to"], told["attempts"]) == ("SENT", "patient@home.example", 1)


def test_a_key_makes_one_letter_of_two_requests(posted, lab_api):
    key = {"Idempotency-Key": "mail-1"}
    first, second = (lab_api.post(f"{posted}/email", TO, headers=key) for _ in range(2))

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json()
    assert MailMessage.objects.count() == 1
    other = lab_api.post(f"{posted}/email", {"to": "else@doe.example"}, headers=key)
    assert other.status_code == 422


def test_what_is_refused_leaves_nothing_in_the_outbox(posted, lab_api, lab, najd, settings):
    draft = f"{URL}/{lab_api.post(URL, bill()).json()['data']['id']}"
    nameless = f"{URL}/{lab_api.post(URL, bill(status='POSTED')).json()['data']['id']}"

    for at, body, status, code, field in (
        (nameless, {}, 400, "MISSING_RECIPIENT", "to"),
        (nameless, {"to": "no address"}, 400, None, "to"),
        (draft, TO, 409, "NOT_ISSUED", None),
    ):
        refused = lab_api.post(f"{at}/email", body)
        error = refused.json()["error"]
        assert (refused.status_code, error["param"]) == (status, field), at
        assert code in (None, error["code"])
    assert client_of(najd).post(f"{posted}/email", TO).status_code == 404
    assert client_of(lab, "health:read").post(f"{posted}/email", TO).status_code == 403
    settings.MAIL = None
    for at, body, status in ((posted, TO, 503), (nameless, {}, 400), (draft, TO, 409)):
        assert lab_api.post(f"{at}/email", body).status_code == status
    assert not MailMessage.objects.exists()


def test_what_fails_is_sent_again_by_a_person_and_what_was_cancelled_is_not(
    posted, lab_api, lab, post_office
):
    accountant = signed_in(lab, "accountant", "asha")
    at = page("testinvoice_change", TestInvoice.objects.get().pk).removesuffix("change/")
    assert 'value="patient@home.example"' in accountant.get(f"{at}email-now/").content.decode()
    post_office.desk.fault = "refuse_recipient"
    accountant.post(f"{at}email-now/", TO)
    services.deliver_due()
    letter = MailMessage.objects.get()
    assert (letter.state, letter.actor, post_office.desk.letters) == ("FAILED", "user:asha", [])
    assert "john@doe.example</a> · failed" in accountant.get(f"{at}change/").content.decode()

    post_office.desk.fault = ""
    again = {"action": "send_again", "_selected_action": letter.pk}
    accountant.post(reverse("admin:delivery_mailmessage_changelist"), again)
    lab_api.post(f"{posted}/cancel", {"reason": "twice"})
    services.deliver_due()
    letter.refresh_from_db()
    assert (letter.state, letter.error_code) == ("FAILED", "NOT_ISSUED")
    assert post_office.desk.letters == []


def test_a_tenant_may_have_every_posted_bill_sent(lab, lab_api, post_office):
    MailPreferences.objects.create(tenant=lab, send_when_final=True)
    to = {"patient_email": "patient@home.example"}
    pk = lab_api.post(URL, bill(**to)).json()["data"]["id"]
    lab_api.post(URL, bill(status="POSTED"))  # without an address
    assert not MailMessage.objects.exists()
    lab_api.post(f"{URL}/{pk}/post")
    lab_api.post(f"{URL}/{pk}/post")  # posted already

    services.deliver_due()
    assert [letter["To"] for letter in post_office.desk.letters] == ["patient@home.example"]
    refused = lab_api.post(URL, bill(**to, status="POSTED", items=[line(rate=0)]))
    assert (refused.status_code, MailMessage.objects.count()) == (400, 1)


def test_failed_letters_are_sent_again_by_command(posted, lab_api, post_office):
    post_office.desk.fault = "refuse_content"
    lab_api.post(f"{posted}/email")
    services.deliver_due()
    post_office.desk.fault = ""

    call_command("resend_mail", "--failed", "--dry-run")
    assert services.deliver_due() == 0
    call_command("resend_mail", "--failed")
    services.deliver_due()

    assert MailMessage.objects.get().state == "SENT"
    with pytest.raises(CommandError, match="not FAILED"):
        call_command("resend_mail", "--ids", MailMessage.objects.get().pk)


def test_the_page_prints_and_a_choice_is_one_file(posted, lab_api, lab, najd):
    second = lab_api.post(URL, bill(patient_name="Jane Roe")).json()["data"]["id"]
    first = TestInvoice.objects.exclude(pk=second).get().pk
    viewer = signed_in(lab, "viewer", "vani")
    at = page("testinvoice_change", first).removesuffix("change/")

    text = viewer.get(f"{at}change/").content.decode()
    assert "print-a4" in text
    assert "email-now" not in text
    paper = viewer.get(f"{at}print-a4/")
    assert paper["Content-Disposition"] == 'inline; filename="INV-2024-001.pdf"'
    assert "Total ₹ 1,121.50" in said(paper.content)
    assert size_mm(viewer.get(f"{at}print-receipt/").content)[0] == 80
    assert viewer.post(f"{at}email-now/", TO).status_code == 403
    chosen = {"action": "print_selected", "_selected_action": [first, second]}
    merged = viewer.post(page("testinvoice_changelist"), chosen).content
    assert page_count(merged) == 2
    assert "Jane Roe" in said(merged)
    assert signed_in(najd, "owner", "salim").get(f"{at}print-a4/").status_code == 404
    assert not MailMessage.objects.exists()
