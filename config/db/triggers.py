"""Rules no constraint can say, kept as triggers on both engines.

Each app declares its triggers in `triggers.py` and registers them when it is ready. They are
dropped before every migrate and installed again after it: SQLite rebuilds a table to alter it,
silently loses the table's triggers, and refuses a rename while another trigger names the old table
(contracts 25).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

PREFIX = "daftar_"
_registered: dict[str, "Trigger"] = {}


@dataclass(frozen=True, slots=True)
class Trigger:
    """Refuse `event` on `table` whenever `when` holds, with `message`.

    `event` is INSERT, UPDATE, DELETE or TRUNCATE (PostgreSQL only); `when` is SQL over OLD and NEW
    that both engines understand, empty for always; one that looks into tables `reads_tables`
    (PostgreSQL allows no subquery in WHEN). The refusal arrives as an IntegrityError.
    """

    name: str
    table: str
    event: str
    message: str
    when: str = ""
    reads_tables: bool = False

    def sql(self, vendor: str) -> str:
        """The statements that make this trigger on `vendor`; empty where it has no meaning."""
        return self._postgresql() if vendor == "postgresql" else self._sqlite()

    def _sqlite(self) -> str:
        if self.event == "TRUNCATE":
            return ""
        when = f"WHEN {self.when} " if self.when else ""
        return (
            f'CREATE TRIGGER "{PREFIX}{self.name}" BEFORE {self.event} ON "{self.table}" '
            f"FOR EACH ROW {when}BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
        )

    def _postgresql(self) -> str:
        name = f"{PREFIX}{self.name}"
        each = "STATEMENT" if self.event == "TRUNCATE" else "ROW"
        when = f"WHEN ({self.when}) " if self.when and not self.reads_tables else ""
        refuse = (
            f"RAISE EXCEPTION USING MESSAGE = '{self.message}', "
            "ERRCODE = 'integrity_constraint_violation';"
        )
        if self.reads_tables:
            row = "OLD" if self.event == "DELETE" else "NEW"
            refuse = f"IF {self.when} THEN {refuse} END IF; RETURN {row};"
        return (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN {refuse} END $$; "
            f'CREATE TRIGGER {name} BEFORE {self.event} ON "{self.table}" '
            f"FOR EACH {each} {when}EXECUTE FUNCTION {name}(); "
            # ALWAYS: a replication role must not be a way around the rule.
            f'ALTER TABLE "{self.table}" ENABLE ALWAYS TRIGGER {name}'
        )


def append_only(table: str) -> tuple[Trigger, ...]:
    """The triggers that make every row of `table` stand for ever as it was written."""
    message = f"{table} is append-only"
    return tuple(
        Trigger(f"{table}_no_{event.lower()}", table, event, message)
        for event in ("UPDATE", "DELETE", "TRUNCATE")
    )


def register(triggers: Iterable[Trigger]) -> None:
    """Declare triggers; called from AppConfig.ready."""
    _registered.update({trigger.name: trigger for trigger in triggers})


def registered() -> tuple[Trigger, ...]:
    """All declared triggers that mean something on this database."""
    return tuple(t for t in _registered.values() if t.sql(connection.vendor))


def install_triggers() -> None:
    """Make every declared trigger whose table exists and that is not there yet."""
    tables, present = _tables(), _present()
    with connection.cursor() as cursor:
        for trigger in registered():
            if trigger.table in tables and PREFIX + trigger.name not in present:
                cursor.execute(trigger.sql(connection.vendor))


def drop_triggers() -> None:
    """Remove every trigger of ours, those no longer declared included."""
    with connection.cursor() as cursor:
        for name, table in _present().items():
            if connection.vendor == "postgresql":
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"')
                cursor.execute(f'DROP FUNCTION IF EXISTS "{name}"()')
            else:
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')


def missing_triggers() -> list[str]:
    """Names of declared triggers whose table exists but that the database does not have."""
    tables, present = _tables(), _present(enabled_only=True)
    return sorted(
        trigger.name
        for trigger in registered()
        if trigger.table in tables and PREFIX + trigger.name not in present
    )


def _tables() -> set[str]:
    return set(connection.introspection.table_names())


def _present(*, enabled_only: bool = False) -> dict[str, str]:
    if connection.vendor == "postgresql":
        query = (
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND t.tgname LIKE %s"
        )
        if enabled_only:
            query += " AND t.tgenabled = 'A'"
    else:
        query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s"
    with connection.cursor() as cursor:
        cursor.execute(query, [PREFIX + "%"])
        return dict(cursor.fetchall())
