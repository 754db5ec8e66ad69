"""The server side of `/_control/`: a table of routes over the books and the conduct."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from invoicing import judge
from invoicing.sandbox.answers import Answer
from invoicing.sandbox.books import Books
from invoicing.sandbox.calls import COMPLIANCE_CHECK
from invoicing.sandbox.conduct import Conduct
from invoicing.sandbox.control import PREFIX
from invoicing.sandbox.faults import ROWS, UnknownFault, fault_named
from invoicing.sandbox.store import CSID, Store

Query = Mapping[str, Any]


class Misunderstood(Exception):
    """The control call cannot be obeyed; the text says why."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


class Desk:
    """Answers control calls; what it changes is in force when it answers."""

    def __init__(self, store: Store, books: Books, conduct: Conduct) -> None:
        self._store = store
        self._books = books
        self._conduct = conduct
        self._routes: dict[tuple[str, str], Callable[[Query], Any]] = {
            ("GET", "health"): self._health,
            ("GET", "documents"): lambda query: books.documents(query.get("number")),
            ("GET", "deliveries"): lambda query: books.deliveries(query.get("number")),
            ("GET", "csids"): lambda query: [_listed(csid) for csid in store.csids()],
            ("GET", "chain"): lambda query: books.chain(_text(query, "csid")),
            ("GET", "faults"): lambda query: FAULT_TABLE,
            ("POST", "script"): self._script,
            ("POST", "rates"): self._rates,
            ("POST", "clock"): self._clock,
            ("POST", "switch"): self._switch,
            ("POST", "revoke"): self._revoke,
            ("POST", "reset"): self._reset,
        }

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """The answer to a control call; `path` is the whole request path with its query."""
        parts = urlsplit(path)
        name = parts.path.removeprefix(PREFIX).strip("/")
        try:
            if method == "GET" and name.startswith("documents/"):
                return self._content(name)
            route = self._routes.get((method, name))
            if route is None:
                raise Misunderstood(f"no control call {method} {name}", 404)
            query = dict(parse_qsl(parts.query)) if method == "GET" else _json(body)
            return _answer(200, route(query))
        except Misunderstood as error:
            return _answer(error.status, {"error": str(error)})
        except UnknownFault as error:
            return _answer(400, {"error": str(error)})

    def _health(self, query: Query) -> Any:
        return {
            "status": "ok",
            "now": self._conduct.now().isoformat(),
            "rules": judge.available(),
            "seed": self._conduct.seed,
            "rates": self._conduct.rates,
            "clearance": "on" if self._conduct.clearance else "off",
            **self._books.counts(),
        }

    def _content(self, name: str) -> Answer:
        _, invoice_hash, kind = name.split("/") if name.count("/") == 2 else ("", "", "")
        column = {"xml": "xml", "cleared": "cleared"}.get(kind)
        content = self._books.content(unquote(invoice_hash), column) if column else None
        if content is None:
            raise Misunderstood("no such document", 404)
        return Answer(200, content=content, content_type="application/xml")

    def _script(self, query: Query) -> Any:
        number, nth = _text(query, "number"), query.get("delivery")
        if not isinstance(nth, int) or nth < 1:
            raise Misunderstood("delivery is a whole number from 1")
        fault = fault_named(_text(query, "fault"))
        if fault.finding and number.startswith("/") and number != COMPLIANCE_CHECK:
            raise Misunderstood(f"{fault.name} needs a call that carries a document")
        given = {k: v for k, v in query.items() if k not in ("number", "delivery", "fault")}
        self._store.write_script(number, nth, fault.name, fault.with_args(given))
        return {"number": number, "delivery": nth, "fault": fault.name}

    def _rates(self, query: Query) -> Any:
        if not all(isinstance(rate, int | float) for rate in query.values()):
            raise Misunderstood("a rate is a number")
        self._conduct.set_rates(query)
        return self._conduct.rates

    def _clock(self, query: Query) -> Any:
        if "shift" in query:
            if not isinstance(query["shift"], int | float):
                raise Misunderstood("shift is a number of seconds")
            return {"now": self._conduct.shift_clock(timedelta(seconds=query["shift"])).isoformat()}
        stated = query.get("now")
        try:
            now = datetime.fromisoformat(stated) if stated is not None else None
        except (TypeError, ValueError):
            raise Misunderstood("now is an ISO date and time, or null") from None
        if now is not None and now.tzinfo is None:
            raise Misunderstood("now needs a time zone")
        return {"now": self._conduct.set_clock(now).isoformat()}

    def _switch(self, query: Query) -> Any:
        word = _text(query, "clearance")
        if word not in ("on", "off"):
            raise Misunderstood("clearance is on or off")
        self._conduct.clearance = word == "on"
        return {"clearance": word}

    def _revoke(self, query: Query) -> Any:
        serial = _text(query, "serial")
        if not self._store.revoke_csid(serial, now=self._conduct.now()):
            raise Misunderstood("no certificate has this serial number", 404)
        return {"serial": serial}

    def _reset(self, query: Query) -> Any:
        self._store.forget()
        self._conduct.set_rates({})
        self._conduct.set_clock(None)
        self._conduct.clearance = True
        return {}


FAULT_TABLE = [
    {
        "name": fault.name,
        "moment": fault.moment,
        "says": fault.says,
        "magic": fault.magic,
        "args": dict(fault.args),
    }
    for fault in ROWS
]


def _answer(status: int, payload: Any) -> Answer:
    return Answer(status, content=json.dumps(payload).encode())


def _json(body: bytes) -> Query:
    try:
        query = json.loads(body)
    except ValueError:
        query = None
    if not isinstance(query, dict):
        raise Misunderstood("the body is no JSON object")
    return query


def _text(query: Query, key: str) -> str:
    value = query.get(key)
    if not isinstance(value, str) or not value:
        raise Misunderstood(f"{key} is missing")
    return value


def _listed(csid: CSID) -> dict[str, Any]:
    return {
        "request_id": csid.request_id,
        "serial": csid.serial,
        "kind": csid.kind,
        "environment": csid.environment,
        "vat_number": csid.vat_number,
        "title": csid.title,
        "issued_at": csid.issued_at.isoformat(),
        "expires_at": csid.expires_at.isoformat(),
        "revoked_at": csid.revoked_at.isoformat() if csid.revoked_at else None,
    }
