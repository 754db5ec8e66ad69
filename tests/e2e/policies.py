"""What an operator of the policies looks at: a transaction and what was said to IMS about it."""

import re

from playwright.sync_api import expect

from tests.e2e.browser import Visitor

TRANSACTIONS = "/admin/integrations/tritontransaction/"


def transaction_tells_its_story(visitor: Visitor) -> None:
    """POL-3: refused for its producer, mended by an alias, bound; step by step in the timeline."""
    page = visitor.page
    visitor.open(TRANSACTIONS)
    page.locator("#searchbar").fill("POL-3")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=re.compile("Bind")).first.click()
    expect(page.get_by_role("tab", selected=True)).to_contain_text("Timeline")
    steps = page.locator(".daftar-timeline > li")
    expect(steps.filter(has_text="producer_not_found").first).to_be_visible()
    expect(page.get_by_text("completed").first).to_be_visible()
    visitor.look("policies transaction")


def every_tab_is_filled(visitor: Visitor) -> None:
    for tab in visitor.page.get_by_role("tab").all():
        tab.click()
        expect(visitor.page.locator("[role=tabpanel]:visible")).not_to_be_empty()
        visitor.look(f"policies transaction {tab.inner_text()}")


def call_shows_both_messages(visitor: Visitor) -> None:
    """From the tab of calls to one of them: what was sent and what came back."""
    page = visitor.page
    page.get_by_role("tab", name=re.compile("Calls to IMS")).click()
    page.locator("[role=tabpanel]:visible").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"imscall/\d+/change/"))
    for message in ("Request", "Response"):
        expect(page.get_by_role("heading", name=message).first).to_be_visible()
    visitor.look("policies call")


WALKS = (transaction_tells_its_story, every_tab_is_filled, call_shows_both_messages)
