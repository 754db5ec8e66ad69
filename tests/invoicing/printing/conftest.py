"""Invoices as their buyers get them, and the means to look at paper."""

from collections.abc import Callable
from typing import Any

import pytest

from invoicing.models import Invoice
from tests.invoicing.traces import URL


@pytest.fixture
def posted(api, unit, zatca) -> Callable[..., Invoice]:
    """The invoice that a payload becomes; with `fault` the authority misbehaves once."""

    def posted(payload: dict[str, Any], fault: str | None = None) -> Invoice:
        number = payload["invoice_number"]
        if fault:
            zatca.control.script(number, delivery=1, fault=fault)
        api.post(URL, payload)
        return Invoice.objects.get(invoice_number=number)

    return posted
