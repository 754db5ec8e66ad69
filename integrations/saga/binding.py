"""Binding a quote, issuing the policy, and taking a bind back."""

from uuid import UUID

from django.utils import timezone

from integrations.ims import Procedure, QuoteFound, Refused
from integrations.ims.rows import ZERO_GUID
from integrations.models import IMSStatus, Kind, Outcome
from integrations.saga import quoting, records
from integrations.saga.parts import Context, Done, Rejected, accepted, text
from integrations.saga.quoting import quote_of_policy

# What binding its quote makes of a policy.
BOUND_AS = {
    Kind.BIND: IMSStatus.BOUND,
    Kind.ENDORSEMENT: IMSStatus.ENDORSED,
    Kind.CANCELLATION: IMSStatus.CANCELLED,
    Kind.REINSTATEMENT: IMSStatus.REINSTATED,
}
PREMIUM_ON_BOUND = "premium_on_bound"


def is_not_bound(context: Context) -> bool:
    return context.transaction.bound_at is None


def is_adopted(context: Context) -> bool:
    """Whether a person named its quote, who may have bound it in IMS as well."""
    decided = context.transaction.steps.filter(outcome=Outcome.OK).exclude(decided_by="")
    return decided.exists()


def bound_before(context: Context) -> Done:
    """Whether an adopted quote is bound in IMS: it is changed no more then."""
    return _bound_in_ims(context) or Done(message="IMS has not bound it.")


def payload(context: Context) -> Done:
    """Premium and the like onto the quote. One that somebody bound in IMS takes none: it is ours
    as it is."""
    try:
        return quoting.payload(context)
    except Refused as refused:
        bound = _bound_in_ims(context) if refused.code == PREMIUM_ON_BOUND else None
        if bound is None:
            raise
        return bound


def _bound_in_ims(context: Context) -> Done | None:
    """Bound by somebody; with a warning where the quote never had this payload."""
    row, bound = context.transaction, find_bind(context)
    sent = row.steps.filter(step="payload", outcome=Outcome.OK, version=row.version)
    if bound is not None and not sent.exists():
        sentence = "The quote was bound in IMS; premium and fees are as it was bound there."
        bound.warnings = [{"code": "bound_in_ims", "message": sentence}]
    return bound


def bind(context: Context) -> Done:
    """Bind the quote: takes the policy number and makes the invoice."""
    number = context.gateway.ims.bind(context.transaction.quote_guid or ZERO_GUID)
    return _bound(context, number, "Bound as policy {}.")


def find_bind(context: Context) -> Done | None:
    """What IMS says of the quote after a bind of which nobody knows."""
    found = status_of(context, context.transaction.quote_guid)
    if found is None or not found.is_bound:
        return None
    return _bound(context, found.policy_number, "IMS had bound it before, as policy {}.")


def _bound(context: Context, number: str, message: str) -> Done:
    row = context.transaction
    return Done(
        changes={
            "bound_at": timezone.now(),
            "bound_policy_number": number[:50],
            "ims_status": BOUND_AS[Kind(row.kind)],
        },
        result={"policy_number": number, "quote_guid": text(row.quote_guid)},
        then=lambda: records.keep_bind(context, number[:50]),
        message=message.format(number),
    )


def status_of(context: Context, quote: UUID | None) -> QuoteFound | None:
    return context.gateway.procedures.bound_status(quote or ZERO_GUID)


def is_issued_here(context: Context) -> bool:
    """A bind is issued by us unless its source sends issue itself."""
    return context.transaction.kind == Kind.ISSUE or context.transaction.issues


def issue(context: Context) -> Done:
    """Issue the policy; IMS answers the first date also when it is asked again."""
    issued_at = context.gateway.ims.issue(context.transaction.quote_guid or ZERO_GUID)
    if timezone.is_naive(issued_at):
        issued_at = timezone.now()  # local to IMS, wherever that is; the step keeps IMS's text
    return Done(
        changes={"issued_at": issued_at, "ims_status": IMSStatus.ISSUED},
        policy={"issued_at": issued_at},
        result={"issued_at": issued_at.isoformat()},
        message="Issued.",
    )


def bound_quote(context: Context) -> Done:
    """The quote of the policy that was bound: ours if we bound it, else as IMS knows it."""
    guid = context.policy.quote_guid if context.policy.bound_at else None
    if guid is None:
        found = quote_of_policy(context)
        guid = found.quote if found is not None else None
    if guid is None:
        raise Rejected("quote_not_found", "IMS has no quote for this policy.")
    return Done(changes={"quote_guid": guid}, result={"quote_guid": text(guid)})


def latest_bound(context: Context) -> Done:
    """The newest quote of the policy, which alone can be unbound."""
    said, found = context.said, None
    opportunity = said.opportunity_id or context.policy.opportunity_id
    if opportunity is not None:
        found = context.gateway.procedures.latest_quote(opportunity)
    found = found or quote_of_policy(context)
    guid = found.quote if found is not None else context.policy.latest_quote_guid
    if guid is None:
        raise Rejected("quote_not_found", "IMS has no quote for this policy.")
    letter = found.row.text("TransactionTypeID").upper() if found is not None else ""
    result = {"quote_guid": text(guid), "kind": letter}
    return Done(changes={"quote_guid": guid}, result=result)


def unbind(context: Context) -> Done:
    """Take the bind back; IMS voids the invoices."""
    answer = context.gateway.procedures.unbind(
        quote=context.transaction.quote_guid or ZERO_GUID,
        user=context.gateway.login().user_guid,
    )
    accepted(answer, Procedure.UNBIND)
    return _unbound(context, "Unbound.")


def find_unbind(context: Context) -> Done | None:
    """Whether the quote is unbound after an attempt of which nobody knows."""
    found = status_of(context, context.transaction.quote_guid)
    if found is None or found.is_bound or found.is_bound is None:
        return None
    return _unbound(context, "IMS had unbound it before.")


def _unbound(context: Context, message: str) -> Done:
    return Done(
        changes={"ims_status": IMSStatus.UNBOUND},
        result={"quote_guid": text(context.transaction.quote_guid)},
        then=lambda: records.keep_unbind(context),
        message=message,
    )


def is_bound_still(context: Context) -> bool:
    return context.transaction.ims_status != IMSStatus.UNBOUND
