"""What no constraint can say about the outbox (config.db.triggers)."""

from config.db.triggers import Trigger
from config.delivery.models import NEXT

_LEGAL = " OR ".join(
    f"(OLD.state = '{source.value}' AND NEW.state = '{target.value}')"  # type: ignore[attr-defined]
    for source, targets in NEXT.items()
    for target in sorted(targets)
)
_FIXED = ("tenant_id", "kind", "subject", "parameters", "message_id", "actor")

TRIGGERS = (
    Trigger(
        "mail_messages_legal_moves",
        "mail_messages",
        "UPDATE",
        "illegal move of state",
        f"OLD.state <> NEW.state AND NOT ({_LEGAL})",
    ),
    Trigger(
        "mail_messages_identity_is_fixed",
        "mail_messages",
        "UPDATE",
        "a message keeps what it is about, its address and its Message-ID",
        " OR ".join(f"OLD.{name} <> NEW.{name}" for name in _FIXED) + ' OR OLD."to" <> NEW."to"',
    ),
    Trigger("mail_messages_stay", "mail_messages", "DELETE", "mail is never deleted"),
)
