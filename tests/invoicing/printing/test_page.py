"""The page in the browser says what the paper says."""

import html
import re

import pytest

from config.printing.logos import logo_of
from config.printing.services import set_branding
from invoicing.services.printing import page_context
from tests.config.printing.pictures import png
from tests.invoicing.admin.conftest import owner, signed_in, viewer  # noqa: F401
from tests.invoicing.printing.kinds import KINDS

# A few of each layout's branches; amounts worked out by hand as in test_kinds.
SAID = {
    "foreign": ["230.00 USD", "1 USD = 3.75 SAR", "862.50 SAR"],
    "deducted": ["ADV-7", "−115.00", "115.00 SAR"],
    "adjusted": [
        "1,824.95 SAR",
        "خصم ولاء",
        "Medicines and medical",
        "5% × 180.00 = 9.00",
    ],
    "credit-note": ["إشعار دائن لفاتورة ضريبية", "إرجاع بضاعة", "INV-1"],
}


def text_of(response) -> str:
    bare = re.sub(r"<[^>]+>", "", response.content.decode())
    return " ".join(html.unescape(bare).split())


@pytest.mark.parametrize("kind", SAID)
def test_it_says_what_the_paper_says(viewer, posted, kind):  # noqa: F811
    invoice = posted(KINDS[kind])

    text = text_of(viewer.get(f"/admin/invoicing/invoice/{invoice.pk}/print/"))

    assert [said for said in SAID[kind] if said not in text] == []


def test_it_carries_the_looks_of_the_tenant(viewer, posted, najd):  # noqa: F811
    set_branding(tenant=najd, accent_colour="#a11b2c", footer="هاتف 920000000", logo=logo_of(png()))
    invoice = posted(KINDS["simplified"])

    page = viewer.get(f"/admin/invoicing/invoice/{invoice.pk}/print/").content.decode()

    assert [
        part for part in ("#a11b2c", "هاتف 920000000", "data:image/png;base64,") if part not in page
    ] == []
    assert "viewBox" in str(page_context(invoice)["qr"])
