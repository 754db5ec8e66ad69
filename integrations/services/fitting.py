"""Whether a quote that a person names is in IMS, and may be that of a transaction."""

from uuid import UUID

from integrations import errors
from integrations.errors import SetupMissing
from integrations.gateways import Gateway, gateway_for
from integrations.ims import IMSError, QuoteFound, Row
from integrations.models import Kind, TritonTransaction
from integrations.saga.quoting import TAGS
from integrations.saga.records import LETTERS
from integrations.services import environments


def require_fit(row: TritonTransaction, quote_guid: UUID) -> None:
    """Ask IMS for the quote, and compare it with the transaction.

    Raises NotRepairable where it is not there, or is plainly another's, and QuoteNotAsked where
    IMS cannot be asked. Commits once where that holds the environment, or counts for its breaker.
    """
    environment = row.source.environment
    if not environments.may_be_called(environment):
        raise errors.QuoteNotAsked
    try:
        gateway = gateway_for(environment, transaction=row, context=str(row))
        misfit = _misfit(gateway, row, quote_guid)
    except (IMSError, SetupMissing) as error:
        environments.note_trouble(environment, error)
        if not isinstance(error, IMSError) or not error.is_verdict:
            raise errors.QuoteNotAsked from None
        misfit = error.message
    if misfit:
        raise errors.NotRepairable(misfit, param="quote_guid")


def _misfit(gateway: Gateway, row: TritonTransaction, guid: UUID) -> str:
    """Why it cannot be the quote; empty where it may be."""
    found = gateway.procedures.bound_status(guid)
    if found is None:
        return "IMS has no such quote."
    if row.kind == Kind.BIND:
        return _of_a_bind(gateway, row, found)
    if row.kind in LETTERS:
        return _of_a_change(gateway, row, guid)
    if not found.is_bound:
        return "IMS's quote is not bound."
    ours = row.policy.policy_number or row.policy_number
    return _numbers_differ(ours, found)


def _of_a_bind(gateway: Gateway, row: TritonTransaction, found: QuoteFound) -> str:
    if found.is_bound and (differs := _numbers_differ(row.policy_number, found)):
        return differs
    if row.insured_guid is None:
        return ""
    policies = [
        policy for policy in gateway.ims.insured_policies(row.insured_guid) if "QuoteGuid" in policy
    ]
    mine = next((policy for policy in policies if policy.guid("QuoteGuid") == found.quote), None)
    if mine is None:
        return "IMS's quote is of another insured." if policies else ""
    return _tagged_by_another(row, mine)


def _tagged_by_another(row: TritonTransaction, policy: Row) -> str:
    tags = [word.strip() for word in policy.text(TAGS).split(";")]
    ours = [word for word in tags if word.startswith("TRITON:")]
    others = ours and f"TRITON:{row.transaction_id}" not in ours
    return f"IMS's quote was made for {ours[0].removeprefix('TRITON:')}." if others else ""


def _of_a_change(gateway: Gateway, row: TritonTransaction, guid: UUID) -> str:
    opportunity = row.opportunity_id or row.policy.opportunity_id
    if opportunity is None:
        return ""
    last = gateway.procedures.latest_quote(opportunity)
    if last is None or last.quote != guid:
        return "It is not the policy's last quote in IMS."
    if last.quote == row.base_quote_guid:
        return "It was the policy's last quote before this transaction."
    if last.row.text("TransactionTypeID").upper() != LETTERS[Kind(row.kind)]:
        return "IMS's quote is of another kind of change."
    return ""


def _numbers_differ(number: str, found: QuoteFound) -> str:
    differ = bool(number and found.policy_number and found.policy_number != number)
    return f"IMS has bound it as policy {found.policy_number}." if differ else ""
