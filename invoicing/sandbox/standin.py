"""The stand-in as a server: a thread per connection on stdlib sockets, so that faults are real."""

import contextlib
import socket
import sys
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from invoicing import judge
from invoicing.sandbox.answers import Answer, gateway_page
from invoicing.sandbox.authority import Authority
from invoicing.sandbox.calls import Request
from invoicing.sandbox.certificates import DEFAULT_VALIDITY_DAYS, CertificateAuthority
from invoicing.sandbox.conduct import Clock, Conduct
from invoicing.sandbox.control import PREFIX, Control
from invoicing.sandbox.desk import Desk
from invoicing.sandbox.store import Store
from invoicing.sandbox.wire import Wire

# The authority's own paths (zatca.md 8). The bare root answers as the sandbox.
SEGMENTS = {
    "SANDBOX": "/e-invoicing/developer-portal",
    "SIMULATION": "/e-invoicing/simulation",
    "PRODUCTION": "/e-invoicing/core",
}
MAX_BODY = 10 * 2**20
# How long stop() waits for calls under way, in seconds; a judgement takes some hundredths.
PATIENCE = 5.0


class StandIn:
    """A stand-in authority on a port of its own.

    `store_path` None keeps everything in memory. `rates` are shares per fault, repeatable with
    `seed`. `clock` returns an aware time and is what everything is judged by. `stop` and `start`
    keep port and books, as a service that is away for a while; `close` lets go of both.
    """

    def __init__(
        self,
        store_path: str | Path | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        rates: Mapping[str, float] | None = None,
        seed: int | None = None,
        clock: Clock | None = None,
        clearance: bool = True,
        validity_days: int = DEFAULT_VALIDITY_DAYS,
    ) -> None:
        self._store = Store(store_path)
        self.conduct = Conduct(
            self._store, rates=rates, seed=seed, clock=clock, clearance=clearance
        )
        certificates = CertificateAuthority(self._store, validity_days=validity_days)
        self.authority = Authority(self._store, self.conduct, certificates)
        self.desk = Desk(self._store, self.authority.books, self.conduct)
        self._address = (host, port)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def judges_rules(self) -> bool:
        """False without fatoora-rs: then schema and official rules pass unseen, and it says so."""
        return judge.available()

    @property
    def url(self) -> str:
        """The root; known once the stand-in has been started."""
        host, port = self._address
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    @property
    def control(self) -> Control:
        return Control(self.url)

    def base_url(self, environment: str = "SANDBOX") -> str:
        """What a client of SANDBOX, SIMULATION or PRODUCTION is given."""
        return self.url + SEGMENTS[environment]

    def start(self) -> Self:
        """Listen, and answer from a thread. Raises OSError when the port is taken."""
        server = _Server(self._address, self)
        self._address = (self._address[0], server.server_address[1])
        self._server = server
        self._thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening and break every open connection; start() resumes with the same books."""
        if self._server is None or self._thread is None:
            return
        self._server.stop()
        self._thread.join()
        self._server = self._thread = None

    def close(self) -> None:
        """Stop for good."""
        self.stop()
        self._store.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], stand_in: StandIn) -> None:
        self.stand_in = stand_in
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._changed = threading.Condition()
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Call)

    def stop(self) -> None:
        """Break what is open, and return when no call is under way any more."""
        self.stopping.set()
        self.shutdown()
        with self._changed:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._connections, timeout=PATIENCE)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._changed:
            self._connections.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves, or is thrown out, is daily bread; anything else is printed."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Call(BaseHTTPRequestHandler):
    """Reads one HTTP call and hands it on; the answer goes out through a Wire."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # An idle keep-alive connection does not hold its thread for ever.
    timeout = 120
    server: _Server

    def do_GET(self) -> None:
        self._receive()

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET

    def _receive(self) -> None:
        wire = Wire(self.connection, self.server.stopping)
        refusal = self._refuse_length()
        if refusal:
            # The body stays unread, so nothing can follow on this connection.
            self.close_connection = True
            wire.send(refusal)
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path.startswith(f"{PREFIX}/"):
            wire.send(self._control(body))
        else:
            self._deliver(wire, body)
        if not wire.is_open:
            self.close_connection = True

    def _refuse_length(self) -> Answer | None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            return gateway_page(411, "Length Required")
        if int(length) > MAX_BODY:
            return gateway_page(413, "Request Entity Too Large")
        return None

    def _control(self, body: bytes) -> Answer:
        if not ip_address(self.client_address[0]).is_loopback:
            return Answer(403, {"error": "control is for loopback"})
        return self.server.stand_in.desk.answer(self.command, self.path, body)

    def _deliver(self, wire: Wire, body: bytes) -> None:
        authority = self.server.stand_in.authority
        parts = urlsplit(self.path)
        environment, call = _route(parts.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        delivery = authority.admit(
            Request(self.command, environment, call, headers, body, parts.query)
        )
        try:
            fault, args = delivery.chance.fault, delivery.chance.args
            if fault.waits:
                self.server.stopping.wait(args["seconds"])
            fault.deliver(wire, authority.answer(delivery), args)
        finally:
            authority.dismiss(delivery)

    def log_message(self, format: str, *args: object) -> None:
        """Silent; the deliveries are the log."""


def _route(path: str) -> tuple[str, str]:
    for environment, segment in SEGMENTS.items():
        if path.startswith(f"{segment}/"):
            return environment, path.removeprefix(segment)
    return "SANDBOX", path
