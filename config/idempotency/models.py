"""What was answered to a keyed request, for a week."""

from django.db import models

from config.json import JSONTextField


class IdempotencyKey(models.Model):
    """One key on one path of one tenant: in flight under a lease, then answered.

    Without `status_code` the request is being carried out until `lease_until`, or waits to be sent
    again after it. The answer is kept as it left: its body bytes are the UTF-8 of `response_body`.
    """

    tenant = models.ForeignKey("tenancy.Tenant", on_delete=models.CASCADE, related_name="+")
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=500)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, db_comment="SHA-256 of query and body")
    lease_until = models.DateTimeField()
    status_code = models.PositiveSmallIntegerField(null=True)
    response_body = models.TextField(null=True)
    response_headers = JSONTextField(null=True)
    created_at = models.DateTimeField(db_index=True)
    completed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "idempotency_keys"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "method", "path", "key"], name="uq_idempotency_keys"
            ),
            models.CheckConstraint(
                condition=models.Q(status_code=None, response_body=None, completed_at=None)
                | models.Q(
                    status_code__isnull=False,
                    response_body__isnull=False,
                    response_headers__isnull=False,
                    completed_at__isnull=False,
                ),
                name="idempotency_key_answered_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.key}"
