"""The document to the buyer by e-mail: PDF and XML, through the outbox."""

from django.template.loader import render_to_string

from config.delivery.letters import Attachment, Letter
from config.delivery.models import MailMessage
from config.delivery.selectors import preferences_of, sender_name
from config.delivery.services import queue_mail, require_server
from invoicing import errors, selectors
from invoicing.models import Invoice
from invoicing.services.printing import render_pdf

KIND = "invoice"
# How the document is called in the letter, English and Arabic.
TITLES = {
    "388": ("Invoice", "فاتورة"),
    "381": ("Credit note", "إشعار دائن"),
    "383": ("Debit note", "إشعار مدين"),
    "386": ("Prepayment invoice", "فاتورة دفعة مقدمة"),
}


def email_invoice(invoice: Invoice, *, actor: str, to: str = "", language: str = "") -> MailMessage:
    """Queue the document for `to`, or for the buyer's address; commits once.

    Raises MailNotConfigured, MissingRecipient, and NotPrintable where the document may not be given
    out: nothing is queued then.
    """
    require_server()
    recipient = to or invoice.buyer_email
    if not recipient:
        raise errors.MissingRecipient(param="to")
    if not selectors.may_be_given_out(invoice, invoice.current):
        raise errors.NotPrintable(invoice)
    return _queue(invoice, recipient, language or preferences_of(invoice.tenant).language, actor)


def email_when_final(invoice: Invoice) -> MailMessage | None:
    """Queue the document for the buyer where the tenant wants that; joins the transaction.

    Called by settle, so that the verdict and the letter are written together or not at all.
    """
    if not invoice.buyer_email:
        return None
    preferences = preferences_of(invoice.tenant)
    if not preferences.send_when_final:
        return None
    return _queue(invoice, invoice.buyer_email, preferences.language, "settle")


def write_letter(message: MailMessage) -> Letter:
    """The letter about an invoice as it is now: called when it is sent. Raises NotPrintable."""
    invoice = Invoice.objects.select_related("tenant", "unit").get(
        tenant_id=message.tenant_id, pk=message.parameters["invoice"]
    )
    printed = render_pdf(invoice)
    attachments = [Attachment(printed.file_name, printed.content, "application/pdf")]
    xml = selectors.printable_xml(invoice, invoice.current)
    if xml is not None:
        name = printed.file_name.removesuffix(".pdf") + ".xml"
        attachments.append(Attachment(name, xml, "application/xml"))
    english, arabic = TITLES[invoice.document_type]
    context = {
        "invoice": invoice,
        "english": english,
        "arabic": arabic,
        "seller": invoice.tenant.company_name,
        "seller_ar": sender_name(invoice.tenant),
        "issued_on": invoice.issued_at.astimezone(invoice.tenant.zone).date().isoformat(),
        "has_xml": xml is not None,
        "arabic_first": message.language == "ar",
    }
    titles = (arabic, english) if message.language == "ar" else (english, arabic)
    return Letter(
        title=f"{' | '.join(titles)} {invoice.invoice_number}",
        text=render_to_string("invoicing/mail/document.txt", context),
        html=render_to_string("invoicing/mail/document.html", context),
        attachments=tuple(attachments),
    )


def _queue(invoice: Invoice, to: str, language: str, actor: str) -> MailMessage:
    return queue_mail(
        tenant=invoice.tenant,
        kind=KIND,
        subject=invoice.subject,
        to=to,
        language=language,
        actor=actor,
        parameters={"invoice": invoice.pk},
    )
