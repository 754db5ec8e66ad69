"""The file: PDF/A-3b with the document that counts inside, the same bytes every time."""

import io
import re

import pikepdf
import pytest

from config.printing.services import set_branding
from config.problems import Problem
from invoicing import errors
from invoicing.models import Invoice
from invoicing.services.printing import render_pdf
from tests.invoicing.payloads import phase_1, simplified, standard
from tests.invoicing.printing.kinds import KINDS
from tests.invoicing.printing.paper import attached, missing, words

PDFA = "{http://www.aiim.org/pdfa/ns/id/}"


@pytest.fixture
def invoice(posted) -> Invoice:
    return posted(standard())


def test_it_is_pdf_a_3b_with_one_associated_file(invoice):
    with pikepdf.open(io.BytesIO(render_pdf(invoice).content)) as document:
        root = document.Root
        with document.open_metadata() as metadata:
            claims = (metadata[f"{PDFA}part"], metadata[f"{PDFA}conformance"])
        [file] = root.AF
        [intent] = root.OutputIntents

        assert claims == ("3", "B")
        assert (file.AFRelationship, file.EF.F.Subtype) == ("/Alternative", "/text/xml")
        assert intent.S == "/GTS_PDFA1"
        assert root.Lang == "ar"


def test_every_font_is_embedded(invoice):
    with pikepdf.open(io.BytesIO(render_pdf(invoice).content)) as document:
        described = [
            entry
            for entry in document.objects
            if isinstance(entry, pikepdf.Dictionary) and entry.get("/Type") == "/FontDescriptor"
        ]
        files = [{"/FontFile2", "/FontFile3"} & set(entry.keys()) for entry in described]

        assert {str(entry.FontName).partition("+")[2] for entry in described} == {
            "NotoSans-Regular",
            "NotoSans-Bold",
            "NotoNaskhArabic-Regular",
            "NotoNaskhArabic-Bold",
        }
        assert all(files)


def test_it_holds_the_authoritys_version_byte_for_byte(invoice):
    cleared = bytes(invoice.current.cleared_xml)
    printed = render_pdf(invoice)

    assert attached(printed.content) == {printed.file_name.replace(".pdf", ".xml"): cleared}
    assert cleared != bytes(invoice.current.xml)


def test_a_simplified_document_holds_what_was_sealed(posted):
    invoice = posted(simplified())

    assert list(attached(render_pdf(invoice).content).values()) == [bytes(invoice.current.xml)]


def test_phase_1_has_no_document_to_hold(posted):
    assert attached(render_pdf(posted(phase_1())).content) == {}


def test_twice_is_the_same_bytes(invoice):
    assert render_pdf(invoice) == render_pdf(Invoice.objects.get(pk=invoice.pk))


def test_the_name_is_vat_moment_and_number(posted):
    invoice = posted(standard("٢٠٢٦/A 7", invoice_date="2026-11-20T12:00:00+03:00"))

    assert render_pdf(invoice).file_name == "399999999900003_20261120T120000_٢٠٢٦-A-7.pdf"


def test_text_is_never_an_instruction(posted):
    hostile = "#panic() $x$ *b* ] </b> \\ #import"
    invoice = posted(standard(line_items=[{**standard()["line_items"][0], "name": hostile}]))

    text = words(render_pdf(invoice).content)
    assert [part for part in ("panic", "$x$", "import") if part not in text] == []


def test_what_no_font_has_prints_as_a_mark(posted):
    line = {**standard()["line_items"][0], "name": "绿茶 tea 😀 ก"}

    assert "tea" in words(render_pdf(posted(standard(line_items=[line]))).content)


@pytest.mark.parametrize("fault", ["drop_after", "reject", "error_503_before"])
def test_a_tax_invoice_that_is_not_cleared_is_not_given_out(posted, fault):
    with pytest.raises(errors.NotPrintable) as refusal:
        render_pdf(posted(standard(), fault))

    assert (refusal.value.status, refusal.value.code) == (409, "not_printable")


def test_after_303_our_own_document_is_given_out(posted, zatca):
    zatca.control.switch(clearance=False)
    invoice = posted(standard())

    assert invoice.zatca_status == "REPORTED"
    assert list(attached(render_pdf(invoice).content).values()) == [bytes(invoice.current.xml)]


def test_a_simplified_document_is_given_out_before_it_is_reported_but_not_once_refused(posted):
    assert render_pdf(posted(simplified("S-1"), "drop_after")).content
    with pytest.raises(errors.NotPrintable):
        render_pdf(posted(simplified("S-2"), "reject"))


@pytest.mark.parametrize("layout", ["receipt", "a5", "../a4"])
def test_a_layout_that_does_not_fit_is_refused(invoice, layout):
    with pytest.raises(Problem) as refusal:
        render_pdf(invoice, layout=layout)

    assert (refusal.value.status, refusal.value.code, refusal.value.param) == (
        400,
        "layout_unfit",
        "layout",
    )


def test_the_footer_of_the_tenant_is_on_it(invoice, najd):
    set_branding(tenant=najd, footer="هاتف 920000000\nIBAN SA03 8000", accent_colour="#112233")

    assert missing(render_pdf(invoice).content, ["IBAN", "920000000"]) == []


def test_what_people_copy_out_of_it_is_copied_alone(posted):
    """An invisible mark beside a VAT number makes the portal refuse it."""
    text = words(render_pdf(posted(KINDS["standard"])).content)

    for said in ("399999999900003", "310122393500003", "1010010000", "230.00"):
        assert said in text
        assert not re.search(f"[\u2066\u2067\u2068]{said}|{said}\u2069", text), said
