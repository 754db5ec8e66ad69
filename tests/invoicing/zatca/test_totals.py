"""Arithmetic by hand and by the official samples; nothing here comes from the code under test."""

from dataclasses import replace
from datetime import date, time
from decimal import Decimal as D

import pytest

from invoicing.zatca.documents import Adjustment, Line, Prepayment, VatCategory
from invoicing.zatca.errors import DocumentInvalid
from invoicing.zatca.totals import LineTotals, adjustment_amount, cents, totals
from tests.invoicing.zatca.trade import MEDICINE, document

S15 = {"category": VatCategory.S, "rate": D("15")}


def line(quantity, price, **more):
    return Line("Thing", D(quantity), D(price), **(S15 | more))


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        ("0.005", "0.01"),
        ("0.0049999999", "0.00"),
        ("1.005", "1.01"),
        ("2.675", "2.68"),
        ("130.4355", "130.44"),
        ("-0.001", "0.00"),
        ("-0.005", "-0.01"),
        ("99999999999999.995", "100000000000000.00"),
    ],
)
def test_cents_are_rounded_half_up(value, rounded):
    assert str(cents(D(value))) == rounded


def test_document_vat_is_the_sum_of_categories_not_of_lines():
    # Official sample Standard_Invoice_with_Payable_Rounding_Adjustment, 869.57 x 15 % = 130.4355;
    # the sample rounds the line to 130.43, half up makes it 130.44 like the document's own VAT.
    amounts = totals(document(lines=(line("1", "869.57"),), payable_rounding=D("-0.01")))

    assert str(amounts.tax) == "130.44"
    assert str(amounts.tax_inclusive) == "1000.01"
    assert str(amounts.payable) == "1000.00"


def test_three_lines_whose_vat_rounds_differently_from_their_sum():
    # 3 x 0.10: each line's VAT 0.015 -> 0.02, together 0.06; the document's 0.30 x 15 % = 0.045.
    amounts = totals(document(lines=(line("1", "0.10"),) * 3))

    assert [item.tax for item in amounts.lines] == [D("0.02")] * 3
    assert amounts.tax == D("0.05")
    assert amounts.tax_inclusive == D("0.35")


def test_an_advance_payment_reduces_only_what_is_payable():
    # Official sample Advance_Payment_adjustments.
    amounts = totals(
        document(
            lines=(line("1.00", "2000.00"),),
            adjustments=(Adjustment(False, D("100.00"), **S15),),
            prepayments=(
                Prepayment("46531", date(2022, 8, 15), time(12, 28, 17), D(1000), D(150), **S15),
            ),
        )
    )

    assert amounts.line_extension == D("2000.00")
    assert (amounts.allowances, amounts.tax_exclusive) == (D("100.00"), D("1900.00"))
    assert (amounts.tax, amounts.tax_inclusive) == (D("285.00"), D("2185.00"))
    assert (amounts.prepaid, amounts.payable) == (D("1150.00"), D("1035.00"))


def test_vat_in_riyals_follows_the_exchange_rate():
    # Official sample …_with_foreign_currency_invoice: 285 USD are 1068.75 SAR.
    amounts = totals(document(lines=(line("1", "1900"),), currency="USD", exchange_rate=D("3.75")))

    assert (amounts.tax, amounts.tax_sar) == (D("285.00"), D("1068.75"))


def test_a_foreign_currency_without_rate_is_refused():
    with pytest.raises(DocumentInvalid, match="exchange rate"):
        totals(document(currency="USD"))


@pytest.mark.parametrize(
    ("item", "net", "tax", "gross"),
    [
        (line("3", "33.333333"), "100.00", "15.00", "115.00"),
        (line("0.75", "19.99"), "14.99", "2.25", "17.24"),  # 14.9925, 2.2485
        (line("10", "12", base_quantity=D("12")), "10.00", "1.50", "11.50"),
        (line("1", "1", base_quantity=D("3")), "0.33", "0.05", "0.38"),
        (line("2", "10.50", price_discount=D("0.75")), "19.50", "2.93", "22.43"),  # 2.925
        (line("0", "5"), "0.00", "0.00", "0.00"),
        (line("1", "100", rate=D("5")), "100.00", "5.00", "105.00"),
    ],
)
def test_a_line(item, net, tax, gross):
    assert totals(document(lines=(item,))).lines == (LineTotals(D(net), D(tax), D(gross)),)


def test_line_allowances_and_charges_change_the_net_amount():
    item = line(
        "2",
        "50",
        adjustments=(
            Adjustment(False, D("10")),
            Adjustment(False, percent=D("2.5"), base=D("100.20")),  # 2.505 -> 2.51
            Adjustment(True, D("3")),
        ),
    )

    assert totals(document(lines=(item,))).lines[0].net == D("90.49")


def test_categories_are_summed_apart_with_their_allowances_and_charges():
    amounts = totals(
        document(
            lines=(line("1", "100"), line("1", "40", rate=D("5")), MEDICINE, line("1", "1")),
            adjustments=(
                Adjustment(False, D("1"), **S15),
                Adjustment(True, D("2.50"), category=VatCategory.Z, rate=D("0")),
            ),
        )
    )

    rows = [(row.category, row.rate, row.taxable, row.tax) for row in amounts.subtotals]
    assert rows == [
        ("S", D("15"), D("100.00"), D("15.00")),
        ("S", D("5"), D("40.00"), D("2.00")),
        ("Z", D("0"), D("52.50"), D("0.00")),
    ]
    assert amounts.tax_exclusive == D("192.50")
    assert amounts.tax_inclusive == D("209.50")


def test_the_exemption_of_a_category_comes_with_its_official_text():
    row = totals(document(lines=(MEDICINE,))).subtotals[0]

    assert row.exemption_code == "VATEX-SA-35"
    # As in the official sample Simplified_Tax_Invoice_with_Zero_Rated_Item.
    assert row.exemption_reason == "Medicines and medical equipment | الأدوية والمعدات الطبية"


def test_reasons_out_of_scope_are_all_told_once():
    visa = replace(
        MEDICINE,
        category=VatCategory.O,
        exemption_code="VATEX-SA-OOS",
        exemption_reason="Visa fees",
    )
    others = (replace(visa, exemption_reason="Fines"), visa)

    assert totals(document(lines=(visa, *others))).subtotals[0].exemption_reason == (
        "Visa fees; Fines"
    )


def test_an_adjustment_without_value_or_category_is_refused():
    with pytest.raises(DocumentInvalid, match="amount"):
        adjustment_amount(Adjustment(False, percent=D("5")))
    with pytest.raises(DocumentInvalid, match="category"):
        totals(document(adjustments=(Adjustment(False, D("5")),)))


def test_large_amounts_stay_exact():
    amounts = totals(document(lines=(line("99999999.999999", "99999999.999999"),)))

    assert amounts.line_extension == D("9999999999999800.00")
    assert amounts.payable == D("11499999999999770.00")
