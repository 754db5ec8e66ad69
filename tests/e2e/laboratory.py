"""What a laboratory's accountant does with the mouse, from the bill to the books."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from config.demo_books import LAB, sample
from tests.e2e.browser import Visitor

BILLS = "/admin/health/testinvoice/"


def bill(visitor: Visitor, number: str) -> None:
    """A draft of two lines, entered today, and its page found by its number."""
    today = datetime.now(UTC)
    draft = sample(
        number,
        status="DRAFT",
        invoice_date=today.isoformat(timespec="seconds"),
        due_date=f"{today + timedelta(days=30):%Y-%m-%d}",
    )
    answer = visitor.site.office.call("POST", f"{LAB}/testinvoices", draft)
    assert answer.status_code == 201, answer.text
    visitor.open(BILLS)
    visitor.page.locator("#searchbar").fill(number)
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_role("link", name=number, exact=True).click()
    expect(visitor.page.locator("#content, #main").first).to_contain_text("Diabetes Panel")


def post(visitor: Visitor) -> None:
    visitor.press("Post")
    visitor.look("laboratory post")
    visitor.press("Post")
    told(visitor, "is posted.")


def told(visitor: Visitor, sentence: str) -> None:
    """The message above the page."""
    expect(visitor.page.get_by_text(sentence).first).to_be_visible()


def bill_is_posted_and_paid(visitor: Visitor) -> None:
    """1,121.50 are billed, half of it comes in cash, and the page says what is owed."""
    bill(visitor, "E2E-1")
    visitor.look("laboratory draft")
    post(visitor)
    visitor.press("Record payment")
    visitor.look("laboratory payment")
    expect(visitor.page.get_by_label("Amount")).to_have_value("1121.50")
    visitor.page.get_by_label("Amount").fill("560.75")
    visitor.press("Record a payment for")
    told(visitor, "is kept.")
    expect(visitor.page.get_by_text("PARTIAL", exact=True).first).to_be_visible()
    visitor.look("laboratory bill paid in part")


def line_is_credited(visitor: Visitor) -> None:
    """Line 2 is given back whole: 475.00 before tax, 560.50 with it."""
    bill(visitor, "E2E-2")
    post(visitor)
    visitor.press("Credit note")
    visitor.look("laboratory credit")
    visitor.page.get_by_label("Reason").fill("Panel was not taken.")
    visitor.page.get_by_label(re.compile("Diabetes Panel")).fill("475.00")
    visitor.press("Credit")
    told(visitor, "is issued.")
    expect(visitor.page.get_by_role("row", name="Credited −560.50")).to_be_visible()


def bill_is_cancelled(visitor: Visitor) -> None:
    """With a reason, which then stands in its history."""
    bill(visitor, "E2E-3")
    post(visitor)
    visitor.press("Cancel")
    visitor.look("laboratory cancel")
    visitor.page.get_by_label("Reason").fill("Entered twice at the counter.")
    visitor.press("Cancel")
    told(visitor, "is cancelled.")
    history = visitor.page.get_by_role("row", name="Entered twice at the counter.")
    expect(history.first).to_be_visible()
    visitor.look("laboratory bill cancelled")


def bill_is_printed(visitor: Visitor) -> None:
    """Both papers are PDF."""
    bill(visitor, "E2E-4")
    for paper in ("Print", "Receipt"):
        link = visitor.page.get_by_role("link", name=re.compile(rf"{paper}$")).first
        content = visitor.file(link.get_attribute("href") or "")
        assert content.startswith(b"%PDF-"), f"{paper} gives {content[:20]!r}"


def figure_leads_to_its_document(visitor: Visitor) -> None:
    """Trial balance → ledger of the account → voucher → the bill it was written for."""
    page = visitor.page
    visitor.open("/admin/health/voucher/")
    visitor.press("Reports")
    expect(page.get_by_role("heading", name="Trial balance")).to_be_visible()
    page.get_by_role("row", name=re.compile("Diagnostic revenue")).get_by_role("link").last.click()
    expect(page.get_by_role("heading", name="Account ledger")).to_be_visible()
    visitor.look("laboratory ledger")
    page.get_by_role("link", name=re.compile("TINV")).first.click()
    expect(page.get_by_text("balanced")).to_be_visible()
    visitor.look("laboratory voucher")
    page.get_by_role("link", name=re.compile("E2E-")).first.click()
    expect(page).to_have_url(re.compile(f"{BILLS}\\d+/change/"))


def books_hold(visitor: Visitor) -> None:
    """The check is run from its page, and finds nothing."""
    visitor.open("/admin/health/voucher/integrity/")
    visitor.press("Check now")
    told(visitor, "The books were checked: everything holds.")
    expect(visitor.page.get_by_text("✗ broken")).to_have_count(0)
    visitor.look("laboratory integrity")


WALKS = (
    bill_is_posted_and_paid,
    line_is_credited,
    bill_is_cancelled,
    bill_is_printed,
    figure_leads_to_its_document,
    books_hold,
)
