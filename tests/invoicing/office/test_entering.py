"""An invoice written by hand: checked without a trace, reviewed, issued once."""

import pytest

from invoicing.entry.paths import flatten, nest
from invoicing.models import Invoice, NumberSeries
from invoicing.services.numbering import save_series
from tests.invoicing.admin.pages import words
from tests.invoicing.office.pages import ENTER, fill, found, send, written
from tests.invoicing.traces import everything

BUYER = {
    "buyer_name": "شركة الحجاز",
    "buyer_tax_number": "310122393500003",
    "buyer_address.street": "شارع",
    "buyer_address.building_number": "3242",
    "buyer_address.district": "الزهراء",
    "buyer_address.city": "جدة",
    "buyer_address.postal_code": "23423",
}
SALE = {
    **BUYER,
    "invoice_number": "H-1",
    "line_items[0].name": "قهوة عربية",
    "line_items[0].quantity": "2",
    "line_items[0].unit_price": "100.00",
}


@pytest.fixture(autouse=True)
def _ready(unit) -> None:
    """A unit that may seal."""


def test_check_stores_nothing_and_tells_the_total(clerk, zatca):
    before = everything(zatca)
    page = fill(clerk, ENTER, "check", paths=SALE)
    assert found(page) == {}
    assert str(page.context["sums"].tax_inclusive) == "230.00"
    assert everything(zatca) == before


def test_it_is_issued(clerk):
    answer = send(clerk, ENTER, paths=SALE)
    made = Invoice.objects.get()
    assert (made.invoice_number, made.status, str(made.total_amount)) == (
        "H-1",
        "CLEARED",
        "230.00",
    )
    assert made.current.actor == "user:amal"
    assert "H-1: cleared." in words(answer)


def test_an_empty_form_says_what_is_missing(clerk, zatca):
    before = everything(zatca)
    page = fill(clerk, ENTER, "send", paths={"line_items[0].name": "قهوة"})
    assert "line_items[0].unit_price" in found(page)
    assert everything(zatca) == before


def test_rows_close_up_and_errors_follow_them(clerk):
    later = {
        **{k: v for k, v in SALE.items() if not k.startswith("line")},
        "line_items[4].name": "قهوة عربية",
        "line_items[4].quantity": "1",
        "line_items[4].unit_price": "5",
        "line_items[4].tax_category": "S",
        "line_items[4].tax_rate": "7",
        "line_items[2].tax_category": "S",
    }
    page = fill(clerk, ENTER, "check", paths=later)
    assert found(page) == {"line_items[0].tax_rate": ["rule_violated"]}


def test_without_a_number_the_series_gives_one_and_a_double_click_is_one_invoice(clerk, najd):
    save_series(NumberSeries(tenant=najd, pattern="H-{seq:03}", resets_yearly=False))
    page = clerk.get(ENTER)
    said = written(page) | SALE | {"do": "send"}
    del said["invoice_number"]
    clerk.post(ENTER, said)
    twice = clerk.post(ENTER, said)
    assert found(twice) == {"invoice_number": ["duplicate_invoice"]}
    assert Invoice.objects.get().invoice_number == "H-001"


def test_without_a_series_a_number_is_asked_for(clerk, zatca):
    before = everything(zatca)
    page = fill(clerk, ENTER, "send", paths={**SALE, "invoice_number": None})
    assert found(page) == {"invoice_number": ["invoice_number_required"]}
    assert everything(zatca) == before


def test_a_rejection_leads_to_the_story(clerk, zatca):
    zatca.control.script("H-1", delivery=1, fault="reject")
    assert "H-1: rejected." in words(send(clerk, ENTER, paths=SALE))


def test_a_lost_answer_says_so(clerk, zatca):
    zatca.control.script("H-1", delivery=1, fault="drop_after")
    assert "no verdict yet" in words(send(clerk, ENTER, paths=SALE))


def test_it_is_arabic_for_arabic_readers(clerk):
    page = clerk.get(ENTER, headers={"Accept-Language": "ar"})
    assert "إدخال فاتورة" in words(page)
    assert "السلعة أو الخدمة" in words(page)


def test_white_space_and_line_breaks_of_a_browser_are_mended():
    assert nest({"buyer_name": "  A ", "notes[3]": "a\r\nb", "flags.export": ""}) == {
        "buyer_name": "A",
        "notes": ["a\nb"],
    }


def test_a_hostile_name_is_no_path():
    said = {"line_items[99999].name": "x", "a..b": "x", "[0]": "x", "": "x", "x" * 3 + "[": "x"}
    assert nest(said) == {}
    assert nest({"buyer_name": "A", "buyer_name.first": "B"}) == {"buyer_name": "A"}


def test_there_and_back():
    nested = {
        "a": {"b": ["x", "y"]},
        "line_items": [{"name": "n", "allowances": [{"amount": "1"}]}],
    }
    assert nest(dict(flatten(nested))) == nested


def test_a_viewer_enters_nothing(viewer, zatca):
    before = everything(zatca)
    assert viewer.get(ENTER).status_code == 403
    assert viewer.post(ENTER, SALE | {"do": "send"}).status_code == 403
    assert everything(zatca) == before
