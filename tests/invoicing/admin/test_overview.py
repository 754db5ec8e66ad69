"""The first page says how things stand, to whom it may."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from config.attention.services import raise_attention
from invoicing.models import Chain, Invoice
from tests.invoicing.admin.pages import story, words
from tests.invoicing.payloads import standard


def figures(response) -> dict[str, str]:
    panels = response.context["panels"]
    return {tile.label: tile.figure for panel in panels for tile in panel["tiles"]}


def test_counts_by_status(viewer, cleared, failed, rejected):
    told = figures(viewer.get("/admin/"))
    assert (told["cleared"], told["failed"], told["rejected"]) == ("1", "1", "1")
    assert (told["processing"], told["created"]) == ("0", "0")


def test_another_tenants_rows_do_not_count(stranger, failed):
    raise_attention(
        tenant_id=failed.tenant_id, kind="k", subject="s", reason="R.", next_action="N."
    )
    page = stranger.get("/admin/")
    told = figures(page)
    assert (told["failed"], told["Open"], told["oldest without a verdict"]) == ("0", "0", "none")
    assert "R." not in words(page)


def test_the_oldest_without_a_verdict_leads_to_its_story(viewer, failed):
    Invoice.objects.update(issued_at=timezone.now())
    page = viewer.get("/admin/")
    assert figures(page)["oldest without a verdict"] == "0 minutes".replace(" ", "\xa0")
    assert f'href="{story(failed)}"' in page.content.decode()


@pytest.mark.parametrize(("days", "label"), [(29, "expires first"), (31, "certificates")])
def test_a_certificate_that_expires_within_30_days(viewer, unit, days, label):
    Chain.objects.update(expires_at=timezone.now() + timedelta(days=days))
    assert label in figures(viewer.get("/admin/"))


def test_the_sidebar_shows_what_a_role_may_see(viewer, owner, unit):
    def entries(browser) -> set[str]:
        page = browser.get("/admin/").content.decode()
        return set(re.findall(r'href="/admin/(\w+/\w+)/"', page))

    both = {f"invoicing/{name}" for name in ("invoice", "invoicelog", "attempt", "egsunit")}
    assert both <= entries(viewer)
    assert "tenancy/apikey" in entries(owner) - entries(viewer)
    assert "auth/user" not in entries(owner)


def test_open_attention_is_a_badge(viewer, najd):
    for n in range(3):
        raise_attention(tenant_id=najd.pk, kind="k", subject=f"s{n}", reason="R.", next_action="N.")
    assert "Needs attention 3" in words(viewer.get("/admin/"))


def test_a_task_and_its_list_are_named_in_words(viewer, najd):
    said = {"reason": "A-7 was accepted with a warning.", "next_action": "Correct it."}
    kind, subject = "accepted_with_warnings", "rule:BR-KSA-17"
    task = raise_attention(tenant_id=najd.pk, kind=kind, subject=subject, **said)
    page = viewer.get(f"/admin/attention/attention/{task.pk}/change/")
    assert "To do Attention Accepted with warnings: rule BR-KSA-17" in " ".join(
        word for word in words(page).split() if word != "chevron_right"
    )
    assert "accepted_with_warnings" not in words(page)
    assert viewer.get("/admin/attention/attention/").context["title"] == "Attention"


def test_what_waits_is_counted_and_listed_the_oldest_first(viewer, owner, post):
    now = timezone.now()
    for number, hours in (("INV-1", 1), ("INV-2", 3), ("INV-3", 2)):
        invoice = post(standard(number), "error_503_before")
        Invoice.objects.filter(pk=invoice.pk).update(issued_at=now - timedelta(hours=hours))
    post(standard("INV-4"))
    page = viewer.get("/admin/")
    told = {tile.label: tile for panel in page.context["panels"] for tile in panel["tiles"]}

    assert (told["without a verdict"].figure, told["never sent"].figure) == ("3", "0")
    assert not viewer.get(told["never sent"].link).context["cl"].result_list
    # One with a box to tick before each row, and one without.
    for browser in (viewer, owner):
        panels = browser.get("/admin/").context["panels"]
        [link] = [t.link for p in panels for t in p["tiles"] if t.label == "without a verdict"]
        listed = browser.get(link).context["cl"].result_list
        assert [invoice.invoice_number for invoice in listed] == ["INV-2", "INV-3", "INV-1"]
