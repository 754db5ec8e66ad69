"""What IMS would refuse later, said before the first side effect.

These are warnings: the days are IMS's set-up, per company and line, and a policy's own dates may be
known to IMS alone.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from integrations.triton.errors import FieldError
from integrations.triton.fields import BY_NAME
from integrations.triton.kinds import TransactionType
from integrations.triton.transaction import Transaction

BACKDATE_DAYS = 14  # seen in the published run


@dataclass(frozen=True, slots=True)
class Limits:
    """The line's own; a period given here is IMS's, which wins over the payload's. Commissions
    are those that count where the payload has none."""

    backdate_days: int = BACKDATE_DAYS
    company_commission: Decimal | None = None
    producer_commission: Decimal | None = None
    policy_effective: dt.date | None = None
    policy_expiration: dt.date | None = None


def preflight(
    transaction: Transaction, *, today: dt.date, limits: Limits | None = None
) -> tuple[FieldError, ...]:
    """The warnings for a transaction processed on `today`, the date at IMS's office.

    Codes: backdated, outside_policy_period, producer_ambiguous, commission_order,
    underwriter_missing.
    """
    return tuple(_warnings(transaction, today, limits or Limits()))


def _warnings(transaction: Transaction, today: dt.date, limits: Limits) -> Iterator[FieldError]:
    def warning(name: str, code: str, sentence: str) -> FieldError:
        return FieldError(BY_NAME[name].paths(transaction.form)[0], code, sentence)

    kind = transaction.transaction_type
    begins = limits.policy_effective or transaction.effective_date
    ends = limits.policy_expiration or transaction.expiration_date
    if kind is TransactionType.BIND:
        effective = transaction.effective_date
        if effective and (today - effective).days > limits.backdate_days:
            sentence = f"It begins more than {limits.backdate_days} days ago; IMS may refuse that."
            yield warning("effective_date", "backdated", sentence)
        if transaction.underwriter_name is None:
            sentence = "No underwriter is named, so that the producer's own is taken."
            yield warning("underwriter_name", "underwriter_missing", sentence)
        if len(transaction.producer_emails) > 1:
            sentence = "The field holds more than one address; each is tried."
            yield warning("producer_email", "producer_ambiguous", sentence)
        company, producer = _commissions(transaction, limits)
        if company is not None and producer is not None and company < producer:
            sentence = "The company's commission is less than the producer's."
            yield warning("commission_percent", "commission_order", sentence)
    name, on = _date_inside(transaction)
    if on and ((begins and on < begins) or (ends and on > ends)):
        yield warning(name, "outside_policy_period", "The date is outside the policy's period.")


def _commissions(transaction: Transaction, limits: Limits) -> tuple[Decimal | None, Decimal | None]:
    company, producer = transaction.commission_percent, transaction.commission_rate
    return (
        limits.company_commission if company is None else company,
        limits.producer_commission if producer is None else producer,
    )


def _date_inside(transaction: Transaction) -> tuple[str, dt.date | None]:
    """The date that has to lie in the policy's period, and the field it stands in."""
    if transaction.transaction_type is TransactionType.ENDORSEMENT:
        return "midterm_endt_effective_from", transaction.midterm_endt_effective_from
    if transaction.transaction_type is TransactionType.CANCELLATION:
        return "policy_cancellation_date", transaction.policy_cancellation_date
    if transaction.transaction_type is TransactionType.REINSTATEMENT:
        return "transaction_date", transaction.transaction_date.date()
    return "", None
