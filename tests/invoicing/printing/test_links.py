"""A signed link: for whoever has it, until its time, for one document."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from config.printing.links import Link, token_of
from config.tenancy.models import Tenant
from invoicing.models import Invoice
from tests.conftest import client_of
from tests.invoicing.payloads import standard
from tests.invoicing.traces import URL

LINE = {**standard()["line_items"][0], "name": "<script>alert(1)</script> قهوة"}


@pytest.fixture
def invoice(posted) -> Invoice:
    return posted(standard(line_items=[LINE]))


@pytest.fixture
def buyer() -> Client:
    """A browser that nobody signed in."""
    return Client()


def link_to(api, invoice, days: int = 7) -> dict:
    return api.post(f"{URL}/{invoice.pk}/link", {"expires_in_days": days}).json()


def opened(buyer: Client, url: str):
    return buyer.get(url.removeprefix("http://testserver"))


def test_it_shows_the_page_and_the_pdf_without_a_credential(api, buyer, invoice):
    link = link_to(api, invoice)

    page, pdf = opened(buyer, link["url"]), opened(buyer, link["pdf_url"])

    assert page.status_code == pdf.status_code == 200
    assert "فاتورة ضريبية" in page.content.decode()
    assert pdf.content == api.get(f"{URL}/{invoice.pk}/pdf").content


def test_its_answers_are_not_kept_passed_on_or_indexed(api, buyer, invoice):
    link = link_to(api, invoice)

    for url in (link["url"], link["pdf_url"], link["url"] + "x"):
        response = opened(buyer, url)
        assert response["Cache-Control"] == "no-store, private"
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["X-Robots-Tag"].startswith("noindex")
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert not response.cookies


def test_a_users_text_is_only_text(api, buyer, invoice):
    page = opened(buyer, link_to(api, invoice)["url"]).content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page


def test_it_ends(api, buyer, invoice):
    link = link_to(api, invoice, days=1)
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1), tick=False):
        response = opened(buyer, link["url"])

    assert response.status_code == 410
    assert "انتهت صلاحية هذا الرابط" in response.content.decode()
    assert "INV-1" not in response.content.decode()


@pytest.mark.parametrize("change", [
    lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
    lambda token: "X" + token[1:],
    lambda token: token.partition(".")[0],
    lambda token: "nonsense",
])  # fmt: skip
def test_a_changed_link_is_one_friendly_404(api, buyer, invoice, change):
    token = link_to(api, invoice)["url"].rpartition("/")[2]

    response = buyer.get(f"/p/{change(token)}")

    assert response.status_code == 404
    assert "هذا الرابط غير صالح" in response.content.decode()
    assert "This link is not valid" in response.content.decode()


def test_every_other_end_looks_the_same(api, buyer, invoice, hijaz):
    tomorrow = timezone.now() + timedelta(days=1)
    answers = [
        buyer.get(f"/p/{token_of(Link(kind, tenant, pk, tomorrow))}")
        for kind, tenant, pk in (
            ("invoice", hijaz.pk, invoice.pk),
            ("invoice", invoice.tenant_id, 10**9),
            ("parcel", invoice.tenant_id, invoice.pk),
        )
    ]
    Tenant.objects.filter(pk=invoice.tenant_id).update(is_active=False)
    closed = Link("invoice", invoice.tenant_id, invoice.pk, tomorrow)
    answers.append(buyer.get(f"/p/{token_of(closed)}"))
    answers.append(buyer.get("/p/nonsense"))

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_there_is_no_link_to_what_may_not_be_given_out(api, posted):
    refused = api.post(f"{URL}/{posted(standard(), 'drop_after').pk}/link", {})

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "not_printable")


@pytest.mark.parametrize("days", [0, -1, 366, "x", 1.5])
def test_its_life_is_bounded(api, invoice, days):
    refused = api.post(f"{URL}/{invoice.pk}/link", {"expires_in_days": days})

    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "expires_in_days")


def test_making_one_needs_write(invoice, najd):
    assert client_of(najd, "invoices:read").post(f"{URL}/{invoice.pk}/link").status_code == 403


def test_it_stands_in_no_log_line(api, buyer, invoice, caplog):
    token = link_to(api, invoice)["url"].rpartition("/")[2]

    buyer.get(f"/p/{token}")

    assert "/p/…" in caplog.text
    assert token not in caplog.text
