"""Who may open what."""

import pytest

from invoicing.models import Attempt, Chain, InvoiceLog
from tests.invoicing.admin.pages import INVOICES, retry, story, words

LISTS = ("invoice", "invoicelog", "attempt", "egsunit", "chain")


@pytest.mark.parametrize("model", LISTS)
def test_a_viewer_opens_every_list(viewer, failed, model):
    assert viewer.get(f"/admin/invoicing/{model}/").status_code == 200


@pytest.mark.parametrize("model", [InvoiceLog, Attempt, Chain])
def test_a_viewer_opens_every_row(viewer, failed, model):
    for row in model.objects.all():
        page = f"/admin/invoicing/{model._meta.model_name}/{row.pk}/change/"
        assert viewer.get(page).status_code == 200


@pytest.mark.parametrize("page", ["change/", "retry/", "more-retries/", "history/"])
def test_another_tenants_invoice_is_as_absent(stranger, failed, page):
    assert stranger.get(f"{INVOICES}{failed.pk}/{page}").status_code == 404
    assert stranger.post(f"{INVOICES}{failed.pk}/{page}").status_code == 404
    assert stranger.get(f"{INVOICES}987654/{page}").status_code == 404


@pytest.mark.parametrize("document", ["revision/1/sealed.xml", "attempt/1/answer/"])
def test_another_tenants_bytes_are_as_absent(stranger, cleared, document):
    assert stranger.get(f"{INVOICES}{cleared.pk}/{document}").status_code == 404


def test_lists_hold_own_rows_only(stranger, failed):
    for model in LISTS:
        assert "INV-FAILED" not in words(stranger.get(f"/admin/invoicing/{model}/"))


def test_a_viewer_may_not_retry(viewer, failed):
    assert "Retry" not in words(viewer.get(story(failed)))
    assert viewer.get(retry(failed)).status_code == 403
    assert viewer.post(retry(failed), {"reason": "please"}).status_code == 403
    assert "Retry the selected" not in words(viewer.get(INVOICES))
    failed.refresh_from_db()
    assert (failed.status, failed.attempt_no, failed.logs.count()) == ("FAILED", 1, 1)


def test_without_a_session_there_is_the_sign_in(client, failed):
    for page in (story(failed), retry(failed), f"{INVOICES}{failed.pk}/revision/1/sealed.xml"):
        assert client.get(page).status_code == 302


def test_staff_without_a_tenant_gets_no_bytes(db, client, django_user_model, cleared):
    client.force_login(django_user_model.objects.create_superuser("root"))
    assert client.get(f"{INVOICES}{cleared.pk}/revision/1/sealed.xml").status_code == 404
    assert "Choose the tenant" in words(client.get(story(cleared)))
