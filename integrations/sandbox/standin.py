"""The stand-in as a server: the services under `/ims/<service>.asmx`, control under `/control`."""

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from integrations.sandbox import wire
from integrations.sandbox.knobs import Knobs, Mishap
from integrations.sandbox.operations import OPERATIONS
from integrations.sandbox.procedures import command, execute
from integrations.sandbox.store import Record, Store

HANDLERS = OPERATIONS | {
    ("dataaccess", "ExecuteDataSet"): execute,
    ("dataaccess", "ExecuteCommand"): command,
}
UNAVAILABLE = (
    b"<html><head><title>503</title></head><body><h1>Service Unavailable</h1></body></html>"
)


class Dropped(Exception):
    """The line is cut instead of an answer."""


class SandboxIMS:
    """`with SandboxIMS() as box:` serves on loopback at `box.url` until the block ends.

    State is in memory, or in `folder`, where it survives kill -9. `box.knobs` makes trouble.
    """

    user_name, password = "standin", "c3RhbmQtaW4="

    def __init__(
        self, folder: str | Path | None = None, *, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.store, self.knobs = Store(folder), Knobs()
        self._lock, self._calls, self._waiting = threading.Lock(), list[Record](), True
        self._stopped = threading.Event()
        if not self.store.all("line"):
            self._furnish()
        self._server = _Server((host, port), _Handler)
        self._server.box = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self.store.close()

    @property
    def url(self) -> str:
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}/ims/"

    def _furnish(self) -> None:
        with self.store.transaction():
            for name in ("Primary", "Excess"):
                company = {"company": "Stand-in Surplus Lines", "company_guid": str(uuid4())}
                self.store.add("line", {"name": name, "state": "MI"} | company)
            self.store.add("office", {"name": "Head office"})
            self.store.add("program", {"name": "Home Care", "id": 77})
        self.add_user("Casey Morgan")
        self.add_producer("Pat Reed", "pat.reed@example.com")

    def add_user(self, name: str) -> str:
        """An underwriter; answers the GUID."""
        with self.store.transaction():
            return str(self.store.add("user", {"name": name})["guid"])

    def add_producer(
        self,
        name: str,
        email: str,
        *,
        active: bool = True,
        lines: list[str] | None = None,
        effective_from: str = "2000-01-01",
        effective_until: str = "2099-12-31",
    ) -> tuple[str, str]:
        """A contact at a location of its own, set up for all lines unless told; GUIDs."""
        address = {"Address1": "1 Main St", "City": "Detroit", "State": "MI", "Zip": "48226"}
        names = {"ProducerName": name, "LocationName": name, "ProducerCode": "1"}
        setup = {"lines": lines, "from": effective_from, "until": effective_until}
        with self.store.transaction():
            place = names | address | setup | {"LocationCode": "1"}
            location = str(self.store.add("producer_location", place)["guid"])
            person = {"name": name, "email": email, "active": active, "location": location}
            return str(self.store.add("producer_contact", person)["guid"]), location

    def set_producer_line(self, location: str, lines: list[str] | None) -> None:
        """Which lines a producer location may write: None is all. Raises KeyError."""
        with self.store.transaction():
            held = self.store.get("producer_location", location)
            if held is None:
                raise KeyError(location)
            self.store.save(held | {"lines": lines})

    def lines(self) -> dict[str, str]:
        return {line["name"]: line["guid"] for line in self.store.all("line")}

    def company_lines(self) -> list[Record]:
        """The legal lines with the company location that writes each."""
        return [
            {
                "name": line["name"],
                "line_guid": line["guid"],
                "company_location": line["company_guid"],
            }
            for line in self.store.all("line")
        ]

    def offices(self) -> list[Record]:
        """The agency's offices; each quotes and issues."""
        return [
            {
                "name": office["name"],
                "quoting_location": office["guid"],
                "issuing_location": office["guid"],
            }
            for office in self.store.all("office")
        ]

    def counts(self) -> dict[str, int]:
        """How many there are of each; policies are bound originals, void invoices count."""
        quotes = self.store.all("quote")
        numbers = {kind: len(self.store.all(kind)) for kind in ("insured", "submission", "invoice")}
        numbers["quote"] = len(quotes)
        numbers["policy"] = sum(q["kind"] == "N" and bool(q["bound"]) for q in quotes)
        for word, kind in (("endorsement", "E"), ("cancellation", "C"), ("reinstatement", "R")):
            numbers[word] = sum(q["kind"] == kind for q in quotes)
        return numbers

    def calls(self) -> list[Record]:
        """What was asked since the start, in order: service, operation, procedure, outcome."""
        with self._lock:
            return [dict(call) for call in self._calls]

    def serve(self, service: str, body: bytes, action: str, address: str) -> tuple[int, bytes]:
        """Status and body for one call. Raises Dropped."""
        with self._lock:
            first, self._waiting = self._waiting, False
        self._stopped.wait(self.knobs.latency + (self.knobs.first_call_delay if first else 0))
        note: Record = {"service": service, "operation": "", "procedure": "", "outcome": "dropped"}
        with self._lock:
            self._calls.append(note)
        try:
            call = wire.read(service, body, action)
            note |= {"operation": call.operation, "procedure": call.text("procedureName")}
            names = tuple(word for word in (call.operation, note["procedure"]) if word)
            answer = self._meet(call, self.knobs.strike(names), address)
            note["outcome"] = "ok" if answer[0] == 200 else "unavailable"
            return answer
        except wire.Fault as error:
            note["outcome"] = str(error)
            return 500, wire.fault(error)
        except (ValueError, ArithmeticError):
            note["outcome"] = "Input string was not in a correct format."
            return 500, wire.fault(wire.Fault(note["outcome"], "System.FormatException"))

    def _meet(self, call: wire.Call, mishap: Mishap | None, address: str) -> tuple[int, bytes]:
        kind = mishap.kind if mishap else ""
        if mishap and kind in ("hang", "slow"):
            self._stopped.wait(mishap.seconds or (3600.0 if kind == "hang" else 1.0))
        if kind in ("drop_before", "hang"):
            raise Dropped
        if kind == "html_503":
            return 503, UNAVAILABLE
        if mishap and kind == "fault":
            raise wire.Fault(mishap.text or "Timeout expired.", "System.Exception")
        if kind == "expire_token":
            self.expire_tokens()
        answer = self._perform(call, address)
        if kind == "drop_after":
            raise Dropped
        return 200, answer

    def expire_tokens(self) -> None:
        """Every token handed out so far is refused from now on."""
        with self.store.transaction():
            for token in self.store.all("token"):
                self.store.save(token | {"until": 0})

    def _perform(self, call: wire.Call, address: str) -> bytes:
        if call.service == "logon":
            return wire.answer(call, self._log_on(call, address))
        handler = HANDLERS.get((call.service, call.operation))
        if handler is None:
            raise wire.Fault(
                f"Server did not recognize the value of HTTP Header SOAPAction: {call.operation}.",
                "System.Web.Services.Protocols.SoapException",
            )
        if call.operation != "GetSubmissionGroupGuidFromQuoteGuid":
            self._admit(call, address)
        if call.text("procedureName").lower() == "ryan_rptinvoice":
            self._not_yet(call)
        with self.store.transaction():
            result = handler(self.store, self.knobs, call)
        inner = wire.OBJECTS if call.operation == "AutoAddQuoteOptions" else ""
        return wire.answer(call, result, inner)

    def _admit(self, call: wire.Call, address: str) -> None:
        with self.store.transaction():
            token = self.store.get("token", call.token)
        moved = token and self.knobs.token_bound_to_address and token["address"] != address
        if token is None or moved or token["until"] < time.time():
            raise wire.Fault("Invalid token", "System.Exception")

    def _not_yet(self, call: wire.Call) -> None:
        words = [e.text or "" for e in call.arguments.iterfind("{*}parameters/{*}string")]
        key = "|".join(words).lower()
        # Counted in a transaction of its own: the refusal that follows must not undo the count.
        with self.store.transaction():
            looked = self.store.next(f"looked|{key}", 1)
        if looked <= self.knobs.invoice_after:
            name = words[0].lstrip("@") if words else "QuoteGuid"
            raise wire.Fault(
                f"No invoice found for the provided {name}", "System.Data.SqlClient.SqlException"
            )

    def _log_on(self, call: wire.Call, address: str) -> wire.Tree:
        given = call.text("userName"), call.text("tripleDESEncryptedPassword")
        user = token = wire.ZERO
        if given == (self.user_name, self.password):
            until = time.time() + self.knobs.token_seconds
            with self.store.transaction():
                user = str(self.store.all("user")[0]["guid"])
                token = str(self.store.add("token", {"until": until, "address": address})["guid"])
        if call.operation == "LoginUser":
            return token
        return [("UserGuid", user), ("Token", token)]

    def control(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """What /control/<path> does: reads counts and calls, turns knobs, adds data."""
        try:
            given = json.loads(body) if body else {}
            match method, path:
                case "GET", "counts":
                    return 200, self.counts()
                case "GET", "calls":
                    return 200, self.calls()
                case "GET", "knobs":
                    return 200, self.knobs.values()
                case "GET", "lines":
                    return 200, self.lines()
                case "GET", "company-lines":
                    return 200, self.company_lines()
                case "GET", "offices":
                    return 200, self.offices()
                case "POST", "knobs":
                    self.knobs.turn(given)
                    return 200, self.knobs.values()
                case "POST", "mishaps":
                    self.knobs.add(**given)
                    return 201, self.knobs.values()
                case "DELETE", "mishaps":
                    self.knobs.clear()
                    return 200, self.knobs.values()
                case "POST", "producers":
                    contact, location = self.add_producer(**given)
                    return 201, {"contact": contact, "location": location}
                case "POST", "users":
                    return 201, {"user": self.add_user(**given)}
                case "POST", "expire":
                    self.expire_tokens()
                    return 200, {}
        except (ValueError, TypeError) as error:
            return 400, {"error": str(error)}
        return 404, {"error": "no such control"}


class _Server(ThreadingHTTPServer):
    daemon_threads, block_on_close, request_queue_size = True, False, 128
    box: SandboxIMS


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without both, every small answer waits some 40 ms for an acknowledgement.
    disable_nagle_algorithm, wbufsize = True, 65536
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the list of calls says more."""

    def _respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0].strip("/").lower()
        box, kind = self.server.box, "text/xml; charset=utf-8"
        if path.startswith("control/"):
            status, said = box.control(self.command, path.removeprefix("control/"), body)
            answer, kind = json.dumps(said).encode(), "application/json"
        else:
            service = path.rpartition("/")[2].removesuffix(".asmx")
            if self.command != "POST" or service not in wire.PATHS:
                status, answer, kind = 404, b"<html>404</html>", "text/html"
            else:
                action = self.headers.get("SOAPAction", "")
                try:
                    status, answer = box.serve(service, body, action, self.client_address[0])
                except Dropped:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                kind = "text/html" if status == 503 else kind
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_DELETE = _respond
