import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from config.tenancy.models import ApiKey, Membership, Tenant
from config.tenancy.services import authenticate_key


def run(*arguments: str) -> dict:
    out = StringIO()
    call_command("create_tenant", *arguments, stdout=out)
    return json.loads(out.getvalue())


def test_a_tenant_with_owner_and_key_in_one_line(amal):
    answer = run("Najd", "--environment", "SANDBOX", "--owner", "amal", "--api-key", "Till")
    assert authenticate_key(answer["api_key"]).tenant_id == answer["tenant"]
    assert Membership.objects.get(user=amal).role == "owner"


def test_a_key_with_fewer_scopes(db):
    run("Najd", "--environment", "SANDBOX", "--api-key", "Till", "--scope", "invoices:read")
    assert ApiKey.objects.get().scopes == ["invoices:read"]


@pytest.mark.parametrize(
    "arguments",
    [("--vat-number", "123"), ("--owner", "nobody"), ("--timezone", "Mars")],
)
def test_a_mistake_leaves_nothing_behind(db, arguments):
    with pytest.raises(CommandError):
        run("Najd", "--environment", "SANDBOX", "--api-key", "Till", *arguments)
    assert not Tenant.objects.exists()
    assert not ApiKey.objects.exists()


def test_a_new_owner_can_sign_in(client, db):
    answer = run("Najd", "--environment", "SANDBOX", "--new-owner", "amal")
    assert client.login(username="amal", password=answer["password"])
    assert client.get("/admin/").status_code == 200
    assert Membership.objects.get().role == "owner"


def test_a_name_that_is_taken_makes_no_new_owner(amal):
    with pytest.raises(CommandError):
        run("Najd", "--environment", "SANDBOX", "--new-owner", amal.username)
    assert not Tenant.objects.exists()
