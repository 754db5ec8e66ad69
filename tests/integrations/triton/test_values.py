"""Amounts and dates, whatever is thrown at them."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.triton import PayloadRefused, read_transaction
from integrations.triton.errors import Unfit
from integrations.triton.values import date, fraction, instant, money
from tests.integrations.triton.payloads import flat, nested

cents = st.integers(-(10**13), 10**13).map(lambda n: Decimal(n).scaleb(-2))


@given(cents)
def test_an_amount_is_exact_however_it_is_written(amount):
    plain = f"{amount:.2f}"
    sign, digits = ("-", plain[1:]) if plain.startswith("-") else ("", plain)
    written = [plain, f" {plain} ", f"{sign}{Decimal(digits):,}", f"{sign}${Decimal(digits):,.2f}"]
    assert [money(text) for text in written] == [amount] * 4
    assert money(float(plain)) == money(amount) == amount  # 15 digits survive a double
    assert str(money(amount)) == plain.replace("-0.00", "0.00")


@pytest.mark.parametrize(
    ("given_", "read"),
    [
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("1.004999", "1.00"),
        (1190.4750000000001, "1190.48"),
        (0.1, "0.10"),
        ("$1,000", "1000.00"),
        (-0.0, "0.00"),
    ],
)
def test_cents_are_rounded_half_up(given_, read):
    assert str(money(given_)) == read


@given(st.dates(dt.date(1900, 1, 1)))
def test_a_date_is_read_in_both_formats(day):
    written = [day.isoformat(), f"{day:%m/%d/}{day.year:04}", f"{day.month}/{day.day}/{day.year}"]
    written += [f"{day}T23:59:59.123456+00:00", f"{day}T00:00:00-06:00"]
    assert [date(text) for text in written] == [day] * 5


@settings(max_examples=40)
@given(st.datetimes(dt.datetime(1900, 1, 2), dt.datetime(9999, 12, 30), timezones=st.timezones()))
def test_an_instant_is_the_same_instant_in_utc(moment):
    try:
        written = moment.isoformat()
        expected = moment.astimezone(dt.UTC)
    except (OverflowError, ValueError):
        return
    if moment.utcoffset().seconds % 60:
        return  # the offsets of old, in seconds, are not ISO 8601
    assert instant(written) == expected
    assert instant(written).utcoffset() == dt.timedelta(0)


def test_rates_are_percentages_above_one():
    for given_, read in ((20, "0.2"), ("20.5", "0.205"), (0.2, "0.2"), (1, "1"), (0, "0")):
        assert fraction(given_) == Decimal(read)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(anything)
def test_no_value_makes_a_reader_trip(value):
    for read in (money, fraction, date, instant):
        try:
            found = read(value)
        except Unfit:
            continue
        assert isinstance(found, Decimal | dt.date)


def refusals(payload) -> tuple:
    try:
        read_transaction(payload)
    except PayloadRefused as refused:
        return refused.errors
    return ()


@given(st.sampled_from(sorted(flat("bind"))), anything)
def test_no_payload_makes_the_reader_trip(name, value):
    for payload in (flat("bind"), nested("binding")):
        for error in refusals(payload | {name: value}):
            assert error.field
            assert error.code
            assert error.message


@given(st.sampled_from(["account", "producer", "premium", "exposures", "underwriter"]), anything)
def test_no_nested_part_makes_the_reader_trip(name, value):
    for part in (value, {"name": value, "state": value, "annual_premium": value}, [value]):
        refusals(nested("binding") | {name: part})
