"""Where each field of a transaction stands in a flat and in a nested payload, and how it is read.

The first path that holds a value is taken; the first of all is the one that errors name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from integrations.triton import values
from integrations.triton.kinds import Form

Paths = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """`longest` is IMS's limit, or that of our columns."""

    name: str
    read: Callable[[Any], Any]
    flat: Paths
    nested: Paths
    longest: int | None = None

    def paths(self, form: Form) -> Paths:
        return self.flat if form is Form.FLAT else self.nested


def _field(
    name: str,
    read: Callable[[Any], Any] = values.text,
    *,
    also: str = "",
    nested: str | None = None,
    longest: int | None = None,
) -> Field:
    """`also`: other names in a flat payload; `nested`: its paths there, else the same names."""
    flat = (name, *also.split())
    paths = flat if nested is None else tuple(nested.split())
    return Field(name, read, flat, paths, longest)


FIELDS = (
    _field("transaction_id", values.identifier, longest=100),
    _field("prior_transaction_id", longest=100),
    _field("transaction_date", values.instant, nested="transaction_date sent_at"),
    _field("source_system", longest=50),
    _field("opportunity_id", values.whole, also="option_id"),
    _field("expiring_opportunity_id", values.whole),
    _field("policy_number", longest=50),
    _field("expiring_policy_number", longest=50),
    _field("opportunity_type", longest=20),
    _field("is_renewal", values.flag),
    _field("status", nested="status transaction_status", longest=50),
    _field("effective_date", values.date),
    _field("expiration_date", values.date),
    _field("bound_date", values.date),
    _field("invoice_date", values.date, nested="premium.invoice_date"),
    # CorporationName's limit.
    _field("insured_name", nested="account.name", longest=100),
    _field("address_1", nested="account.street_1", longest=100),
    _field("address_2", nested="account.street_2", longest=100),
    _field("city", nested="account.city", longest=100),
    _field("state", values.state, nested="account.state"),
    _field("zip", values.zip_code, nested="account.zip"),
    _field("insured_state", values.state, nested="account.state"),
    _field("insured_zip", values.zip_code, nested="account.zip"),
    _field("producer_name", nested="producer.name", longest=200),
    _field("producer_email", nested="producer.email", longest=200),
    _field("underwriter_name", nested="underwriter.name", longest=200),
    _field("program_name", nested="program.name", longest=200),
    _field("class_of_business", nested="exposures.0.program_class_name", longest=200),
    _field("section_number", longest=100),
    _field("agreement_number", longest=100),
    _field("umr", longest=100),
    _field("market_segment_code", longest=10),
    _field("business_type", longest=50),
    _field("limit_amount", nested="exposures.0.limit.value", longest=200),
    _field("limit_prior", longest=200),
    _field("deductible_amount", nested="exposures.0.deductible", longest=200),
    _field("gross_premium", values.money, nested="premium.annual_premium premium.total"),
    _field("net_premium", values.money),
    _field("base_premium", values.money),
    _field("commission_amount", values.money),
    _field("commission_rate", values.fraction, nested="premium.commission_rate"),
    _field("commission_percent", values.fraction),
    _field("policy_fee", values.money, nested="premium.policy_fee"),
    _field("surplus_lines_tax", values.money),
    _field("stamping_fee", values.money),
    _field("other_fee", values.money),
    _field("terms", values.whole),
    _field("additional_insured", values.items),
    _field("midterm_endt_id", values.whole),
    _field(
        "midterm_endt_number",
        also="midterm_endt_endorsement_number",
        nested="endorsement.endorsement_number",
        longest=50,
    ),
    _field("midterm_endt_effective_from", values.date, nested="endorsement.effective_from"),
    _field("midterm_endt_premium", values.money, nested="endorsement.premium"),
    _field("midterm_endt_description", nested="endorsement.description"),
    _field(
        "policy_cancellation_date",
        values.date,
        nested="cancellation_date policy_cancellation_date",
    ),
    _field(
        "policy_cancellation_premium",
        values.returned,
        also="refund_amount",
        nested="return_premium_entries policy_cancellation_premium refund_amount",
    ),
    _field("cancellation_type", longest=20),
    _field("cancellation_reason_code", values.whole),
    _field("cancellation_reason"),
    _field("reinstatement_reason"),
)
BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}


def form_of(payload: Mapping[str, Any]) -> Form:
    """Nested when it has one of the objects that only the nested form has."""
    if "insured_name" in payload and "account" not in payload:
        return Form.FLAT
    objects = ("account", "producer", "premium", "endorsement")
    nested = any(isinstance(payload.get(name), Mapping) for name in objects)
    return Form.NESTED if nested or "cancellation_date" in payload else Form.FLAT


def look_up(payload: Mapping[str, Any], path: str) -> Any:
    """What stands at a dotted path, None where the way breaks off."""
    here: Any = payload
    for step in path.split("."):
        if isinstance(here, Mapping):
            here = here.get(step)
        elif isinstance(here, list) and step.isdigit() and int(step) < len(here):
            here = here[int(step)]
        else:
            return None
    return here
