"""Dates and figures read the same in both languages."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils.formats import date_format, localize
from django.utils.translation import override


@pytest.mark.parametrize("language", ["en", "ar"])
def test_dates_are_iso_and_figures_have_a_point(language):
    with override(language):
        assert date_format(date(2026, 11, 27)) == "2026-11-27"
        assert localize(Decimal("5000.00")) == "5000.00"
