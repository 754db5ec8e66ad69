"""One transaction of Triton, whichever form it came in: frozen, typed, named as the field names."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from integrations.triton.kinds import Form, TransactionType


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """Amounts are to the cent and None where not given; rates are fractions.

    `commission_rate` is the producer's, `commission_percent` the company's. `state` is that of the
    risk, `insured_state` that of the insured. `midterm_endt_premium` is the signed change,
    `policy_cancellation_premium` the positive amount to return. Texts of limits are never reckoned
    with.
    """

    form: Form
    transaction_type: TransactionType
    transaction_id: str
    transaction_date: dt.datetime
    prior_transaction_id: str | None = None
    source_system: str = "triton"
    opportunity_id: int | None = None
    expiring_opportunity_id: int | None = None
    policy_number: str | None = None
    expiring_policy_number: str | None = None
    opportunity_type: str | None = None
    is_renewal: bool = False
    status: str | None = None
    effective_date: dt.date | None = None
    expiration_date: dt.date | None = None
    bound_date: dt.date | None = None
    invoice_date: dt.date | None = None
    insured_name: str | None = None
    address_1: str | None = None
    address_2: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    insured_state: str | None = None
    insured_zip: str | None = None
    producer_name: str | None = None
    producer_email: str | None = None
    underwriter_name: str | None = None
    program_name: str | None = None
    class_of_business: str | None = None
    section_number: str | None = None
    agreement_number: str | None = None
    umr: str | None = None
    market_segment_code: str | None = None
    business_type: str | None = None
    limit_amount: str | None = None
    limit_prior: str | None = None
    deductible_amount: str | None = None
    gross_premium: Decimal | None = None
    net_premium: Decimal | None = None
    base_premium: Decimal | None = None
    commission_amount: Decimal | None = None
    commission_rate: Decimal | None = None
    commission_percent: Decimal | None = None
    policy_fee: Decimal | None = None
    surplus_lines_tax: Decimal | None = None
    stamping_fee: Decimal | None = None
    other_fee: Decimal | None = None
    terms: int | None = None
    additional_insured: tuple[Any, ...] = ()
    midterm_endt_id: int | None = None
    midterm_endt_number: str | None = None
    midterm_endt_effective_from: dt.date | None = None
    midterm_endt_premium: Decimal | None = None
    midterm_endt_description: str | None = None
    policy_cancellation_date: dt.date | None = None
    policy_cancellation_premium: Decimal | None = None
    cancellation_type: str = "flat"
    cancellation_reason_code: int = 30
    cancellation_reason: str | None = None
    reinstatement_reason: str | None = None

    @property
    def producer_emails(self) -> tuple[str, ...]:
        """Each address of a field that may hold several, separated by commas or semicolons."""
        parts = (self.producer_email or "").replace(";", ",").split(",")
        return tuple(part.strip() for part in parts if part.strip())

    @property
    def is_excess(self) -> bool:
        """Whether the excess line is meant: the program or class says excess or umbrella."""
        words = f"{self.program_name or ''} {self.class_of_business or ''}".lower()
        return "excess" in words or "umbrella" in words

    @property
    def insured_zip_5(self) -> str | None:
        """As IMS takes it: five digits, the four behind them apart."""
        return self.insured_zip and self.insured_zip[:5]

    @property
    def policy_key(self) -> str | None:
        """What transactions of one policy have in common: they never run side by side."""
        if self.opportunity_id is not None:
            return f"opportunity:{self.opportunity_id}"
        return f"policy:{self.policy_number}" if self.policy_number else None

    @property
    def duplicate_key(self) -> str | None:
        """What may happen once for a source, whatever the transaction's id; None: anything goes.

        One bind for a policy, and each midterm endorsement by its id.
        """
        if self.transaction_type is TransactionType.ENDORSEMENT:
            known = self.midterm_endt_id is not None
            return f"endorsement:{self.midterm_endt_id}" if known else None
        if self.transaction_type is TransactionType.BIND and self.policy_key:
            return f"bind:{self.policy_key}"
        return None
