"""The print buttons of an invoice's story."""

from django.contrib.admin.models import LogEntry

from tests.invoicing.admin.conftest import (  # noqa: F401
    cleared,
    clerk,
    failed,
    post,
    signed_in,
    stranger,
    viewer,
)  # fmt: skip

BASE = "/admin/invoicing/invoice"


def test_a_cleared_invoice_can_be_printed(viewer, cleared):  # noqa: F811
    story = viewer.get(f"{BASE}/{cleared.pk}/change/").content.decode()
    pdf = viewer.get(f"{BASE}/{cleared.pk}/a4.pdf")

    assert [f"{BASE}/{cleared.pk}/{door}" in story for door in ("a4.pdf", "print/")] == [True] * 2
    assert f"{BASE}/{cleared.pk}/receipt.pdf" not in story
    assert pdf.content.startswith(b"%PDF-1.7")


def test_what_waits_has_no_buttons_and_no_pdf(viewer, failed):  # noqa: F811
    story = viewer.get(f"{BASE}/{failed.pk}/change/").content.decode()
    refused = viewer.get(f"{BASE}/{failed.pk}/a4.pdf", follow=True)

    assert "a4.pdf" not in story
    assert "cannot be printed" in refused.content.decode()


def test_a_clerk_makes_a_link_and_a_viewer_does_not(clerk, viewer, cleared):  # noqa: F811
    refused = viewer.post(f"{BASE}/{cleared.pk}/link/", {"days": 3})
    page = clerk.post(f"{BASE}/{cleared.pk}/link/", {"days": 3})

    assert refused.status_code == 403
    assert "http://testserver/p/" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert "Made a link" in LogEntry.objects.latest("pk").change_message


def test_another_tenant_finds_nothing(stranger, cleared):  # noqa: F811
    paths = ("a4.pdf", "print/", "link/")

    assert {stranger.get(f"{BASE}/{cleared.pk}/{path}").status_code for path in paths} == {404}
