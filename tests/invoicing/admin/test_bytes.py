"""The pages that show which bytes differ."""

from django.core.files.uploadedfile import SimpleUploadedFile

from invoicing.models import Revision
from tests.invoicing.admin.pages import INVOICES, story, words
from tests.invoicing.payloads import phase_1, standard

FILES = f"{INVOICES}bytes/"


def page_of(invoice) -> str:
    return f"{INVOICES}{invoice.pk}/bytes/"


def file(content: bytes, name: str = "document") -> dict:
    return {name: SimpleUploadedFile("theirs.xml", content)}


def test_an_invoices_bytes_hold(viewer, cleared):
    assert page_of(cleared) in viewer.get(story(cleared)).content.decode()
    page = words(viewer.get(page_of(cleared)))
    assert f"Invoice hash {cleared.hash} over" in page
    assert "The same canonical bytes, so the same hash." in page
    assert "changed after it was signed" not in page


def test_a_file_is_held_against_it(viewer, cleared, zatca):
    theirs = cleared.xml_content.encode().replace(b">230.00<", b">231.00<")
    page = words(viewer.post(page_of(cleared), file(theirs)))
    assert "says '231.00' instead of '230.00'." in page
    assert "They part at byte" in page
    assert "The file was changed" not in page
    assert Revision.objects.get().xml == cleared.current.xml


def test_an_altered_clearance_is_told_on_story_and_page(viewer, post, zatca):
    invoice = post(standard("INV-A"), "altered_cleared")
    assert "It is not given out: Invoice/LegalMonetaryTotal/PayableAmount says" in words(
        viewer.get(story(invoice))
    )
    assert "Nothing may be given out" in words(viewer.get(story(invoice)))
    page = words(viewer.get(page_of(invoice)))
    assert "says '1230.00' instead of '230.00'." in page


def test_two_files_of_anybodys(viewer, cleared):
    ours = cleared.xml_content.encode()
    both = file(ours) | file(ours.replace(b"<cac:InvoiceLine>", b" <cac:InvoiceLine>"), "other")
    page = words(viewer.post(FILES, both))
    assert "Only white space between elements differs" in page
    assert "The stamp is genuine and belongs to the document as it was" in page


def test_what_is_no_document_is_said_at_the_field(viewer, cleared):
    for content in (b"%PDF", b"<!DOCTYPE a><a/>"):
        page = words(viewer.post(FILES, file(content)))
        assert "The document is not XML" in page or "DOCTYPE" in page
    assert "This field is required." in words(viewer.post(FILES, {}))


def test_nobody_elses_invoice_and_none_without_bytes(viewer, stranger, post, cleared):
    assert stranger.get(page_of(cleared)).status_code == 404
    assert viewer.get(page_of(post(phase_1("P-1")))).status_code == 404
    for number in ("2", "x", "-1"):
        assert viewer.get(f"{page_of(cleared)}?revision={number}").status_code == 404


def test_a_switched_tenant_is_shown_nothing(owner, cleared, hijaz):
    answer = owner.post(FILES, {"_tenant": hijaz.pk, **file(b"<a/>")})
    assert answer.status_code == 302
