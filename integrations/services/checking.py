"""Whether an environment's set-up is what IMS has: every GUID, name and procedure asked for.

Reads only. What IMS cannot be asked for is said as well, since "not checked" is no "in order".
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from lxml import etree

from config.xml import XMLRefused, parse
from integrations.errors import SetupMissing
from integrations.gateways import Gateway, gateway_for
from integrations.ims import (
    ZERO_GUID,
    FaultKind,
    IMSError,
    LoginRefused,
    Procedure,
    Refused,
    Row,
)
from integrations.ims.rows import read_guid
from integrations.models import (
    IMSEnvironment,
    LineKind,
    TritonTransaction,
    normalised_name,
)
from integrations.services.payloads import said_by

# Nobody has a number, name or address like these.
NO_NUMBER, NO_NAME, NO_EMAIL = 2_000_000_000, "Nobody Atall", "nobody@daftar.invalid"
LINES, SUPPLEMENT = "ValidCompanyLinesXml", "SupplementaryData"
MOST_STUCK = 1000


class Level(StrEnum):
    OK = "ok"
    NOTICE = "notice"
    WRONG = "wrong"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `what` is its name in the set-up."""

    level: Level
    what: str
    message: str


def check(environment: IMSEnvironment) -> Iterator[Finding]:
    """Look at all of it, one finding each. Never raises for what IMS says."""
    try:
        gateway = gateway_for(environment, context="ims_check", fresh_login=True)
        login = gateway.login()
    except SetupMissing as missing:
        yield Finding(Level.WRONG, "environment", missing.message)
        return
    except LoginRefused as refused:
        yield Finding(Level.WRONG, "login", refused.message)
        return
    except IMSError as trouble:
        yield Finding(Level.NOT_ASKED, "login", f"{trouble.message} Nothing else was asked.")
        return
    yield Finding(Level.OK, "login", f"{environment.user_name} is user {login.user_guid}.")
    yield from _own(environment)
    yield from _lines(environment, gateway)
    yield from _offices_and_programs(environment, gateway)
    yield from _procedures(gateway)
    yield from _aliases(environment, gateway)
    yield from _stuck_names(environment, gateway)


def _own(environment: IMSEnvironment) -> Iterator[Finding]:
    """What needs no IMS to be seen."""
    kinds = set(environment.lines.values_list("kind", flat=True))
    if LineKind.PRIMARY not in kinds:
        yield Finding(Level.WRONG, "lines", "No primary line is set up: no bind can be made.")
    if LineKind.EXCESS not in kinds:
        yield Finding(Level.NOTICE, "lines", "No excess line is set up: such binds will wait.")
    if not environment.sources.filter(is_active=True).exists():
        yield Finding(Level.WRONG, "sources", "No active source sends to this environment.")
    if not environment.is_active:
        yield Finding(Level.NOTICE, "environment", "It is not active: nothing is sent.")


def _lines(environment: IMSEnvironment, gateway: Gateway) -> Iterator[Finding]:
    rows = list(environment.lines.select_related("office"))
    try:
        parameters = {"programCode": environment.program_code} if environment.program_code else {}
        known = _company_lines(gateway.ims.execute_command(LINES, parameters))
    except (IMSError, XMLRefused) as trouble:
        yield Finding(Level.NOT_ASKED, "lines", f"{LINES}: {trouble}")
        return
    for row in rows:
        what = f"line {row}"
        if row.line_guid not in known:
            yield Finding(Level.WRONG, what, f"IMS has no line {row.line_guid}.")
        elif row.company_location not in known[row.line_guid]:
            sentence = f"IMS does not write it at company location {row.company_location}."
            yield Finding(Level.WRONG, what, sentence)
        else:
            yield Finding(Level.OK, what, "IMS writes it at this company location.")


def _company_lines(text: str) -> Mapping[UUID, set[UUID]]:
    """The company locations of each line that IMS lists."""
    found: dict[UUID, set[UUID]] = {}
    for row in parse(text.encode()).iter(etree.Element):
        columns = {etree.QName(cell).localname.lower(): cell.text or "" for cell in row}
        line = _guid(columns.get("lineguid", ""))
        if line is not None:
            location = _guid(columns.get("companylocationguid", ""))
            found.setdefault(line, set()).update({location} - {None})  # type: ignore[arg-type]
    return found


def _guid(text: str) -> UUID | None:
    try:
        return read_guid(text, "GUID")
    except ValueError:
        return None


def _offices_and_programs(environment: IMSEnvironment, gateway: Gateway) -> Iterator[Finding]:
    """Against what IMS lists; found by the names of columns, since tables come unnamed."""
    try:
        rows = [row for _, row in gateway.ims.execute_data_set(SUPPLEMENT, {}).tables]
    except IMSError as trouble:
        yield Finding(Level.NOT_ASKED, "offices, programs", f"{SUPPLEMENT}: {trouble.message}")
        return
    offices = {_guid(text) for name, text in _cells(rows) if "office" in name}
    for office in environment.offices.order_by("name"):
        for part, location in (
            ("quoting", office.quoting_location),
            ("issuing", office.issuing_location),
        ):
            what = f"office {office}, {part}"
            yield _listed(what, str(location), location in offices, bool(offices - {None}))
    programs = {text for name, text in _cells(rows) if name == "programid"}
    for program in environment.programs.order_by("program_name", "market_segment_code"):
        number = str(program.program_id)
        yield _listed(f"program {program}", number, number in programs, bool(programs))


def _cells(rows: Iterable[Row]) -> Iterator[tuple[str, str]]:
    for row in rows:
        yield from ((name.lower(), text.strip()) for name, text in row.items())


def _listed(what: str, mark: str, is_listed: bool, any_listed: bool) -> Finding:
    if is_listed:
        return Finding(Level.OK, what, f"IMS lists {mark}.")
    if any_listed:
        return Finding(Level.WRONG, what, f"IMS does not list {mark}.")
    return Finding(Level.NOT_ASKED, what, f"{SUPPLEMENT} lists none of this kind.")


def _procedures(gateway: Gateway) -> Iterator[Finding]:
    """The reads are called for nobody; those that change something are only named."""
    ask = gateway.procedures
    reads = {
        Procedure.PRODUCER: lambda: ask.producer(email=NO_EMAIL, name=NO_NAME),
        Procedure.USER: lambda: ask.user(NO_NAME),
        Procedure.QUOTE_BY_OPPORTUNITY: lambda: ask.quote_by_opportunity(NO_NUMBER),
        Procedure.QUOTE_BY_POLICY: lambda: ask.quote_by_policy_number(NO_NAME),
        Procedure.QUOTE_BY_EXPIRING_POLICY: lambda: ask.quote_by_expiring_policy_number(NO_NAME),
        Procedure.BOUND_STATUS: lambda: ask.bound_status(ZERO_GUID),
        Procedure.LATEST_QUOTE: lambda: ask.latest_quote(NO_NUMBER),
        Procedure.PREMIUM_TOTAL: lambda: ask.premium_total(NO_NUMBER),
        Procedure.INVOICE: lambda: ask.invoice(quote=ZERO_GUID),
    }
    for procedure, call in reads.items():
        name = ask.names.get(procedure, procedure.value)
        what = f"procedure {procedure}" + ("" if name == procedure else f" (here {name})")
        try:
            call()
        except Refused as refused:
            kind = refused.fault.kind if refused.fault else FaultKind.UNRECOGNISED
            level = Level.WRONG if kind is FaultKind.SETUP else Level.OK
            yield Finding(level, what, refused.message)
        except IMSError as trouble:
            yield Finding(Level.NOT_ASKED, what, trouble.message)
        else:
            yield Finding(Level.OK, what, "It answers.")
    changing = ", ".join(ask.names.get(p, p.value) for p in Procedure if p not in reads)
    sentence = f"They change something, so that they are not called: {changing}."
    yield Finding(Level.NOT_ASKED, "procedures", sentence)


def _aliases(environment: IMSEnvironment, gateway: Gateway) -> Iterator[Finding]:
    for alias in environment.producer_aliases.all():
        found = _known(gateway.procedures.producer, email=alias.email, name=alias.name)
        yield _of_name(f"alias {alias}", found, "producer")
    for underwriter in environment.underwriter_aliases.all():
        found = _known(gateway.procedures.user, underwriter.name)
        yield _of_name(f"alias {underwriter}", found, "underwriter")


def _of_name(what: str, found: object, kind: str) -> Finding:
    if isinstance(found, IMSError):
        return Finding(Level.NOT_ASKED, what, found.message)
    if found is None:
        return Finding(Level.WRONG, what, f"IMS knows no such {kind}.")
    return Finding(Level.OK, what, f"IMS knows this {kind}.")


def _stuck_names(environment: IMSEnvironment, gateway: Gateway) -> Iterator[Finding]:
    """The names that transactions wait for: whether IMS knows them by now."""
    rows = TritonTransaction.objects.filter(source__environment=environment).stuck()
    rows = rows.filter(stage__in=("producer", "underwriter")).order_by("-id")
    counted: dict[tuple[str, str], list[str]] = {}
    for row in rows[:MOST_STUCK]:
        said = said_by(row)
        if row.stage == "producer":
            name = said.producer_email or said.producer_name or ""
        else:
            name = said.underwriter_name or ""
        counted.setdefault((row.stage, name), []).append(row.transaction_id)
    written = {
        "producer": set(environment.producer_aliases.values_list("key", flat=True)),
        "underwriter": set(environment.underwriter_aliases.values_list("key", flat=True)),
    }
    for (kind, name), waiting in sorted(counted.items()):
        what, waits = f"{kind} {name}", f"transactions that wait for it: {len(waiting)}"
        if normalised_name(name) in written[kind]:
            yield Finding(Level.NOTICE, what, f"An alias is there: replay them ({waits}).")
            continue
        found = _known(_ask_for, gateway, kind, name)
        if isinstance(found, IMSError):
            yield Finding(Level.NOT_ASKED, what, found.message)
        elif found is None:
            yield Finding(Level.WRONG, what, f"IMS does not know it; an alias may help ({waits}).")
        else:
            yield Finding(Level.NOTICE, what, f"IMS knows it by now: replay them ({waits}).")


def _ask_for(gateway: Gateway, kind: str, name: str) -> object:
    if kind == "underwriter":
        return gateway.procedures.user(name)
    return gateway.procedures.producer(**{"email" if "@" in name else "name": name})


def _known(ask: Callable[..., object], *words: object, **names: object) -> object:
    """What IMS answers, or the error that kept it from answering."""
    try:
        return ask(*words, **names)
    except IMSError as trouble:
        return trouble
