"""Mail, PDFs as a zip and archives from the back office."""

import pytest

from config.delivery.models import MailMessage, MailPreferences
from config.delivery.services import deliver_due
from config.jobs.models import Job
from config.jobs.services import run_next
from config.tenancy.models import Role
from invoicing.models import Invoice
from tests.invoicing.admin.pages import INVOICES, form_of, story, words
from tests.invoicing.payloads import standard

BUYER = "buyer@hijaz.example"


@pytest.fixture
def addressed(post, post_office) -> Invoice:
    return post(standard("INV-1", buyer_email=BUYER))


def test_the_button_asks_where_to_and_the_story_tells(clerk, addressed, post_office):
    page = f"{INVOICES}{addressed.pk}/email/"
    assert page in clerk.get(story(addressed)).content.decode()
    clerk.post(page, form_of(clerk.get(page), to="other@b.example", language="en"))
    [message] = MailMessage.objects.all()
    assert (message.to, message.language, message.actor) == ("other@b.example", "en", "user:amal")
    deliver_due()
    assert "other@b.example" in words(clerk.get(story(addressed)))
    assert len(post_office.desk.letters) == 1


def test_many_after_a_look_at_who_has_an_address(clerk, addressed, cleared):
    chosen = {"action": "email_selected", "_selected_action": [addressed.pk, cleared.pk]}
    page = clerk.post(INVOICES, {**chosen, "index": 0})
    assert f"INV-1 → {BUYER}" in words(page)
    assert "1 of your choice have no address" in words(page)
    assert not MailMessage.objects.exists()
    clerk.post(INVOICES, form_of(page))
    assert MailMessage.objects.get().to == BUYER


def test_a_viewer_sends_nothing(viewer, addressed):
    assert viewer.get(f"{INVOICES}{addressed.pk}/email/").status_code == 403
    assert "E-mail to the buyer" not in words(viewer.get(story(addressed)))


def test_what_may_not_leave_has_no_button(clerk, rejected, post_office):
    assert "E-mail to the buyer" not in words(clerk.get(story(rejected)))
    page = f"{INVOICES}{rejected.pk}/email/"
    clerk.post(page, {"to": BUYER, "language": "ar"})
    assert not MailMessage.objects.exists()


def test_pdfs_as_a_zip_with_progress_and_download(viewer, cleared):
    chosen = {"action": "zip_selected", "_selected_action": [cleared.pk], "index": 0}
    answer = viewer.post(INVOICES, chosen)
    job = Job.objects.get()
    assert answer["Location"] == f"/admin/jobs/job/{job.pk}/change/"
    assert 'value="0"' in viewer.get(answer["Location"]).content.decode()
    assert "ids: 1 chosen" in words(viewer.get(answer["Location"]))
    run_next()
    assert 'value="100"' in viewer.get("/admin/jobs/job/").content.decode()
    content = b"".join(viewer.get(f"/admin/jobs/job/{job.pk}/file/").streaming_content)
    assert content.startswith(b"PK")


def test_an_archive_for_whoever_may_export(signed_in, najd, clerk, cleared):
    page = f"{INVOICES}archive/"
    assert clerk.get(page).status_code == 403
    auditor = signed_in(najd, Role.AUDITOR, "aziz")
    assert "Archive for an auditor" in words(auditor.get(page))
    arabic = words(auditor.get(page, headers={"accept-language": "ar"}))
    assert all(word in arabic for word in ("أرشيف للمدقق", "صادرة من", "كل الوحدات", "رجوع"))
    auditor.post(page, {"first": "2026-12-31", "last": "2026-01-01", "unit": ""})
    assert not Job.objects.exists()
    auditor.post(page, {"first": "2020-01-01", "last": "2099-12-31", "unit": ""})
    job = Job.objects.get()
    assert (job.kind, job.actor) == ("archive", "user:aziz")
    assert clerk.get(f"/admin/jobs/job/{job.pk}/change/").status_code == 404
    assert clerk.get(f"/admin/jobs/job/{job.pk}/file/").status_code == 404


def test_another_tenants_are_as_absent(stranger, clerk, addressed):
    clerk.post(INVOICES, {"action": "zip_selected", "_selected_action": [addressed.pk]})
    job = Job.objects.get()
    for page in ("change", "file"):
        assert stranger.get(f"/admin/jobs/job/{job.pk}/{page}/").status_code == 404
    assert stranger.post(f"{INVOICES}{addressed.pk}/email/").status_code == 404


def test_a_failed_letter_is_sent_again(clerk, addressed, post_office, api):
    api.post(f"/api/v1/invoices/{addressed.pk}/email")
    post_office.desk.fault = "refuse_recipient"
    deliver_due()
    message = MailMessage.objects.get()
    assert message.state == "FAILED"
    again = {"action": "send_again", "_selected_action": [message.pk], "index": 0}
    clerk.post("/admin/delivery/mailmessage/", again)
    message.refresh_from_db()
    assert message.state == "QUEUED"


def test_the_switch_is_the_owners(owner, clerk, najd):
    page = "/admin/delivery/mailpreferences/add/"
    assert clerk.get(page).status_code == 403
    owner.post(
        page, {"send_when_final": "on", "language": "ar", "reply_to": "", "_tenant": najd.pk}
    )
    assert MailPreferences.objects.get(tenant=najd).send_when_final
    assert owner.get(page).status_code == 403
