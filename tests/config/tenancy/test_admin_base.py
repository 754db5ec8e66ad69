"""TenantModelAdmin itself, apart from any page."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import models
from django.test.utils import isolate_apps

from config.admin import ReadOnlyAdmin, TenantModelAdmin, tenant_rows
from config.tenancy.credentials import Credential
from config.tenancy.models import ApiKey, Tenant
from tests.config.tenancy.pages import keys_of

pytestmark = pytest.mark.urls("tests.config.tenancy.urls")


class MirrorAdmin(ReadOnlyAdmin, TenantModelAdmin):
    view_scope = "invoices:read"
    change_scope = "admin"


def test_a_mirror_is_read_only_for_everybody(rf, root, najd):
    request = rf.get("/")
    request.user, request.tenant = root, najd
    request.credential = Credential.of_superuser(root, najd)
    mirror = MirrorAdmin(ApiKey, admin.site)
    assert mirror.has_view_permission(request)
    assert not mirror.has_add_permission(request)
    assert not mirror.has_change_permission(request)
    assert not mirror.has_delete_permission(request)


def test_choices_hold_own_rows_only(rf, najd, hijaz):
    keys_of(najd, hijaz)
    request = rf.get("/")
    request.tenant = najd
    assert [key.name for key in tenant_rows(request, ApiKey, admin.site)] == ["of Najd"]
    assert list(tenant_rows(request, Tenant, admin.site)) == [najd]
    assert tenant_rows(request, User, admin.site) is None
    request.tenant = None
    assert not tenant_rows(request, ApiKey, admin.site).exists()
    assert not tenant_rows(request, Tenant, admin.site).exists()


@isolate_apps("tests")
def test_choices_and_filters_offer_own_rows_only(rf, najd, hijaz):
    class Sale(models.Model):  # noqa: DJ008
        key = models.ForeignKey(ApiKey, models.PROTECT, related_name="+")

        class Meta:
            app_label = "tests"

    class SaleAdmin(TenantModelAdmin):
        tenant_path = "key__tenant"
        list_filter = ("key", ("key", admin.RelatedFieldListFilter))

    keys_of(najd, hijaz)
    request = rf.get("/")
    request.tenant = najd
    sales, field = SaleAdmin(Sale, admin.site), Sale._meta.get_field("key")
    offered = sales.formfield_for_foreignkey(field, request).queryset
    assert [key.name for key in offered] == ["of Najd"]
    for path, kind in sales.get_list_filter(request):
        own = kind.field_choices(None, field, request, sales)
        assert (path, [name.split(" (")[0] for _, name in own]) == ("key", ["of Najd"])
