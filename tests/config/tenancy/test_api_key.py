from datetime import timedelta
from hashlib import sha256

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection
from django.utils import timezone

from config.tenancy.models import ApiKey
from config.tenancy.services import authenticate_key, issue_api_key, revoke_api_key


def test_a_key_opens_its_own_tenant(najd, hijaz, najd_key):
    assert authenticate_key(najd_key).tenant == najd


def test_a_key_shows_its_environment(najd, hijaz, najd_live):
    texts = [
        issue_api_key(tenant=t, name="k", scopes=["admin"])[1] for t in (najd, hijaz, najd_live)
    ]
    assert [text.rsplit("_", 2)[0] for text in texts] == ["dk_sb", "dk_sim", "dk_prod"]


def test_only_a_digest_is_kept(najd_key):
    row = ApiKey.objects.values().get()
    assert row["secret_hash"] == sha256(najd_key.encode()).hexdigest()
    assert najd_key.rsplit("_", 1)[1] not in str(row)


@pytest.mark.parametrize(
    "spoil",
    [
        str.upper,
        str.lower,
        str.swapcase,
        lambda text: text[:-1],
        lambda text: text + "a",
        lambda text: text + "\n",
        lambda text: " " + text,
        lambda text: text.replace("dk_sb", "dk_prod"),
        lambda text: text[:-1] + ("a" if text[-1] != "a" else "b"),
        lambda text: text[:-1] + "\0",
        lambda text: text[:-1] + "٣",
        lambda text: "",
    ],
)
def test_nothing_but_the_exact_text_opens(najd_key, spoil):
    assert authenticate_key(spoil(najd_key)) is None
    assert ApiKey.objects.get().last_used_at is None


def test_a_revoked_key_is_refused_and_its_moment_stays(najd_key):
    key = ApiKey.objects.get()
    assert revoke_api_key(key) is True
    first = ApiKey.objects.get().revoked_at
    assert revoke_api_key(key) is False
    assert ApiKey.objects.get().revoked_at == first
    assert authenticate_key(najd_key) is None


def test_a_key_stops_at_its_expiry(najd):
    with time_machine.travel("2026-03-01T09:00:00Z", tick=False):
        expiry = timezone.now() + timedelta(hours=1)
        text = issue_api_key(tenant=najd, name="k", scopes=["admin"], expires_at=expiry)[1]
    with time_machine.travel("2026-03-01T09:59:59Z", tick=False):
        assert authenticate_key(text)
    with time_machine.travel("2026-03-01T10:00:00Z", tick=False):
        assert authenticate_key(text) is None


def test_a_key_of_an_inactive_tenant_is_refused(najd, najd_key):
    najd.is_active = False
    najd.save()
    assert authenticate_key(najd_key) is None


def test_its_use_is_noted_once_a_minute(najd_key, django_assert_num_queries):
    def use(at: str) -> str:
        with time_machine.travel(at, tick=False):
            assert authenticate_key(najd_key)
        return f"{ApiKey.objects.get().last_used_at:%H:%M:%S}"

    assert use("2030-03-01T09:00:00Z") == "09:00:00"
    assert use("2030-03-01T09:00:59Z") == "09:00:00"
    assert use("2030-03-01T09:01:00Z") == "09:01:00"
    with time_machine.travel("2030-03-01T09:01:30Z"), django_assert_num_queries(1):
        authenticate_key(najd_key)


def test_a_disk_that_takes_no_writes_still_lets_a_key_in(najd_key):
    def full(execute, sql, params, many, context):
        if sql.startswith("UPDATE"):
            raise DatabaseError("database or disk is full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(full):
        assert authenticate_key(najd_key)
    assert ApiKey.objects.get().last_used_at is None


@pytest.mark.parametrize(
    ("scopes", "expires_in"),
    [
        (["invoices:delete"], None),
        (["invoices:export"], None),
        ([], None),
        (["admin", "admin"], None),
        (["admin"], timedelta(seconds=-1)),
    ],
)
def test_a_key_that_means_nothing_is_not_issued(najd, scopes, expires_in):
    expires_at = timezone.now() + expires_in if expires_in else None
    with pytest.raises(ValidationError):
        issue_api_key(tenant=najd, name="k", scopes=scopes, expires_at=expires_at)
    assert not ApiKey.objects.exists()
