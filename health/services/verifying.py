"""The books of a tenant, checked again, and what the last check found."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from config.db.transactions import one_moment
from config.db.triggers import missing_triggers
from config.tenancy.models import Tenant
from health.integrity import RULES, Rule
from health.models import History
from health.services.history import Done, Who, note_at

# What the history keeps a check under: it is of all the tenant's books.
KIND, CHECKED = "LEDGER", "checked"
# So many breaches of a rule are kept; one hole may show in thousands of rows.
KEPT = 50
# Beside the rules, how many there were.
COUNT = "found"


def _triggers(tenant_id: int) -> Iterator[str]:
    yield from (f"trigger {name}: not in the database" for name in missing_triggers())


EVERY_RULE = (
    *RULES,
    Rule("triggers", "The database has every trigger that guards what was written.", _triggers),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found, by the name of the rule; a rule that holds has no breaches.

    `found` counts them all, those too that are no longer told one by one.
    """

    at: datetime
    by: str
    breaches: Mapping[str, list[str]]
    found: int

    @property
    def sentences(self) -> list[str]:
        """Every breach, in the order of the rules."""
        return [said for found in self.breaches.values() for said in found]


def check_books(tenant: Tenant, who: Who) -> Verdict:
    """Check every rule of the books, and keep the verdict in the history. Commits once.

    The rules see one moment: a bill that is posted meanwhile is in all of them or in none.
    """
    with one_moment():
        found = {rule.name: list(rule.breaches(tenant.pk)) for rule in EVERY_RULE}
    kept = {name: _first(said) for name, said in found.items()}
    count = sum(map(len, found.values()))
    note_at(tenant.pk, KIND, tenant.pk, who, Done(CHECKED, after={**kept, COUNT: count}))
    return Verdict(timezone.now(), who.actor, found, count)


def last_verdict(tenant: Tenant) -> Verdict | None:
    """What the last check found, of each rule the first breaches; None where there was none."""
    rows = History.objects.filter(tenant=tenant, kind=KIND, object_id=tenant.pk, action=CHECKED)
    row = rows.order_by("-id").first()
    if row is None:
        return None
    breaches = {name: said for name, said in row.after.items() if name != COUNT}
    # Older verdicts have not counted.
    count = row.after.get(COUNT, sum(map(len, breaches.values())))
    return Verdict(row.created_at, row.actor, breaches, count)


def _first(said: list[str]) -> list[str]:
    more = len(said) - KEPT
    return said if more <= 0 else [*said[:KEPT], f"and {more} more"]
