"""What a transaction must have, by type and form of its payload, and what must agree in it."""

from collections.abc import Iterator
from decimal import Decimal

from integrations.triton.errors import FieldError
from integrations.triton.fields import BY_NAME
from integrations.triton.kinds import Form, TransactionType
from integrations.triton.transaction import Transaction

T, F = TransactionType, Form
ALWAYS = ("transaction_id", "transaction_date")
EITHER_KEY = "opportunity_id|policy_number"  # one of them is enough
_BIND_BOTH = (
    "policy_number",
    "insured_name",
    "address_1",
    "city",
    "insured_state",
    "insured_zip",
    "producer_email|producer_name",
    "effective_date",
    "expiration_date",
    "gross_premium",
)
# A nested payload comes from the generation before opportunities: the policy number is the key.
REQUIRED: dict[tuple[TransactionType, Form], tuple[str, ...]] = {
    (T.BIND, F.FLAT): (
        "opportunity_id",
        *_BIND_BOTH,
        "state",
        "underwriter_name",
        "commission_rate",
    ),
    (T.BIND, F.NESTED): _BIND_BOTH,
    (T.ISSUE, F.FLAT): (EITHER_KEY,),
    (T.ISSUE, F.NESTED): (EITHER_KEY,),
    (T.UNBIND, F.FLAT): (EITHER_KEY,),
    (T.UNBIND, F.NESTED): (EITHER_KEY,),
    (T.ENDORSEMENT, F.FLAT): (
        "opportunity_id",
        "midterm_endt_id",
        "midterm_endt_effective_from",
        "midterm_endt_premium",
    ),
    (T.ENDORSEMENT, F.NESTED): (
        EITHER_KEY,
        "midterm_endt_effective_from",
        "midterm_endt_premium",
    ),
    (T.CANCELLATION, F.FLAT): (
        EITHER_KEY,
        "policy_cancellation_date",
        "policy_cancellation_premium",
    ),
    (T.CANCELLATION, F.NESTED): (
        EITHER_KEY,
        "policy_cancellation_date",
        "policy_cancellation_premium",
        "cancellation_reason",
    ),
    (T.REINSTATEMENT, F.FLAT): ("opportunity_id",),
    (T.REINSTATEMENT, F.NESTED): (EITHER_KEY,),
}
CANCELLATION_TYPES = ("flat", "earned")


def missing(
    found: dict[str, object], kind: TransactionType, form: Form, refused: set[str]
) -> Iterator[FieldError]:
    """An error for each mandatory field that is not in `found`; not for those refused already."""
    for requirement in (*ALWAYS, *REQUIRED[kind, form]):
        names = requirement.split("|")
        if any(name in found or name in refused for name in names):
            continue
        paths = [BY_NAME[name].paths(form)[0] for name in names]
        sentence = f"{' or '.join(paths)} is required for {kind}."
        yield FieldError(paths[0], "required", sentence)


def disagreements(transaction: Transaction) -> Iterator[FieldError]:
    """What cannot be true together, whatever IMS thinks of it."""
    form, kind = transaction.form, transaction.transaction_type

    def wrong(name: str, code: str, sentence: str) -> FieldError:
        return FieldError(BY_NAME[name].paths(form)[0], code, sentence)

    begins, ends = transaction.effective_date, transaction.expiration_date
    if begins and ends and begins >= ends:
        yield wrong("expiration_date", "inconsistent", "The policy must end after it begins.")
    if kind is T.BIND and _negative(transaction.gross_premium):
        yield wrong("gross_premium", "out_of_range", "A policy's premium is not negative.")
    if kind is T.CANCELLATION and _negative(transaction.policy_cancellation_premium):
        sentence = "The amount to return is given as a positive one."
        yield wrong("policy_cancellation_premium", "out_of_range", sentence)
    if transaction.cancellation_type not in CANCELLATION_TYPES:
        yield wrong("cancellation_type", "invalid_format", "The type is flat or earned.")


def _negative(amount: Decimal | None) -> bool:
    return amount is not None and amount < 0
