"""What a person is asked when an attempt has ended; each joins the settling transaction."""

from config.attention.services import raise_attention
from invoicing.models import Invoice, ZatcaStatus
from invoicing.services.verdicts import Verdict

WITH_WARNINGS = (ZatcaStatus.CLEARED_WITH_WARNINGS, ZatcaStatus.REPORTED_WITH_WARNINGS)
LOOK = "Look at its attempts, then retry it by hand."
# What a person does about a code, where it is something else.
ANSWER_TO = {
    "document_too_large": "Post it again under the same number with less in it: fewer lines on one "
    "document, shorter texts.",
    "zatca_not_understood": "Daftar's call was not understood; tell whoever runs Daftar. The same "
    "bytes go on being sent.",
    "zatca_tls_failed": "See what answers in ZATCA's place: proxy, DNS, clock, certificates. The "
    "same bytes go on being sent.",
    "unit_not_ready": "Renew or onboard the unit's CSID; the document follows by itself.",
}


def ask(invoice: Invoice, kind: str, why: str, *, code: str = "") -> None:
    """Open a task about the invoice; `code` is the error that says what to do, if one does."""
    raise_attention(
        tenant_id=invoice.tenant_id,
        kind=kind,
        subject=invoice.subject,
        reason=f"{invoice.invoice_number}: {why}",
        next_action=ANSWER_TO.get(code, LOOK),
    )


def ask_about_warnings(invoice: Invoice, verdict: Verdict) -> None:
    """Accepted with warnings is final; what makes them is to be put right where it comes from.

    One task per tenant and rule, however many documents it meets: it counts them and names the
    latest. A person closes it when the source is right; the next such document opens it again.
    """
    if verdict.zatca_status not in WITH_WARNINGS:
        return
    said = {
        finding["code"] or finding["category"] or "unspecified": finding["message"]
        for finding in verdict.findings
        if finding["severity"] == "warning"
    }
    # In one order, so that two documents with the same warnings do not wait for each other.
    for rule in sorted(said or {"unspecified": ""}):
        raise_attention(
            tenant_id=invoice.tenant_id,
            kind="accepted_with_warnings",
            subject=f"rule:{rule}"[:200],
            reason=f"{invoice.invoice_number} was accepted with a warning: "
            f"{said.get(rule) or 'ZATCA does not say which.'}",
            next_action="Correct it where the invoices come from, then mark this as resolved. The "
            "documents stand as they are; they are never sent again.",
        )
