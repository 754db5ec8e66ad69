"""The way of one invoice is what every user waits for: how many statements it may take."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.invoicing.payloads import simplified, standard
from tests.invoicing.traces import URL


@pytest.mark.parametrize("payload", [standard, simplified])
def test_an_invoice_goes_all_the_way_in_46_statements(api, unit, zatca, payload):
    with CaptureQueriesContext(connection) as statements:
        response = api.post(URL, payload())

    assert response.json()["status"] == "CLEARED"
    assert len(statements) <= 46, "\n".join(query["sql"] for query in statements)


def test_a_page_of_invoices_takes_as_many_as_one_row(api, unit, zatca):
    def counted() -> int:
        with CaptureQueriesContext(connection) as statements:
            assert api.get(URL).status_code == 200
        return len(statements)

    api.post(URL, standard())
    of_one = counted()
    api.post(URL, simplified())

    assert counted() == of_one <= 4
