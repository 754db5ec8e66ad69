"""Each type goes through IMS to its end, and leaves its mark on the policy."""

from decimal import Decimal

from integrations.models import IMSInvoice, IMSPolicy
from integrations.services.running import run
from tests.integrations.payloads import nested_transaction


def counts(desk, *names):
    held = desk.ims.counts()
    return [held[name] for name in names]


def test_a_policy_lives_through_all_its_transactions(desk):
    bound = desk.post()
    endorsed = desk.post("endorsement", midterm_endt_premium="100.00")
    cancelled = desk.post("cancellation")
    reinstated = desk.post("reinstatement")

    rows = (bound, endorsed, cancelled, reinstated)
    assert [(row.status, row.ims_status, row.error) for row in rows] == [
        ("completed", "issued", ""),
        ("completed", "endorsed", ""),
        ("completed", "cancelled", ""),
        ("completed", "reinstated", ""),
    ]
    names = ("policy", "endorsement", "cancellation", "reinstatement", "quote", "insured")
    assert counts(desk, *names, "invoice") == [1, 1, 1, 1, 4, 1, 4]
    invoices = IMSInvoice.objects.order_by("id")
    assert [(row.status, row.premium) for row in invoices] == [
        ("found", Decimal("5000.00")),
        ("found", Decimal("100.00")),
        ("found", Decimal("-812.50")),
        ("found", Decimal("812.50")),
    ]
    policy = IMSPolicy.objects.get()
    assert policy.invoice_number == "286201"  # the original's, whatever came after
    assert (policy.quote_guid, policy.latest_quote_guid) == (
        bound.quote_guid,
        reinstated.quote_guid,
    )


def test_a_source_that_sends_issue_is_issued_by_it(desk):
    desk.source.sends_issue = True
    desk.source.save()
    desk.ims.knobs.turn({"invoice_after": 3})

    bound = desk.post()
    assert (bound.status, bound.ims_status, bound.invoice.status) == (
        "completed",
        "bound",
        "pending",
    )
    assert bound.invoice.next_look_at is not None
    issued = desk.post("issue")

    assert (issued.status, issued.ims_status) == ("completed", "issued")
    assert issued.policy.issued_at is not None
    # The second chance: it shares the row of the bind.
    bound.invoice.refresh_from_db()
    assert (bound.invoice.status, bound.invoice.invoice_number) == ("found", "286201")


def test_an_unbound_policy_may_be_bound_again(desk):
    first = desk.post()
    unbound = desk.post("unbind")
    policy = IMSPolicy.objects.get()

    assert (unbound.status, unbound.ims_status) == ("completed", "unbound")
    assert (policy.bound_at, policy.invoice_number) == (None, None)
    first.invoice.refresh_from_db()
    assert first.invoice.status == "void"

    again = desk.post()
    assert (again.status, again.quote_guid) == ("completed", first.quote_guid)
    assert again.invoice.invoice_number == "286202"
    assert counts(desk, "quote", "policy", "insured") == [1, 1, 1]


def test_a_nested_bind_needs_no_opportunity(desk):
    desk.environment.lines.update(producer_commission="0.20")
    row = run(desk.take_in(nested_transaction()).transaction)

    assert (row.status, row.bound_policy_number, row.error) == (
        "completed",
        "GAH-106050-250924",
        "",
    )
    assert (row.policy.opportunity_id, row.policy.policy_number) == (None, "GAH-106050-250924")
