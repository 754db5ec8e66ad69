"""Which steps each type takes, in order."""

from collections.abc import Mapping

from integrations.models import Kind
from integrations.saga import binding, changes, insureds, invoicing, parties, quoting
from integrations.saga.parts import Step

# A caller waits for a bind or lets the worker do it; IMS was seen to take ten seconds.
ROOM_FOR_BINDING = 10.0

_INVOICE = Step("invoice", invoicing.invoice, only_if=invoicing.is_missing, optional=True)
_INVOICE_AGAIN = Step(
    "invoice_again", invoicing.invoice, only_if=invoicing.is_still_missing, optional=True
)
_BOUND_BEFORE = Step(
    "bound_before", binding.bound_before, until="bound_at", only_if=binding.is_adopted
)
_OPTIONS = Step("options", quoting.options, until="option_guid", only_if=binding.is_not_bound)
_PAYLOAD = Step("payload", binding.payload, until="bound_at")
_BIND = Step(
    "bind", binding.bind, until="bound_at", look_up=binding.find_bind, room=ROOM_FOR_BINDING
)
_ISSUE = Step("issue", binding.issue, until="issued_at", only_if=binding.is_issued_here)
# What makes a policy, or a change, of a quote that is there.
_BINDING = (_BOUND_BEFORE, _OPTIONS, _PAYLOAD, _BIND, _INVOICE)
_STORE = Step("store", quoting.store, until="quote_guid")
_LATEST = Step("latest", changes.latest, until="quote_guid")
_CHANGE = Step("change", changes.change, until="quote_guid", look_up=changes.find_change)

SAGAS: Mapping[Kind, tuple[Step, ...]] = {
    Kind.BIND: (
        _STORE,
        Step("existing", quoting.existing, until="quote_guid"),
        Step("producer", parties.producer, until="quote_guid"),
        Step("underwriter", parties.underwriter, until="quote_guid"),
        Step("renewal", parties.renewal, until="quote_guid", only_if=parties.renews),
        Step("insured", insureds.insured, until="quote_guid"),
        Step("quote", quoting.quote, until="quote_guid", look_up=quoting.find_quote),
        Step("submission", quoting.submission, until="submission_guid", optional=True),
        Step("external_id", quoting.external_id, until="option_guid", optional=True),
        *_BINDING,
        _ISSUE,
        _INVOICE_AGAIN,
    ),
    Kind.ISSUE: (
        _STORE,
        Step("find", binding.bound_quote, until="quote_guid"),
        _ISSUE,
        _INVOICE_AGAIN,
    ),
    Kind.UNBIND: (
        _STORE,
        Step("find", binding.latest_bound, until="quote_guid"),
        Step(
            "unbind",
            binding.unbind,
            only_if=binding.is_bound_still,
            look_up=binding.find_unbind,
        ),
    ),
    Kind.ENDORSEMENT: (
        _STORE,
        _LATEST,
        Step("premium", changes.premium_before, until="quote_guid"),
        _CHANGE,
        Step("check", changes.check_premium, until="bound_at"),
        *_BINDING,
    ),
    Kind.CANCELLATION: (_STORE, _LATEST, _CHANGE, *_BINDING),
    Kind.REINSTATEMENT: (_STORE, _LATEST, _CHANGE, *_BINDING),
}


def step_names(kind: str) -> tuple[str, ...]:
    """The steps of a type, in order."""
    return tuple(step.name for step in SAGAS[Kind(kind)])
