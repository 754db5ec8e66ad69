"""What every row of the laboratory has: a tenant, and a queryset that keeps to it."""

from django.db import models


class TenantQuerySet(models.QuerySet):
    def for_tenant(self, tenant) -> "TenantQuerySet":
        return self.filter(tenant=tenant)

    def active(self) -> "TenantQuerySet":
        return self.filter(is_active=True)


class Tenanted(models.Model):
    tenant = models.ForeignKey(
        "tenancy.Tenant", on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        abstract = True
