"""The table of roles: what each of them may do in its tenant (contracts 4).

A permission is `area:action`. API keys are given `read` and `write` (`models.Scope`); `export`,
`verify` and `override` come with a role, or with `admin`, which contains every other permission:
what a key reads stays rows, and a whole list leaves the house by a key that the owner trusts fully.

`health:post` is what changes the books for good: posting, cancelling, crediting, giving money back.
A clerk drafts and receives; a program that may write may post, as D2 has it.
"""

from config.tenancy.models import Role

AREAS = ("invoices", "health", "integrations")
ADMIN = "admin"
POST = "health:post"
EXPORT = "health:export"
VERIFY = "health:verify"


def _in(areas: tuple[str, ...], *actions: str) -> frozenset[str]:
    return frozenset(f"{area}:{action}" for area in areas for action in actions)


_VIEWER = _in(AREAS, "read")
_CLERK = _in(("invoices", "health"), "read", "write")

PERMISSIONS: dict[str, frozenset[str]] = {
    Role.VIEWER: _VIEWER,
    # export: whole lists leave the house; verify: the log chain is recomputed.
    Role.AUDITOR: _VIEWER | _in(AREAS, "export", "verify"),
    Role.CLERK: _CLERK,
    # override: lift a limit for one document, with a reason (contracts 11).
    Role.ACCOUNTANT: _CLERK | _in(("invoices", "health"), "export", "verify", "override") | {POST},
    Role.INTEGRATOR: _in(("invoices", "integrations"), "read", "write"),
    Role.OWNER: _in(AREAS, "read", "write", "export", "verify", "override") | {POST, ADMIN},
}


def permissions_of_key(scopes: list[str]) -> frozenset[str]:
    """What a key may do by its scopes."""
    return frozenset([*scopes, POST]) if "health:write" in scopes else frozenset(scopes)


def permissions_for(role: str) -> frozenset[str]:
    """The permissions of a role; a role that is not in the table has none."""
    return PERMISSIONS.get(role, frozenset())
