"""What is wrong with a payload is said of every field, in the names it was sent with."""

import datetime as dt
from decimal import Decimal

import pytest

from integrations.triton import Limits, PayloadRefused, preflight, read_transaction
from tests.integrations.triton.payloads import ENTRY, flat, nested, put, without

MANDATORY = {
    ("flat", "bind"): "transaction_id transaction_date opportunity_id policy_number insured_name"
    " address_1 city state insured_state insured_zip underwriter_name effective_date"
    " expiration_date gross_premium commission_rate",
    ("flat", "endorsement"): "opportunity_id midterm_endt_id midterm_endt_effective_from"
    " midterm_endt_premium",
    ("flat", "cancellation"): "opportunity_id policy_cancellation_date",
    ("flat", "reinstatement"): "opportunity_id",
    ("flat", "unbind"): "opportunity_id",
    ("nested", "binding"): "policy_number account.name account.street_1 account.city"
    " account.state account.zip premium.annual_premium effective_date expiration_date",
    ("nested", "midterm_endorsement"): "endorsement.effective_from endorsement.premium",
    ("nested", "cancellation"): "cancellation_date cancellation_reason",
}
OPTIONAL = {
    ("flat", "bind"): "prior_transaction_id program_name zip net_premium policy_fee address_2",
    ("nested", "binding"): "underwriter.name program.name premium.commission_rate exposures",
}
FORMS = {"flat": flat, "nested": nested}


def errors(payload, **settings):
    with pytest.raises(PayloadRefused) as caught:
        read_transaction(payload, **settings)
    return [(error.field, error.code) for error in caught.value.errors]


def test_each_mandatory_field_is_missed_alone():
    for (form, kind), paths in MANDATORY.items():
        whole = FORMS[form](kind)
        for path in paths.split():
            for nothing in (None, "", "  "):
                found = errors(put(whole, path, nothing))
                assert (path, "required") in found, (form, kind, path)
                assert {field for field, _ in found} <= {path}, (form, kind, path)


def test_an_optional_field_is_not_missed():
    for (form, kind), paths in OPTIONAL.items():
        for path in paths.split():
            read_transaction(without(FORMS[form](kind), path))


def test_one_of_two_is_enough():
    bind = without(flat("bind"), "producer_email")
    read_transaction(bind)
    assert errors(without(bind, "producer_name")) == [("producer_email", "required")]
    assert errors(without(flat("issue"), "policy_number")) == [("opportunity_id", "required")]
    read_transaction(without(flat("issue", opportunity_id=7), "policy_number"))
    cancelled = without(flat("cancellation"), "refund_amount")
    assert errors(cancelled) == [("policy_cancellation_premium", "required")]
    cancelled = without(nested("cancellation"), "return_premium_entries")
    assert errors(cancelled) == [("return_premium_entries", "required")]
    read_transaction(put(cancelled, "policy_cancellation_premium", 5))


def test_zero_is_a_premium():
    assert read_transaction(flat("bind", gross_premium=0)).gross_premium == 0
    assert read_transaction(flat("endorsement", midterm_endt_premium="0")).midterm_endt_premium == 0
    assert read_transaction(put(nested("binding"), "premium.annual_premium", 0))


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("gross_premium", "12,34", "invalid_format"),
        ("gross_premium", "1e3", "invalid_format"),
        ("gross_premium", "(100)", "invalid_format"),
        ("gross_premium", "NaN", "invalid_format"),
        ("gross_premium", float("nan"), "invalid_format"),
        ("gross_premium", float("inf"), "invalid_format"),
        ("gross_premium", "٥٠٠", "invalid_format"),
        ("gross_premium", True, "invalid_type"),
        ("gross_premium", [1], "invalid_type"),
        ("gross_premium", 10**12, "out_of_range"),
        ("gross_premium", "9" * 60, "invalid_format"),
        ("commission_rate", 101, "out_of_range"),
        ("commission_rate", -1, "out_of_range"),
        ("effective_date", "2026-02-30", "invalid_format"),
        ("effective_date", "31/12/2026", "invalid_format"),
        ("effective_date", "20260201", "invalid_format"),
        ("effective_date", "0001-01-01", "out_of_range"),
        ("effective_date", 20260201, "invalid_type"),
        ("transaction_date", "yesterday", "invalid_format"),
        ("transaction_date", "9999-12-31T23:59:59-12:00", "invalid_format"),
        ("transaction_id", "new", "invalid_format"),
        ("transaction_id", "a/", "invalid_format"),
        ("transaction_id", "/a", "invalid_format"),
        ("transaction_id", "a//b", "invalid_format"),
        ("transaction_id", "a/../b", "invalid_format"),
        ("transaction_id", ".", "invalid_format"),
        ("opportunity_id", "16 0042", "invalid_format"),
        ("opportunity_id", -1, "invalid_format"),
        ("opportunity_id", 1.5, "invalid_type"),
        ("opportunity_id", True, "invalid_type"),
        ("insured_zip", "7410", "invalid_format"),
        ("insured_zip", 74103.0, "invalid_type"),
        ("insured_state", "Oklahoma", "invalid_format"),
        ("insured_name", "Palm\0Grove", "invalid_format"),
        ("insured_name", "\ud800", "invalid_format"),
        ("insured_name", "x" * 101, "too_long"),
        ("insured_name", {"a": 1}, "invalid_type"),
        ("policy_number", "x" * 5000, "too_long"),
        ("additional_insured", "County", "invalid_type"),
        ("is_renewal", "maybe", "invalid_type"),
        ("transaction_type", "renewal", "unknown_type"),
        ("transaction_type", 7, "invalid_type"),
        ("cancellation_type", "pro rata", "invalid_format"),
    ],
)
def test_a_value_that_cannot_be_meant(field, value, code):
    assert errors(flat("bind", **{field: value})) == [(field, code)]


def test_what_cannot_be_true_together():
    backwards = flat("bind", effective_date="02/01/2027", expiration_date="2027-02-01")
    assert errors(backwards) == [("expiration_date", "inconsistent")]
    assert errors(flat("bind", gross_premium=-1)) == [("gross_premium", "out_of_range")]
    given_back = flat("cancellation", refund_amount=-5)
    assert errors(given_back) == [("policy_cancellation_premium", "out_of_range")]
    for entries, code in (
        ([], "invalid_format"),
        ([{"premium": -5}, {"premium": 5}], "inconsistent"),
        ([{"coverage": "General Liability"}], "invalid_type"),
        ([-5], "invalid_type"),
        ([{"premium": "five"}], "invalid_format"),
    ):
        mixed = nested("cancellation", return_premium_entries=entries)
        assert errors(mixed) == [("return_premium_entries", code)]
    read_transaction(flat("cancellation", gross_premium=-5))  # seen, and of no meaning there


def test_all_errors_come_at_once_in_the_sender_s_names():
    wrong = put(put(nested("binding"), "account.state", "Oklahoma"), "premium.policy_fee", "x")
    wrong = put(without(wrong, "account.name"), "producer", "Dana")
    assert errors(wrong) == [
        ("producer", "invalid_type"),
        ("account.state", "invalid_format"),
        ("premium.policy_fee", "invalid_format"),
        ("account.name", "required"),
        ("producer.email", "required"),
    ]
    assert set(errors({"transaction_type": "x"})) == {("transaction_type", "unknown_type")}
    assert errors({**ENTRY, "transaction_type": "bind", "premium": {}, "account": []})[0] == (
        "account",
        "invalid_type",
    )


def test_preflight_warns_of_what_ims_would_refuse():
    bind = read_transaction(flat("bind"))

    def warned(transaction, today=dt.date(2026, 2, 1), **limits):
        return [
            (w.field, w.code) for w in preflight(transaction, today=today, limits=Limits(**limits))
        ]

    several = ("producer_email", "producer_ambiguous")
    assert warned(bind) == warned(bind, dt.date(2026, 2, 15)) == [several]
    backdated = ("effective_date", "backdated")
    assert warned(bind, dt.date(2026, 2, 16)) == [backdated, several]
    assert warned(bind, dt.date(2026, 2, 16), backdate_days=15) == [several]
    greedy = read_transaction(flat("bind", commission_rate=40, producer_email="a@example.com"))
    order = ("commission_percent", "commission_order")
    assert warned(greedy) == [order]
    by_line = read_transaction(without(flat("bind", producer_email="a@b.c"), "commission_percent"))
    assert warned(by_line) == warned(by_line, company_commission=Decimal("0.20")) == []
    assert warned(by_line, company_commission=Decimal("0.19")) == [order]
    unpaid = read_transaction(without(nested("binding"), "premium.commission_rate"))
    rates = {"company_commission": Decimal("0.30"), "producer_commission": Decimal("0.31")}
    assert warned(unpaid, **rates) == [order]
    nameless = read_transaction(without(nested("binding"), "underwriter"))
    assert warned(nameless) == [("underwriter.name", "underwriter_missing")]
    endorsed = read_transaction(flat("endorsement"))
    outside = ("midterm_endt_effective_from", "outside_policy_period")
    assert warned(endorsed) == []
    assert warned(endorsed, policy_effective=dt.date(2026, 4, 2)) == [outside]
    assert warned(endorsed, policy_expiration=dt.date(2026, 3, 31)) == [outside]
    early = read_transaction(flat("cancellation", policy_cancellation_date="01/31/2026"))
    assert warned(early) == [("policy_cancellation_date", "outside_policy_period")]
    again = read_transaction(flat("reinstatement"))
    late = ("transaction_date", "outside_policy_period")
    assert warned(again, policy_expiration=dt.date(2026, 1, 11)) == [late]
