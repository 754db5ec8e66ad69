"""Counter rows: numbers without gaps, taken inside the transaction that uses them."""

from django.db import models

from health.models.tenanted import Tenanted


class NumberSeries(Tenanted):
    """The last number given under `key`, such as ``TINV20240115`` or ``LAB/2627``."""

    key = models.CharField(max_length=60)
    last = models.PositiveBigIntegerField()

    class Meta:
        db_table = "health_number_series"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="uq_health_number_series"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.last}"


class GivenUpNumber(Tenanted):
    """The number of an invoice that was never in the books and will not be: `date` is the day on
    which it counts as cancelled (GSTR-1, table 13). Append-only.
    """

    number = models.CharField(max_length=50)
    date = models.DateField()

    class Meta:
        db_table = "given_up_numbers"
        indexes = [models.Index(fields=["tenant", "date"], name="ix_given_up_numbers_day")]

    def __str__(self) -> str:
        return self.number
