"""From the transaction to a quote that can be bound: what is looked for, what is made."""

from uuid import UUID

from django.utils import timezone

from integrations.errors import SetupMissing
from integrations.ims import Procedure, Quote, QuoteDetail, QuoteFound, Submission
from integrations.ims.records import POLICY_NEW, POLICY_RENEWAL
from integrations.ims.rows import ZERO_GUID
from integrations.models import IMSStatus, Line
from integrations.saga.parties import renews
from integrations.saga.parts import Context, Done, Rejected, Undecided, accepted, tag, text
from integrations.saga.setup import commissions, line_for, program_for
from integrations.triton import payload_for_ims

TAGS = "AdditionalInformation"


def store(context: Context) -> Done:
    """Tell IMS of the transaction; a second time it only warns."""
    said = context.said
    answer = context.gateway.procedures.store_transaction(
        transaction_id=said.transaction_id,
        payload=payload_for_ims(said),
        transaction_type=said.transaction_type,
        transaction_date=said.transaction_date,
        insured_name=said.insured_name or context.policy.insured_name,
        opportunity_id=said.opportunity_id,
        policy_number=said.policy_number,
        source_system=said.source_system,
    )
    accepted(answer, Procedure.STORE)
    return Done(message="Stored in IMS before." if answer.warned else "Stored in IMS.")


def existing(context: Context) -> Done:
    """A quote that the opportunity has already: an unbound one is bound, a bound one refuses."""
    found = quote_of_policy(context)
    if found is None:
        _refuse_foreign_number(context)
        return Done(message="IMS has no quote for it.")
    _, bound = _bound(context, found)
    if bound:
        raise Rejected("policy_already_bound", "Policy Already Bound")
    return Done(
        changes={
            "quote_guid": found.quote,
            "option_guid": found.option,
            "insured_guid": found.insured or context.policy.insured_guid,
            "ims_status": IMSStatus.QUOTE_CREATED,
        },
        policy={"quote_guid": found.quote, "latest_quote_guid": found.quote},
        result={"quote_guid": text(found.quote)},
        message="An unbound quote of it is there; that one is bound.",
    )


def quote_of_policy(context: Context) -> QuoteFound | None:
    """The quote IMS has for the opportunity, or for the policy number where there is none."""
    said = context.said
    if said.opportunity_id is not None:
        return context.gateway.procedures.quote_by_opportunity(said.opportunity_id)
    return context.gateway.procedures.quote_by_policy_number(said.policy_number or "")


def _refuse_foreign_number(context: Context) -> None:
    number = context.said.policy_number
    if context.said.opportunity_id is None or not number:
        return
    other = context.gateway.procedures.quote_by_policy_number(number)
    if other is not None and _bound(context, other)[1]:
        sentence = "Another opportunity has this policy number in IMS."
        raise Rejected("policy_number_taken", sentence)


def _bound(context: Context, found: QuoteFound) -> tuple[QuoteFound, bool]:
    if found.is_bound is not None:
        return found, found.is_bound
    status = context.gateway.procedures.bound_status(found.quote)
    return status or found, bool(status and status.is_bound)


def quote(context: Context) -> Done:
    """Submission and quote in one call, tagged with our transaction."""
    line = line_for(context.environment, context.said)
    company, of_producer = commissions(line, context.said)
    program = program_for(context.environment, context.said)
    detail = QuoteDetail(
        company_commission=company,
        producer_commission=of_producer,
        program_code=program.program_code or None if program else None,
        program_id=program.program_id if program else None,
    )
    guid = context.gateway.ims.add_quote_with_submission(
        _submission(context), _quote(context, line, detail)
    )
    return _made(guid, "Quote created.")


def _submission(context: Context) -> Submission:
    row = context.transaction
    return Submission(
        insured=row.insured_guid or ZERO_GUID,
        producer_contact=row.producer_contact or ZERO_GUID,
        producer_location=row.producer_location or ZERO_GUID,
        underwriter=row.underwriter_guid or ZERO_GUID,
        date=timezone.localdate(timezone=context.transaction.tenant.zone),
    )


def _quote(context: Context, line: Line, detail: QuoteDetail) -> Quote:
    row, said = context.transaction, context.said
    assert said.effective_date is not None, "a bind has dates"
    assert said.expiration_date is not None, "a bind has dates"
    return Quote(
        quoting_location=line.office.quoting_location,
        issuing_location=line.office.issuing_location,
        company_location=line.company_location,
        line=line.line_guid,
        state=said.state or said.insured_state or "",
        producer_contact=row.producer_contact or ZERO_GUID,
        underwriter=row.underwriter_guid or ZERO_GUID,
        effective=said.effective_date,
        expiration=said.expiration_date,
        tags=(tag(context),),
        detail=detail,
        policy_type_id=POLICY_RENEWAL if said.is_renewal else POLICY_NEW,
        renewal_of=row.expiring_quote_guid or ZERO_GUID,
        expiring_quote=row.expiring_quote_guid or ZERO_GUID,
        expiring_policy_number=said.expiring_policy_number if renews(context) else None,
        program_code=detail.program_code,
        program_id=detail.program_id,
    )


def find_quote(context: Context) -> Done | None:
    """The quote with our tag. Raises Undecided where IMS does not show tags."""
    rows = context.gateway.ims.insured_policies(context.transaction.insured_guid or ZERO_GUID)
    for row in rows:
        tags = [word.strip() for word in row.text(TAGS).split(";")]
        guid = row.guid("QuoteGuid")
        if tag(context) in tags and guid is not None:
            return _made(guid, "Quote found by its tag: it was made before.")
    if rows and not any(TAGS in row for row in rows):
        sentence = "IMS has quotes for this insured, and does not say which transaction made them."
        raise Undecided("quote_unknown", sentence)
    return None


def _made(guid: UUID, message: str) -> Done:
    return Done(
        changes={"quote_guid": guid, "ims_status": IMSStatus.SUBMISSION_CREATED},
        policy={"quote_guid": guid, "latest_quote_guid": guid},
        result={"quote_guid": text(guid)},
        message=message,
    )


def submission(context: Context) -> Done:
    """The submission that the quote was made under."""
    row = context.transaction
    guid = context.gateway.ims.submission_of_quote(row.quote_guid or ZERO_GUID)
    # Passed over at first, it may come when the quote is bound.
    status = {} if row.bound_at else {"ims_status": IMSStatus.QUOTE_CREATED}
    return Done(
        changes={"submission_guid": guid, **status},
        policy={"submission_guid": guid},
        result={"submission_guid": text(guid)},
    )


def external_id(context: Context) -> Done:
    """Our id on the quote, for people in IMS."""
    number, system = context.transaction.transaction_id, context.said.source_system
    guid = context.transaction.quote_guid or ZERO_GUID
    context.gateway.ims.update_external_quote_id(guid, number, system)
    return Done()


def options(context: Context) -> Done:
    """The quote's option, made where it is missing."""
    found = context.gateway.ims.auto_add_quote_options(context.transaction.quote_guid or ZERO_GUID)
    if not found:
        raise SetupMissing("no_option", "IMS made no option: the line is not set up for it.")
    return Done(
        changes={"option_guid": found[0].option},
        result={"options": [str(option.option) for option in found]},
    )


def payload(context: Context) -> Done:
    """Premium, policy number, dates, commissions and fees onto the quote."""
    row = context.transaction
    answer = context.gateway.procedures.process_payload(
        quote=row.quote_guid or ZERO_GUID,
        option=row.option_guid or ZERO_GUID,
        payload=payload_for_ims(context.said),
        renewal_of=row.expiring_quote_guid,
    )
    said = accepted(answer, Procedure.PROCESS_PAYLOAD)
    notes = ("AutoFeeStatus", "PolicyFeeStatus")
    kept = {name: context.gateway.mask(said.text(name)) for name in notes if said.text(name)}
    changes = {} if row.bound_at else {"ims_status": IMSStatus.RATED}
    return Done(changes=changes, result=kept)
