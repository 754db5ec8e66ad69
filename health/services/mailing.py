"""A bill to the patient by e-mail: its PDF, through the outbox."""

from django.template.loader import render_to_string

from config.delivery.letters import Attachment, Letter
from config.delivery.models import Language, MailMessage
from config.delivery.selectors import preferences_of
from config.delivery.services import queue_mail, require_server
from health import errors
from health.models import Status, TestInvoice
from health.printing import render_invoice
from health.printing_sheet import day_text
from health.words import rupees

KIND = "test_invoice"


def subject_of(invoice: TestInvoice) -> str:
    """What letters about it say they are about."""
    return f"test_invoice:{invoice.pk}"


def email_invoice(invoice: TestInvoice, *, actor: str, to: str = "") -> MailMessage:
    """Queue a posted invoice for `to`, or for the patient's address; commits once.

    Raises MissingRecipient, NotIssued for a draft and for what is cancelled, and MailNotConfigured:
    nothing is queued then.
    """
    # First what the caller can mend, then what only whoever runs the house can.
    recipient = to or invoice.patient_email
    if not recipient:
        raise errors.MissingRecipient(param="to")
    _require_issued(invoice)
    require_server()
    return _queue(invoice, recipient, actor)


def email_when_posted(invoice: TestInvoice, *, actor: str) -> MailMessage | None:
    """Queue the bill for the patient where the tenant wants that (*Mail settings*); joins the
    transaction that posts, so that bill and letter are there together or not at all.
    """
    if not invoice.patient_email or not preferences_of(invoice.tenant).send_when_final:
        return None
    return _queue(invoice, invoice.patient_email, actor)


def write_letter(message: MailMessage) -> Letter:
    """The letter with the bill as it is when it is sent. Raises NotIssued."""
    invoice = TestInvoice.objects.select_related("tenant").get(
        tenant_id=message.tenant_id, pk=message.parameters["test_invoice"]
    )
    _require_issued(invoice)
    printed = render_invoice(invoice)
    balance = invoice.balance_amount
    context = {
        "invoice": invoice,
        "laboratory": invoice.tenant.company_name,
        "dated": day_text(invoice.local_date),
        "due": day_text(invoice.due_date) if invoice.due_date and balance > 0 else "",
        "total": rupees(invoice.final_amount),
        "credited": rupees(invoice.credited_amount) if invoice.credited_amount else "",
        "paid": rupees(invoice.paid_amount) if invoice.paid_amount else "",
        "left": "In your favour" if balance < 0 else "Balance",
        "balance": rupees(abs(balance)),
    }
    return Letter(
        title=f"Invoice {invoice.invoice_number} from {invoice.tenant.company_name}",
        text=render_to_string("health/mail/invoice.txt", context),
        html=render_to_string("health/mail/invoice.html", context),
        attachments=(Attachment(printed.file_name, printed.content, "application/pdf"),),
    )


def _queue(invoice: TestInvoice, to: str, actor: str) -> MailMessage:
    return queue_mail(
        tenant=invoice.tenant,
        kind=KIND,
        subject=subject_of(invoice),
        to=to,
        language=Language.ENGLISH,
        actor=actor,
        parameters={"test_invoice": invoice.pk},
    )


def _require_issued(invoice: TestInvoice) -> None:
    if invoice.status != Status.POSTED:
        raise errors.NotIssued(f"Invoice {invoice.invoice_number} is {invoice.status}.")
