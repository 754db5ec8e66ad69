"""Payloads of both forms become the same transaction."""

import dataclasses
import datetime as dt
import json
from decimal import Decimal

import pytest

from integrations.triton import (
    Form,
    PayloadRefused,
    Transaction,
    TransactionType,
    payload_for_ims,
    read_transaction,
    transaction_type,
)
from tests.integrations.triton.payloads import FLAT, NESTED, TRANSACTION, flat, nested

SPELLINGS = {
    "bind": ["bind", "Bind", "binding", "new", "new business", "NEW BUSINESS", "new-business"],
    "unbind": ["unbind", "UNBIND"],
    "issue": ["issue", "Issue"],
    "midterm_endorsement": ["midterm_endorsement", "endorsement", "MIDTERM Endorsement"],
    "cancellation": ["cancellation", "CANCELLED"],
    "reinstatement": ["reinstatement", "Reinstatement"],
}  # fmt: skip


def test_a_type_is_known_by_all_its_spellings():
    for kind, spellings in SPELLINGS.items():
        for spelling in spellings:
            assert transaction_type(spelling) == kind, spelling


def test_a_flat_bind():
    read = read_transaction(flat("bind"))
    assert (read.form, read.transaction_type) == (Form.FLAT, TransactionType.BIND)
    assert read.transaction_id == TRANSACTION
    assert read.transaction_date == dt.datetime(2026, 1, 12, 16, 40, 0, 123456, dt.UTC)
    assert (read.effective_date, read.expiration_date) == (
        dt.date(2026, 2, 1),
        dt.date(2027, 2, 1),
    )
    assert (read.insured_name, read.producer_name) == ("Palm Grove Care LLC", "Dana Field")
    assert read.producer_emails == ("dana@example.com", "d.field@example.com")
    assert (read.state, read.insured_zip, read.insured_zip_5) == ("OK", "74103-1122", "74103")
    assert (read.gross_premium, read.base_premium) == (Decimal("5000.00"), Decimal("4750.00"))
    assert read.net_premium == 0
    assert read.net_premium is not None
    assert (read.surplus_lines_tax, read.midterm_endt_premium, read.address_2) == (None,) * 3
    assert (read.commission_rate, read.commission_percent) == (Decimal("0.2"), Decimal("0.3"))
    assert (read.is_excess, read.is_renewal) == (True, False)
    assert read.limit_amount == "$1,000,000/$3,000,000"
    assert read.additional_insured == ({"name": "County", "address": "1 Main"},)
    assert not any(isinstance(value, float) for value in dataclasses.astuple(read))


def test_a_nested_bind_is_the_same_one():
    read, same = read_transaction(nested("binding")), read_transaction(flat("bind"))
    assert read.form is Form.NESTED
    for name in ("transaction_type", "insured_name", "address_1", "city", "state", "insured_state"):
        assert getattr(read, name) == getattr(same, name), name
    for name in ("gross_premium", "policy_fee", "commission_rate", "effective_date"):
        assert getattr(read, name) == getattr(same, name), name
    assert (read.producer_name, read.underwriter_name) == ("Dana Field", "Robin Vale")
    assert (read.is_renewal, read.opportunity_id) == (True, None)
    assert (read.limit_amount, read.deductible_amount) == ("1M/3M", "2500")
    assert read.class_of_business == "Home health"


def test_every_type_of_both_forms_is_read():
    for kind in FLAT:
        assert read_transaction(flat(kind)).transaction_type == transaction_type(kind)
    for kind in NESTED:
        assert read_transaction(nested(kind)).transaction_type == transaction_type(kind)


def test_what_the_other_types_say():
    endorsed = read_transaction(flat("endorsement"))
    assert (endorsed.midterm_endt_premium, endorsed.midterm_endt_number) == (Decimal(-100), "2")
    credit = read_transaction(nested("midterm_endorsement"))
    assert (credit.midterm_endt_premium, credit.midterm_endt_id) == (Decimal(-100), None)
    cancelled = read_transaction(flat("cancellation"))
    assert cancelled.policy_cancellation_premium == Decimal("812.50")
    assert (cancelled.cancellation_type, cancelled.cancellation_reason_code) == ("flat", 30)
    earned = read_transaction(nested("cancellation"))
    assert (earned.cancellation_type, earned.cancellation_reason) == ("earned", "Non-payment")
    assert earned.policy_cancellation_date == dt.date(2026, 3, 1)
    assert earned.policy_cancellation_premium == Decimal("812.50")


def test_the_type_of_the_path_counts_where_the_payload_has_none():
    payload = flat("issue")
    del payload["transaction_type"]
    assert read_transaction(payload, type_in_path="issue").transaction_type == "issue"
    with pytest.raises(PayloadRefused) as caught:
        read_transaction(payload)
    assert [(e.field, e.code) for e in caught.value.errors] == [("transaction_type", "required")]


def test_a_renewal_is_told_by_its_opportunity():
    assert read_transaction(flat("bind", opportunity_type="Renewal")).is_renewal
    assert "Renewal" in payload_for_ims(read_transaction(nested("binding")))


def test_keys_of_what_belongs_together_and_what_may_happen_once():
    keys = {kind: read_transaction(flat(kind)) for kind in FLAT}
    assert keys["bind"].policy_key == keys["unbind"].policy_key == "opportunity:160042"
    assert keys["issue"].policy_key == "policy:AAA0000295-2511"
    assert keys["bind"].duplicate_key == "bind:opportunity:160042"
    assert keys["endorsement"].duplicate_key == "endorsement:6346"
    others = ("issue", "unbind", "cancellation", "reinstatement")
    assert {keys[kind].duplicate_key for kind in others} == {None}
    assert read_transaction(nested("midterm_endorsement")).duplicate_key is None
    assert read_transaction(nested("binding")).duplicate_key == "bind:policy:GAH-106050-250924"


def test_ims_gets_it_flat_canonical_and_exact():
    sent = json.loads(payload_for_ims(read_transaction(flat("bind"))), parse_float=Decimal)
    assert (sent["transaction_type"], sent["effective_date"]) == ("bind", "02/01/2026")
    assert (sent["gross_premium"], sent["net_premium"]) == (Decimal("5000.00"), Decimal("0.00"))
    assert (sent["commission_rate"], sent["commission_percent"]) == (20, 30)
    assert (sent["surplus_lines_tax"], sent["opportunity_type"]) == (None, "New")
    assert not {"form", "is_renewal"} & set(sent)
    again = read_transaction(sent)
    assert again == read_transaction(flat("bind"))
    needed_flat = {"midterm_endt_id": 1, "opportunity_id": 1, "policy_cancellation_premium": 1}
    for kind in NESTED:
        flattened = json.loads(payload_for_ims(read_transaction(nested(kind)))) | needed_flat
        assert read_transaction(flattened).transaction_type == transaction_type(kind)


def test_a_transaction_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        read_transaction(flat("issue")).policy_number = "X"
    assert Transaction.__slots__
