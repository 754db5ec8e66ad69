"""The receipt: 80 mm wide, black on white, and a QR code that a thermal head can print."""

import pytest
from PIL import Image

from invoicing.models import Revision
from invoicing.selectors import printable_qr
from invoicing.services import printing
from invoicing.services.printing import render_pdf
from tests.invoicing.payloads import phase_1, simplified
from tests.invoicing.printing.kinds import LONG_ARABIC
from tests.invoicing.printing.paper import missing, picture, scanned, size_mm

DPI = 203


def on_thermal_paper(pdf: bytes) -> Image.Image:
    """Dots are burnt or not: no grey."""
    return picture(pdf, DPI).point(lambda shade: 255 if shade > 127 else 0)


@pytest.mark.parametrize("make", [simplified, phase_1])
def test_its_code_scans_at_203_dots(posted, make):
    invoice = posted(make())

    paper = on_thermal_paper(render_pdf(invoice, layout="receipt").content)

    assert scanned(paper) == [printable_qr(invoice, invoice.current)]


def test_the_longest_code_that_the_rules_allow_fits_and_scans(posted, monkeypatch):
    invoice = posted(simplified())
    longest = "A" * 999 + "="  # BR-CL-KSA-14: 1000 characters
    monkeypatch.setattr(printing.selectors, "printable_qr", lambda *_: longest)

    paper = on_thermal_paper(render_pdf(invoice, layout="receipt").content)

    assert scanned(paper) == [longest]
    # 72 of the 80 mm print.
    assert paper.crop((0, 0, 30, paper.height)).getextrema()[0] == 255


def test_it_is_as_long_as_what_it_says(posted):
    short = posted(simplified("S-1"))
    line = simplified()["line_items"][0]
    long = posted(simplified("S-2", line_items=[{**line, "name": LONG_ARABIC}] * 30))

    heights = [size_mm(render_pdf(each, layout="receipt").content) for each in (short, long)]

    assert [width for width, _ in heights] == [80, 80]
    assert heights[1][1] > heights[0][1] + 30 * 10


def test_it_says_what_the_law_wants(posted):
    receipt = render_pdf(posted(simplified("S-7")), layout="receipt").content

    wanted = ["Simplified Tax Invoice", "399999999900003", "S-7", "200.00", "30.00", "230.00 SAR"]
    assert missing(receipt, wanted) == []


def test_a_document_is_never_confused_with_its_neighbour(posted):
    first, second = posted(simplified("S-1")), posted(simplified("S-2"))
    codes = Revision.objects.order_by("icv").values_list("qr", flat=True)

    shown = [scanned(picture(render_pdf(each).content, 200)) for each in (first, second)]

    assert shown == [[code] for code in codes]
