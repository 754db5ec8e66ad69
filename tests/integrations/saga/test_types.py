"""Each type goes through IMS to its end, and leaves its mark on the policy."""

from datetime import timedelta
from decimal import Decimal

import pytest

from integrations import errors
from integrations.models import IMSInvoice, IMSPolicy, TritonTransaction
from integrations.sandbox import books
from integrations.services.running import run
from tests.integrations.payloads import START, nested_transaction


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


def test_nested_changes_learn_the_opportunity_from_their_policy(desk):
    number = "GAH-106050-250924"
    desk.post(policy_number=number)
    day = START + timedelta(days=30)
    endorsed = nested_transaction("midterm_endorsement")
    endorsed["endorsement"]["effective_from"] = f"{day}"
    cancelled = nested_transaction("cancellation", cancellation_date=f"{day}")
    reinstated = nested_transaction("reinstatement")

    rows = [run(desk.take_in(body).transaction) for body in (endorsed, cancelled, reinstated)]

    assert [(row.status, row.ims_status, row.error) for row in rows] == [
        ("completed", "endorsed", ""),
        ("completed", "cancelled", ""),
        ("completed", "reinstated", ""),
    ]
    told = [desk.ims.store.all("transaction", row.transaction_id)[0]["values"] for row in rows]
    assert [values["opportunity_id"] for values in told] == ["160042"] * 3
    assert [row.invoice.premium for row in rows] == [
        Decimal("-100.00"),
        Decimal("-812.50"),
        Decimal("812.50"),
    ]
    assert IMSPolicy.objects.count() == 1


@pytest.mark.parametrize("kind", ["midterm_endorsement", "cancellation", "reinstatement"])
def test_a_change_of_a_policy_without_an_opportunity_is_refused_at_the_door(desk, kind):
    desk.environment.lines.update(producer_commission="0.20")
    run(desk.take_in(nested_transaction()).transaction)
    before = (TritonTransaction.objects.count(), IMSPolicy.objects.count())
    for number in ("GAH-106050-250924", "P-9"):
        with pytest.raises(errors.PayloadInvalid) as refused:
            desk.take_in(nested_transaction(kind, policy_number=number))
        assert [(e.param, e.code) for e in refused.value.errors] == [("opportunity_id", "required")]
    assert (TritonTransaction.objects.count(), IMSPolicy.objects.count()) == before
    taken = desk.take_in(nested_transaction(kind, opportunity_id=160042))
    assert taken.is_new


def test_a_change_that_is_unbound_leaves_the_policy_as_it_was_before(desk):
    desk.post()
    endorsed = desk.post("endorsement", midterm_endt_premium="100.00")
    cancelled = desk.post("cancellation")

    assert cancelled.policy.cancelled_at is not None
    desk.post("unbind")
    policy = IMSPolicy.objects.get()
    assert (policy.cancelled_at, policy.latest_quote_guid) == (None, endorsed.quote_guid)
    assert policy.bound_at is not None


def test_a_reinstatement_that_is_unbound_leaves_the_policy_cancelled(desk):
    desk.post()
    cancelled = desk.post("cancellation")
    desk.post("reinstatement")
    assert IMSPolicy.objects.get().cancelled_at is None
    desk.post("unbind")
    policy = IMSPolicy.objects.get()
    assert policy.cancelled_at == cancelled.bound_at
    assert policy.latest_quote_guid == cancelled.quote_guid


def test_a_cancellation_by_other_hands_that_is_unbound_is_one_no_more(desk):
    bound = desk.post()
    IMSPolicy.objects.update(cancelled_at=bound.bound_at)
    store = desk.ims.store
    with store.transaction():
        last = store.all("quote")[-1]
        quote = books.follow(store, last, "C", last["effective"], books.money(-5))
        books.bind(store, quote, 14)
    row = desk.post("unbind")
    policy = IMSPolicy.objects.get()
    assert (row.status, str(row.quote_guid)) == ("completed", quote["guid"])
    assert (policy.cancelled_at, policy.latest_quote_guid) == (None, bound.quote_guid)
