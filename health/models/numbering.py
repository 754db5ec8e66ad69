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
