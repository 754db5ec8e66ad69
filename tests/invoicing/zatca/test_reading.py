"""What is read out of a finished document."""

from decimal import Decimal

from invoicing.zatca.hashing import FIRST_PIH
from invoicing.zatca.reading import stated_amounts
from invoicing.zatca.totals import totals
from invoicing.zatca.ubl import write
from tests.invoicing.zatca.test_totals import document, line


def test_amounts_are_in_the_currency_of_the_document():
    # Official sample …_with_foreign_currency_invoice: 285 USD of VAT, which are 1068.75 SAR.
    dollars = {"currency": "USD", "exchange_rate": Decimal("3.75")}
    one = document(lines=(line("1", "1900"),), **dollars)
    xml = write(one, totals(one), icv=1, pih=FIRST_PIH).canonical()
    assert stated_amounts(xml) == (Decimal("2185.00"), Decimal("285.00"))
