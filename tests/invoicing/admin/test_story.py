"""One page tells an invoice's story."""

from django.db import connection

from config.attention.services import raise_attention
from config.db.triggers import drop_triggers
from invoicing.models import InvoiceLog
from tests.invoicing.admin.pages import INVOICES, story, words
from tests.invoicing.payloads import credit_note, phase_1, simplified, standard


def let_a_vandal_in() -> None:
    """Take the triggers away until the test's transaction is rolled back."""
    connection.check_constraints()  # PostgreSQL drops no trigger while checks are pending
    drop_triggers()


def test_it_says_what_the_document_says(viewer, post):
    line = {"name": "تمر", "quantity": "3", "unit_price": "45.50", "tax_rate": 15}
    invoice = post(standard("INV-1", line_items=[{**line, "tax_category": "S"}]))
    page = viewer.get(story(invoice))
    # By hand: 3 × 45.50 = 136.50; 15 % of it is 20.475, half up 20.48; together 156.98.
    assert "تمر 3 PCE 45.50 S 15 % 136.50 20.48 156.98" in words(page)
    assert "شركة الحجاز VAT 310122393500003" in words(page)
    assert "<svg" in page.content.decode()


def test_arabic_pages_keep_the_digits(viewer, cleared):
    page = words(viewer.get(story(cleared), headers={"accept-language": "ar"}))
    assert "230.00 SAR" in page
    assert "230,00" not in page


def test_a_standard_document_has_no_qr_before_it_is_cleared(viewer, failed):
    page = viewer.get(story(failed))
    assert page.context["qr"] is None
    assert "No QR code may be given out yet" in words(page)


def test_attempts_and_answers(viewer, failed):
    page = words(viewer.get(story(failed)))
    assert "Attempt 1: reset, FAILED" in page
    assert "reached ZATCA: maybe" in page


def test_the_exact_bytes_can_be_had(viewer, cleared):
    sealed = viewer.get(f"{INVOICES}{cleared.pk}/revision/1/sealed.xml")
    assert sealed.content == bytes(cleared.current.xml)
    assert sealed["Content-Type"] == "application/xml"
    assert sealed["Content-Disposition"].startswith("attachment;")
    returned = viewer.get(f"{INVOICES}{cleared.pk}/revision/1/cleared.xml")
    assert returned.content == bytes(cleared.current.cleared_xml)
    answer = viewer.get(f"{INVOICES}{cleared.pk}/attempt/1/answer/")
    assert answer.content == bytes(cleared.attempts.get().response)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert viewer.get(f"{INVOICES}{cleared.pk}/revision/1/secret.xml").status_code == 404


def test_neighbours_in_the_chain(viewer, post):
    first, second, third = (post(simplified(f"S-{n}")) for n in (1, 2, 3))
    middle = viewer.get(story(second)).context
    assert middle["before"].revision.invoice == first
    assert middle["after"].revision.invoice == third
    assert middle["before"].holds
    assert middle["after"].holds
    page = words(viewer.get(story(first)))
    assert "PIH is the first one" in page
    assert "stored bytes match their hash" in page


def test_a_note_and_its_original_lead_to_each_other(viewer, post):
    original, note = post(standard("INV-1")), post(credit_note("CN-1", of="INV-1"))
    assert story(original) in viewer.get(story(note)).content.decode()
    assert story(note) in viewer.get(story(original)).content.decode()
    other = post(standard("INV-2"))
    assert viewer.get(story(other)).context["notes"] == []


def test_phase_1_has_neither_chain_nor_xml(viewer, post):
    page = viewer.get(story(post(phase_1("P-1"))))
    assert "Phase 1" in words(page)
    assert "Place in the chain" not in words(page)


def test_the_log_is_verified(viewer, failed):
    assert "Verified: every entry has the hash" in words(viewer.get(story(failed)))


def test_a_log_that_was_tampered_with_shows(viewer, failed):
    let_a_vandal_in()
    InvoiceLog.objects.filter(invoice=failed).update(error_message="all is well")
    page = words(viewer.get(story(failed)))
    assert "This log was tampered with: entry 1 was changed." in page


def test_a_log_cut_at_its_end_shows(viewer, failed):
    let_a_vandal_in()
    InvoiceLog.objects.filter(invoice=failed).delete()
    page = words(viewer.get(story(failed)))
    assert "tampered with: the invoice counts 1 entries, and 0 are there." in page


def test_what_needs_a_person_stands_on_top(viewer, failed, hijaz):
    subject = {"kind": "k", "subject": failed.subject, "next_action": "Look."}
    raise_attention(tenant_id=failed.tenant_id, reason="Ours.", **subject)
    raise_attention(tenant_id=hijaz.pk, reason="Theirs.", **subject)
    page = words(viewer.get(story(failed)))
    assert "Ours. Look." in page
    assert "Theirs." not in page


def test_text_of_strangers_is_never_markup(viewer, post):
    invoice = post(standard("INV-1", buyer_name="<script>alert(1)</script>"))
    page = viewer.get(story(invoice)).content.decode()
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_its_queries_do_not_grow_with_the_tenant(viewer, post, django_assert_max_num_queries):
    invoices = [post(simplified(f"S-{n}")) for n in range(4)]
    with django_assert_max_num_queries(26):
        viewer.get(story(invoices[1]))
