"""`verify_ledger` is silent over true books and names what somebody changed behind the rules."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.db.triggers import drop_triggers
from config.tenancy.models import Tenant
from tests.health.test_ledger import post


@pytest.mark.django_db
def test_a_changed_narration_is_found():
    tenant = Tenant.objects.create(company_name="Lab", environment="SANDBOX")
    post(tenant)
    post(tenant, number=2, day=date(2024, 1, 16))
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert out.getvalue() == "all books hold\n"
    connection.check_constraints()
    drop_triggers()  # rolled back with the test
    with connection.cursor() as cursor:
        cursor.execute("UPDATE vouchers SET narration = 'x' WHERE voucher_number LIKE '%0115%'")
    with pytest.raises(CommandError, match="1 found"):
        call_command("verify_ledger", stdout=out)
    assert "entry 1 was changed" in out.getvalue()
