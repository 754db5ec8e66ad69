"""Superusers make tenants; nobody deletes one."""

import pytest

from config.tenancy.models import Membership, Tenant
from tests.config.tenancy.pages import text

pytestmark = pytest.mark.urls("tests.config.tenancy.urls")


def tenant_form(**changed) -> dict:
    inline = {f"memberships-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")}
    return {
        "company_name": "Najd",
        "vat_number": "399999999900003",
        "environment": "SANDBOX",
        "country_code": "SA",
        "timezone": "Asia/Riyadh",
        "deep_gate": "block",
        "is_active": "on",
        **inline,
        **changed,
    }


def test_a_superuser_makes_the_first_tenant(log_in, root):
    browser = log_in(root)
    assert "Create the first one." in text(browser.get("/admin/"))
    assert browser.post("/admin/tenancy/tenant/add/", tenant_form()).status_code == 302
    assert str(Tenant.objects.get()) == "Najd (SANDBOX)"


def test_a_tenant_keeps_its_environment_and_is_never_deleted(log_in, root, najd):
    browser = log_in(root, najd)
    page = f"/admin/tenancy/tenant/{najd.pk}/"
    changed = tenant_form(company_name="Najd Trading", environment="PRODUCTION")
    assert browser.post(f"{page}change/", changed).status_code == 302
    assert str(Tenant.objects.get()) == "Najd Trading (SANDBOX)"
    assert browser.post(f"{page}delete/", {"post": "yes"}).status_code == 403


def test_a_wrong_vat_number_is_said_at_the_field(log_in, root):
    answer = log_in(root).post("/admin/tenancy/tenant/add/", tenant_form(vat_number="12345"))
    assert "begins and ends with 3" in text(answer)
    assert not Tenant.objects.exists()


def test_members_are_added_on_the_tenants_page(log_in, root, amal, najd, hijaz):
    def rows(*people) -> dict:
        fields = {"memberships-TOTAL_FORMS": len(people)}
        for place, person in enumerate(people):
            fields |= {
                f"memberships-{place}-user": person.pk,
                f"memberships-{place}-role": "clerk",
                f"memberships-{place}-is_active": "on",
            }
        return tenant_form(**fields)

    browser, page = log_in(root, hijaz), f"/admin/tenancy/tenant/{najd.pk}/change/"
    assert "errornote" in text(browser.post(page, rows(amal, amal)))
    assert not Membership.objects.exists()
    # MAX_NUM is the page's own word.
    assert browser.post(page, rows(amal) | {"memberships-MAX_NUM": 1000}).status_code == 302
    assert Membership.objects.get().tenant == najd
    assert "already exists" in text(browser.post(page, rows(amal)))
    assert Membership.objects.count() == 1
