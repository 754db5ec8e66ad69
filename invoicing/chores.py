"""Invoicing's background chores (config.work)."""

from config.work import Chore
from invoicing.services import alarms, sending
from invoicing.verification import seals

CHORES = (
    Chore("send_due", sending.send_due, every=10, urgent=True, batch=sending.BATCH),
    Chore("free_expired_leases", sending.free_expired_leases, every=10),
    Chore("deadline_alarms", alarms.raise_deadline_alarms, every=300),
    Chore("certificate_alarms", alarms.raise_certificate_alarms, every=3600),
    Chore("seal_logs", seals.seal_daily, every=3600),
)
