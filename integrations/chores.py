"""The background chores of integrations (config.work)."""

from config.work import Chore

CHORES: tuple[Chore, ...] = ()
