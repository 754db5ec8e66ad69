"""What a Saudi seller's staff does with the mouse, and what the buyer sees on a phone."""

import re

from playwright.sync_api import expect

from tests.e2e.browser import PHONE, Visitor

INVOICES = "/admin/invoicing/invoice/"
NUMBER = "E2E-1001"
ARABIC = {"lang": "ar", "dir": "rtl"}


def invoice_is_entered_and_cleared(visitor: Visitor) -> None:
    """By its form, of two lines: 2 × 40.00 and 1 × 20.00 with 15 % VAT are 115.00."""
    page = visitor.page
    visitor.open(INVOICES)
    visitor.press("Enter an invoice")
    visitor.look("zatca entry")
    page.get_by_label("Number", exact=True).first.fill(NUMBER)
    visitor.press("Line")
    for row, (name, quantity, price) in enumerate((("قهوة عربية", "2", "40"), ("تمر", "1", "20"))):
        line = page.locator("[data-group=line_items] [data-row]").nth(row)
        line.get_by_label("Product or service").fill(name)
        line.get_by_label("Quantity").fill(quantity)
        line.get_by_label("Price", exact=True).fill(price)
    expect(page.locator("[data-sum=total]")).to_have_text("115.00")
    visitor.press("Check")
    expect(page.get_by_text("Nothing was found wrong.")).to_contain_text("115.00 SAR")
    visitor.press("Review")
    visitor.look("zatca review")
    visitor.press("Issue")
    expect(page.locator(".daftar-title")).to_have_text(NUMBER)
    expect(page.locator(".daftar-badges").first).to_contain_text("reported", ignore_case=True)


def story_is_told(visitor: Visitor) -> None:
    """Every tab of the invoice's page has something to read."""
    to_story(visitor)
    for tab in visitor.page.get_by_role("tab").all():
        tab.click()
        panel = visitor.page.locator("[role=tabpanel]:visible")
        expect(panel).to_have_count(1)
        expect(panel).not_to_be_empty()
        visitor.look(f"zatca story {tab.inner_text()}")


def to_story(visitor: Visitor) -> None:
    visitor.open(INVOICES)
    visitor.page.get_by_role("link", name=NUMBER).first.click()
    expect(visitor.page.locator(".daftar-title")).to_have_text(NUMBER)


def form_and_story_are_arabic_to_an_arab(visitor: Visitor) -> None:
    """Whose browser asks for Arabic: the same pages from right to left, in Arabic words."""
    with visitor.another("ar") as arab:
        arab.sign_in()
        arab.open(f"{INVOICES}enter/")
        expect(arab.page.get_by_role("heading", name="إدخال فاتورة").first).to_be_visible()
        _is_arabic(arab)
        arab.look("zatca entry")
        to_story(arab)
        _is_arabic(arab)
        arab.look("zatca story")


def books_agree_with_the_authority(visitor: Visitor) -> None:
    """Compared with the list the stand-in keeps: nothing is open."""
    page = visitor.page
    visitor.open("/admin/invoicing/reconciliationrun/list/")
    visitor.look("zatca reconcile")
    page.locator("#main form.daftar-confirm button[type=submit]").click()
    expect(page).to_have_url(re.compile(r"reconciliationrun/\d+/change/"))
    expect(page.get_by_text(re.compile("both sides agree", re.IGNORECASE)).first).to_be_visible()
    visitor.look("zatca reconciled")


def buyer_opens_the_link_on_a_phone(visitor: Visitor) -> None:
    """Without a password, in Arabic, 390 px wide; and takes the PDF along."""
    to_story(visitor)
    visitor.press("Link for the buyer")
    visitor.look("zatca link")
    visitor.page.locator("#main form.daftar-confirm button[type=submit]").click()
    address = visitor.page.locator(".daftar-key").inner_text().strip()
    with visitor.another("ar", width=PHONE) as buyer:
        buyer.open(address)
        _is_arabic(buyer)
        expect(buyer.page.get_by_text(NUMBER).first).to_be_visible()
        buyer.look("buyer link", widths=(PHONE,))
        pdf = buyer.page.get_by_role("link", name=re.compile("PDF")).get_attribute("href")
        assert buyer.file(pdf or "").startswith(b"%PDF-")


def _is_arabic(visitor: Visitor) -> None:
    for name, value in ARABIC.items():
        expect(visitor.page.locator("html")).to_have_attribute(name, value)


WALKS = (
    invoice_is_entered_and_cleared,
    story_is_told,
    form_and_story_are_arabic_to_an_arab,
    books_agree_with_the_authority,
    buyer_opens_the_link_on_a_phone,
)
