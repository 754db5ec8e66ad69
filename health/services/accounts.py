"""The chart of accounts, and which account plays which part: an owner's business."""

from collections.abc import Iterable

from django.db import transaction

from config.problems import FieldError
from config.tenancy.models import Tenant
from health.chart import ALIASES, TEMPLATES
from health.errors import InvalidRow
from health.models import Account, AccountMapping
from health.services.history import Who, note_of
from health.services.rows import write_row

# The parts that an account may play, by every name they go by.
PARTS = {**TEMPLATES, **{alias: TEMPLATES[code] for alias, code in ALIASES.items()}}


def add_account(
    tenant: Tenant,
    who: Who,
    *,
    code: str,
    name: str,
    account_type: str,
    system_codes: Iterable[str] = (),
) -> Account:
    """Write an account down and give it its parts; commits once. Raises InvalidRow."""
    account = Account(tenant=tenant, code=code, name=name, account_type=account_type)
    with transaction.atomic():
        write_row(account, who, ("code", "name", "account_type"), key="code")
        give_parts(account, system_codes, who)
    return account


def change_account(
    account: Account,
    who: Who,
    *,
    name: str | None = None,
    is_active: bool | None = None,
    system_codes: Iterable[str] = (),
) -> Account:
    """Rename an account, switch it off or on, give it parts; commits once. Raises InvalidRow.

    What was posted to it stays; a part that an account switched off plays is refused when it is
    next posted to.
    """
    changes = {"name": name, "is_active": is_active}
    changes = {column: value for column, value in changes.items() if value is not None}
    for column, value in changes.items():
        setattr(account, column, value)
    with transaction.atomic():
        write_row(account, who, changes, key="code")
        give_parts(account, system_codes, who)
    return account


def give_parts(account: Account, system_codes: Iterable[str], who: Who) -> None:
    """Let the account play these parts from now on, whichever played them before; joins the
    transaction. What is given by another name of the part is kept and noted by its own.
    Raises InvalidRow for a part that is none, or of another type.
    """
    for name in system_codes:
        part = PARTS.get(name)
        if part is None:
            raise _refused(f"{name} is no part; there are {', '.join(sorted(PARTS))}.")
        if part.account_type != account.account_type:
            raise _refused(f"{name} is played by an account of type {part.account_type}.")
        code = part.system_code
        played = AccountMapping.objects.filter(tenant_id=account.tenant_id, system_code=code)
        before = played.values_list("account__code", flat=True).first()
        if before == account.code:
            continue
        AccountMapping.objects.update_or_create(
            tenant_id=account.tenant_id, system_code=code, defaults={"account": account}
        )
        note_of(account, "ACCOUNT", "mapped", who, {code: before}, {code: account.code})


def _refused(message: str) -> InvalidRow:
    arabic = "رمز الدور غير معروف أو لا يناسب نوع الحساب."
    return InvalidRow(message, errors=[FieldError("system_codes", "invalid", message, arabic)])
