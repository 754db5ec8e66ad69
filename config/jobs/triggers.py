"""What no constraint can say about bulk work (config.db.triggers)."""

from config.db.triggers import Trigger
from config.jobs.models import NEXT

_LEGAL = " OR ".join(
    f"(OLD.state = '{source.value}' AND NEW.state = '{target.value}')"  # type: ignore[attr-defined]
    for source, targets in NEXT.items()
    for target in sorted(targets)
)

TRIGGERS = (
    Trigger(
        "jobs_legal_moves",
        "jobs",
        "UPDATE",
        "illegal move of state",
        f"OLD.state <> NEW.state AND NOT ({_LEGAL})",
    ),
    Trigger(
        "jobs_identity_is_fixed",
        "jobs",
        "UPDATE",
        "a job keeps its tenant, kind, parameters and actor",
        "OLD.tenant_id <> NEW.tenant_id OR OLD.kind <> NEW.kind OR OLD.actor <> NEW.actor "
        "OR OLD.parameters <> NEW.parameters",
    ),
    Trigger("jobs_stay", "jobs", "DELETE", "jobs are never deleted"),
)
