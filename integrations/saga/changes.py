"""Endorsement, cancellation and reinstatement: a new quote in the policy's chain, then bound.

IMS has no operation for them; three procedures make the quote. After an answer that was lost, the
chain's last quote tells whether there is a new one, and our tag in its comment that it is ours: a
person in IMS may have made one of the same kind meanwhile, with another amount.
"""

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

from integrations.ims import IMSError, Procedure, ProcedureAnswer, Row
from integrations.models import IMSStatus, Kind, SagaStep
from integrations.saga.parts import Context, Done, Rejected, Stop, Undecided, accepted, tag, text
from integrations.saga.records import LETTERS

PROCEDURES = {
    Kind.ENDORSEMENT: Procedure.ENDORSE,
    Kind.CANCELLATION: Procedure.CANCEL,
    Kind.REINSTATEMENT: Procedure.REINSTATE,
}


class PremiumDiffers(Stop):
    """IMS reckons with another premium than the request: binding would bill a wrong amount."""


def latest(context: Context) -> Done:
    """The last quote of the chain, before ours."""
    found = context.gateway.procedures.latest_quote(opportunity(context))
    if found is None:
        raise Rejected("quote_not_found", "IMS has no quote for this opportunity.")
    return Done(
        changes={"base_quote_guid": found.quote, "control_number": found.control_number},
        result={"quote_guid": text(found.quote), "control_number": found.control_number},
    )


def opportunity(context: Context) -> int:
    """IMS finds a chain by its opportunity alone."""
    number = context.said.opportunity_id or context.policy.opportunity_id
    if number is None:
        sentence = "IMS needs the opportunity's id for this; the policy number does not do."
        raise Rejected("opportunity_missing", sentence)
    return number


def premium_before(context: Context) -> Done:
    """What has been billed on the policy so far, to be compared with what IMS reckons from."""
    number = context.transaction.control_number
    total = None if number is None else context.gateway.procedures.premium_total(number)
    return Done(result={"total": None if total is None else str(total.total)})


def change(context: Context) -> Done:
    """Have the procedure make the quote. Raises Undecided where it names none."""
    kind = Kind(context.transaction.kind)
    row = accepted(ASKED[kind](context, context.gateway.login().user_guid), PROCEDURES[kind])
    made = row.guid("NewQuoteGuid")
    if made is None:
        raise Undecided("no_new_quote", "IMS says that it did it, and names no quote.")
    names = ("ExistingPremium", "TotalPremium", "ReturnPremium", "ReinstatementPremium")
    amounts = {name: row.text(name) for name in names if row.text(name)}
    return _made(made, row, amounts, "Quote of the change created.")


def find_change(context: Context) -> Done | None:
    """The chain's last quote, if it is another one than before, of this kind, and has our tag.

    Raises Undecided where it is another one, and may be somebody else's.
    """
    found = context.gateway.procedures.latest_quote(opportunity(context))
    if found is None or found.quote == context.transaction.base_quote_guid:
        return None
    letter = found.row.text("TransactionTypeID").upper()
    if letter != LETTERS[Kind(context.transaction.kind)]:
        sentence = "The policy's last quote is another one than before, and of another kind."
        raise Undecided("chain_moved_on", sentence)
    shown = _shown(context, found.quote)
    if not any(_mark(context) in words for words in shown.values()):
        sentence = "The policy has a new quote of this kind, and IMS does not say who made it."
        raise Undecided("change_unproved", sentence)
    return _made(found.quote, found.row, _premium(shown), "Quote of the change found by its tag.")


def _premium(shown: Row) -> dict[str, str]:
    try:
        return {"Premium": str(shown.money("Premium"))} if shown.text("Premium") else {}
    except ValueError:
        return {}  # in words for people, which prove nothing


def _shown(context: Context, quote: UUID) -> Row:
    """What IMS tells of a quote, nothing where it tells nothing that can be read."""
    try:
        return context.gateway.ims.policy_information(quote)
    except IMSError as error:
        if error.is_verdict or error.code == "ims_unreadable":
            return Row({})
        raise


def _made(guid: UUID, row: Row, amounts: dict[str, str], message: str) -> Done:
    return Done(
        changes={
            "quote_guid": guid,
            "option_guid": row.guid("NewQuoteOptionGuid"),
            "ims_status": IMSStatus.QUOTE_CREATED,
        },
        result={"quote_guid": text(guid), **amounts},
        message=message,
    )


def check_premium(context: Context) -> Done:
    """Compare what IMS adds up with what was asked, while it can still be stopped.

    Two of IMS's procedures reckon the premium so far differently from the second endorsement on.
    Raises PremiumDiffers, also where there is nothing to compare. Where a person has adopted the
    quote, and so has looked at it, that is a warning.
    """
    change = _done(context, "change")
    try:
        return _compared(context, _amounts(change))
    except PremiumDiffers as differs:
        if change is None or not change.decided_by:
            raise
        return Done(warnings=[{"code": differs.code, "message": differs.message}])


def _compared(context: Context, made: Row) -> Done:
    asked = context.said.midterm_endt_premium
    billed = _amounts(_done(context, "premium")).money("total")
    if "TotalPremium" not in made or "ExistingPremium" not in made:
        return _check_shown(asked, billed, made)
    total, existing = made.money("TotalPremium"), made.money("ExistingPremium")
    if total is None or existing is None or asked is None or total - existing != asked:
        sentence = f"IMS makes {total} of {existing}, where the change asked for is {asked}."
        raise PremiumDiffers("premium_differs", sentence)
    if billed is not None and billed != existing:
        sentence = f"IMS reckons from a premium of {existing}, where {billed} has been billed."
        raise PremiumDiffers("premium_differs", sentence)
    return Done(result={"change": str(asked), "existing": str(existing)})


def _check_shown(asked: Decimal | None, known: Decimal | None, made: Row) -> Done:
    """IMS's sums went with its answer: the premium of the quote itself is what is left, be it the
    change alone or the total with it."""
    shown = made.money("Premium")
    if shown is None:
        sentence = "IMS's sums were lost with its answer and could not be compared."
        raise PremiumDiffers("premium_unchecked", sentence)
    if asked is None or shown not in (asked, asked + (known or 0)):
        sentence = f"IMS's quote is of {shown}, where the change asked for is {asked}."
        raise PremiumDiffers("premium_differs", sentence)
    return Done(result={"change": str(asked), "shown": str(shown)})


def _done(context: Context, step: str) -> SagaStep | None:
    return context.transaction.steps.filter(step=step, outcome="ok").order_by("-id").first()


def _amounts(step: SagaStep | None) -> Row:
    return Row({k: v for k, v in step.result.items() if v is not None} if step else {})


def _tagged(context: Context, words: str) -> str:
    """A comment for people, by which we know our own quote again."""
    return f"{words} {_mark(context)}"


def _mark(context: Context) -> str:
    return f"[{tag(context)}]"


def _endorse(context: Context, user: UUID) -> ProcedureAnswer:
    said = context.said
    assert said.midterm_endt_premium is not None, "an endorsement has a premium"
    assert said.midterm_endt_effective_from is not None, "an endorsement has a date"
    return context.gateway.procedures.endorse(
        opportunity_id=opportunity(context),
        premium=said.midterm_endt_premium,
        effective=said.midterm_endt_effective_from,
        comment=_tagged(context, said.midterm_endt_description or "Midterm endorsement"),
        user=user,
        midterm_endt_id=said.midterm_endt_id,
        producer_email=said.producer_email,
        producer_name=said.producer_name,
    )


def _cancel(context: Context, user: UUID) -> ProcedureAnswer:
    said = context.said
    if said.policy_cancellation_date is None or said.policy_cancellation_premium is None:
        sentence = "The amount to return is not given, and IMS reckons none."
        raise Rejected("amount_missing", sentence)
    return context.gateway.procedures.cancel(
        opportunity_id=opportunity(context),
        date=said.policy_cancellation_date,
        return_premium=said.policy_cancellation_premium,
        reason=_tagged(context, said.cancellation_reason or "Cancelled"),
        user=user,
        policy_effective=context.policy.effective_date or said.effective_date,
        market_segment_code=said.market_segment_code,
        policy_fee=said.policy_fee,
    )


def _reinstate(context: Context, user: UUID) -> ProcedureAnswer:
    return context.gateway.procedures.reinstate(
        opportunity_id=opportunity(context),
        comment=_tagged(context, context.said.reinstatement_reason or "Reinstated"),
        user=user,
    )


ASKED: dict[Kind, Callable[[Context, UUID], ProcedureAnswer]] = {
    Kind.ENDORSEMENT: _endorse,
    Kind.CANCELLATION: _cancel,
    Kind.REINSTATEMENT: _reinstate,
}
