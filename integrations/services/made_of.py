"""Which fields of a payload IMS's quote was made of: what is bound cannot follow them any more."""

from collections.abc import Mapping

from integrations.models import Kind
from integrations.triton import Transaction

_INSURED = ("insured_name", "address_1", "address_2", "city", "insured_state", "insured_zip")
# Premium, policy number, dates, commissions and fees are put onto the quote before each bind.
_BIND = (
    *_INSURED,
    "state",
    "program_name",
    "class_of_business",
    "market_segment_code",
    "is_renewal",
    "expiring_policy_number",
    "producer_email",
    "producer_name",
    "underwriter_name",
)
_ENDORSEMENT = (
    "midterm_endt_id",
    "midterm_endt_premium",
    "midterm_endt_effective_from",
    "midterm_endt_description",
    "producer_email",
    "producer_name",
)
_CANCELLATION = (
    "policy_cancellation_date",
    "policy_cancellation_premium",
    "cancellation_reason",
    "effective_date",
    "market_segment_code",
    "policy_fee",
)
MADE_OF: Mapping[Kind, tuple[str, ...]] = {
    Kind.BIND: _BIND,
    Kind.ISSUE: (),
    Kind.UNBIND: (),
    Kind.ENDORSEMENT: _ENDORSEMENT,
    Kind.CANCELLATION: _CANCELLATION,
    Kind.REINSTATEMENT: ("reinstatement_reason",),
}


def changed(before: Transaction, after: Transaction) -> list[str]:
    """The fields of the quote in which the two differ; of a policy that is found by its number,
    the number is one."""
    fields = MADE_OF[Kind(before.transaction_type)]
    if before.opportunity_id is None:
        fields = (*fields, "policy_number")
    return [name for name in fields if getattr(before, name) != getattr(after, name)]
