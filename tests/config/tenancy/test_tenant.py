import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from config.tenancy.models import Tenant
from config.tenancy.services import create_tenant

VAT_NUMBER = "399999999900003"


def test_one_company_is_a_tenant_in_each_environment(najd, najd_live):
    assert [str(tenant) for tenant in Tenant.objects.all()] == [
        "Najd (SANDBOX)",
        "Najd (PRODUCTION)",
    ]


def test_a_vat_number_has_one_tenant_in_an_environment(najd):
    with pytest.raises(ValidationError, match="already has a tenant in this environment"):
        create_tenant(company_name="Twin", environment="SANDBOX", vat_number=VAT_NUMBER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Tenant.objects.create(company_name="Twin", environment="SANDBOX", vat_number=VAT_NUMBER)
    assert Tenant.objects.count() == 1


def test_companies_without_a_vat_number_do_not_collide(db):
    for name in ("Lab One", "Lab Two"):
        create_tenant(company_name=name, environment="PRODUCTION", timezone="Asia/Kolkata")
    assert Tenant.objects.count() == 2


# BR-KSA-40, and what a looser check would let through.
@pytest.mark.parametrize(
    "vat_number",
    [
        "39999999990000",
        "299999999900003",
        "399999999900004",
        "3999999999O0003",
        "3٣9999999900003",
        "3 9999999900003",
        "3-9999999900003",
    ],
)
def test_the_database_refuses_what_is_no_saudi_vat_number(db, vat_number):
    with pytest.raises(ValidationError):
        create_tenant(company_name="Wrong", environment="SANDBOX", vat_number=vat_number)
    with pytest.raises(IntegrityError), transaction.atomic():
        Tenant.objects.create(company_name="Wrong", environment="SANDBOX", vat_number=vat_number)


def test_the_database_refuses_an_unknown_environment(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        Tenant.objects.create(company_name="Wrong", environment="TEST")


def test_a_tenant_keeps_its_environment(najd):
    najd.environment = "PRODUCTION"
    with pytest.raises(ValidationError, match="keeps its environment"):
        najd.full_clean()


@pytest.mark.parametrize("timezone", ["Riyadh", "UTC+3", "../etc/passwd", ""])
def test_a_time_zone_is_a_name_of_the_iana_database(db, timezone):
    with pytest.raises(ValidationError):
        create_tenant(company_name="Wrong", environment="SANDBOX", timezone=timezone)
    assert not Tenant.objects.exists()


def test_the_zone_of_riyadh_is_three_hours_ahead(najd):
    from datetime import UTC, datetime

    assert datetime(2026, 1, 1, 21, 30, tzinfo=UTC).astimezone(najd.zone).day == 2
