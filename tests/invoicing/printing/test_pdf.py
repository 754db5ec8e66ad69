"""The PDF: who gets one, what is inside it, and that it is the same every time."""

import io

import pikepdf
import pytest

from invoicing import errors
from invoicing.models import Invoice
from invoicing.services.printing import render_pdf
from tests.invoicing.payloads import phase_1, simplified, standard
from tests.invoicing.traces import URL

pytestmark = pytest.mark.usefixtures("unit")


def posted(api, payload) -> Invoice:
    api.post(URL, payload)
    return Invoice.objects.get(invoice_number=payload["invoice_number"])


def attached(pdf: bytes) -> dict[str, bytes]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {n: f.get_file().read_bytes() for n, f in document.attachments.items()}


def test_a_cleared_invoice_carries_the_authoritys_version(api, zatca):
    invoice = posted(api, standard())

    printed = render_pdf(invoice)

    assert list(attached(printed.content).values()) == [bytes(invoice.current.cleared_xml)]


def test_a_simplified_invoice_is_a_receipt_too(api):
    invoice = posted(api, simplified())

    assert render_pdf(invoice, layout="receipt").content.startswith(b"%PDF-1.7")


def test_phase_1_has_no_document_to_attach(api):
    assert attached(render_pdf(posted(api, phase_1())).content) == {}


@pytest.mark.parametrize("fault", ["drop_after", "reject"])
def test_a_standard_document_that_is_not_cleared_is_not_given_out(api, zatca, fault):
    zatca.control.script("INV-1", delivery=1, fault=fault)

    with pytest.raises(errors.NotPrintable) as refusal:
        render_pdf(posted(api, standard()))

    assert (refusal.value.status, refusal.value.code) == (409, "not_printable")
