"""Money: whole minor units in the database, Decimals with two places in Python, and three traps."""

import re
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Avg, F, Sum

from config.money import LARGEST, MoneyField, amount, from_minor, minus, plus, to_minor
from invoicing.models import Invoice
from tests.conftest import ROOT


@pytest.fixture
def priced(najd):
    """Store amounts, each in a row of its own."""

    def priced(*amounts: str) -> None:
        for number, total in enumerate(amounts):
            Invoice.objects.create(
                tenant=najd,
                invoice_number=f"M-{number}",
                phase="PHASE_1",
                environment="SANDBOX",
                document_type="388",
                is_simplified=True,
                total_amount=total,
                tax_amount=D("0.00"),
                issued_at="2026-01-01T00:00:00Z",
            )

    return priced


@pytest.mark.parametrize(
    ("value", "units"),
    [("0", 0), ("0.01", 1), (D("1.10"), 110), (7, 700), ("-2.5", -250), ("1.100", 110)],
)
def test_amounts_in_minor_units(value, units):
    assert to_minor(value) == units


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (D("0.001"), "not_two_decimals"),
        ("1.005", "not_two_decimals"),
        (D("NaN"), "not_two_decimals"),
        (D("Infinity"), "not_two_decimals"),
        (1.1, "float_money"),
        (True, "float_money"),
        (LARGEST + D("0.01"), "amount_too_large"),
    ],
)
def test_what_is_no_exact_amount_is_refused_never_rounded(value, code):
    with pytest.raises(ValidationError) as refused:
        to_minor(value)
    assert refused.value.code == code


@pytest.mark.parametrize(("units", "text"), [(0, "0.00"), (1, "0.01"), (-250, "-2.50")])
def test_back_again_with_two_places(units, text):
    assert str(from_minor(units)) == text


def test_the_database_holds_whole_numbers(priced):
    priced("230.00")
    with connection.cursor() as cursor:
        cursor.execute("SELECT total_amount FROM invoices")
        assert cursor.fetchone() == (23000,)


def test_sums_are_exact(priced):
    # As binary floats these three would make 0.6000000000000001.
    priced("0.10", "0.20", "0.30")
    assert Invoice.objects.aggregate(Sum("total_amount"))["total_amount__sum"] == D("0.60")


def test_the_largest_amount_survives_a_sum(priced):
    priced(str(LARGEST), str(LARGEST))
    total = Invoice.objects.aggregate(Sum("total_amount"))["total_amount__sum"]
    assert str(total) == "19999999999999.98"


def test_comparisons_and_lookups_are_scaled(priced):
    priced("9.99", "10.00", "10.01")
    found = Invoice.objects.filter(total_amount__gte=D("10")).order_by("total_amount")
    assert [str(row.total_amount) for row in found] == ["10.00", "10.01"]
    assert Invoice.objects.filter(total_amount=amount("10.00")).count() == 1


def test_trap_1_arithmetic_goes_through_the_helpers(priced):
    priced("10.00")
    Invoice.objects.update(total_amount=plus("total_amount", D("0.10")))
    Invoice.objects.update(total_amount=minus("total_amount", "0.01"))
    assert Invoice.objects.get().total_amount == D("10.09")
    Invoice.objects.update(total_amount=F("total_amount") + 1)
    # This is why: a bare number is a number of minor units.
    assert Invoice.objects.get().total_amount == D("10.10")


def test_trap_2_a_third_decimal_is_refused_when_it_is_written(priced):
    with pytest.raises(ValidationError), transaction.atomic():
        priced("1.005")
    assert not Invoice.objects.exists()


def test_trap_3_columns_added_up_are_money_only_where_one_says_so(priced):
    priced("0.01", "0.02")
    twice = F("total_amount") + F("total_amount")
    assert Invoice.objects.aggregate(sum=Sum(twice))["sum"] == 6
    assert Invoice.objects.aggregate(sum=Sum(twice, output_field=MoneyField()))["sum"] == D("0.06")


def test_trap_4_an_average_is_no_money_and_is_banned(priced):
    priced("0.01", "0.02")
    # One and a half minor units, as a float: nothing in the field can stop this.
    assert Invoice.objects.aggregate(mean=Avg("total_amount"))["mean"] == 1.5
    sources = [
        *ROOT.glob("config/**/*.py"),
        *ROOT.glob("invoicing/**/*.py"),
        *ROOT.glob("health/**/*.py"),
    ]
    users = [str(file) for file in sources if re.search(r"\bAvg\(", file.read_text())]
    assert users == []


def test_a_check_holds_on_both_engines(priced):
    with pytest.raises(IntegrityError), transaction.atomic():
        priced("-0.01")


def test_a_form_takes_two_places_and_no_more():
    field = MoneyField().formfield()
    assert field.clean("12.50") == D("12.50")
    with pytest.raises(ValidationError):
        field.clean("12.505")
