"""One HTTP exchange under one total deadline, with a size cap and an honest word for what broke.

The time-outs of requests count each read anew, so a server that drips a byte a second holds its
caller for ever. Here a timer shuts the socket down when the deadline passes, whatever is going on.
Every exchange has a connection of its own: after a failure to connect nothing can have arrived,
while a reused connection that turns out dead leaves that open.
"""

import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache, partial
from http.client import HTTPException
from typing import Any

import certifi
import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError, ReadTimeoutError

CONNECT_ATTEMPTS = 3
CONNECT_PAUSE = 0.25  # seconds between attempts to connect
CHUNK = 64 * 1024
TOO_LARGE_KEPT = 64 * 1024  # bytes of an endless body that a person may want to see
TIMEOUTS = (requests.Timeout, ReadTimeoutError, TimeoutError)
KEPT_HEADERS = ("Content-Type", "Retry-After", "Date")


class Event(StrEnum):
    """What broke an exchange; NONE when a whole answer arrived."""

    NONE = ""
    CONNECT_FAILED = "connect_failed"
    TLS_FAILED = "tls_failed"
    TIMEOUT = "timeout"
    RESET = "reset"
    TRUNCATED = "truncated"
    TOO_LARGE = "too_large"
    MALFORMED = "malformed"


class Reached(StrEnum):
    """Whether the other side got the request: certainly not, possibly, certainly."""

    NO = "NO"
    MAYBE = "MAYBE"
    YES = "YES"


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came back. `http_status` is None when no status line arrived; `elapsed` is seconds."""

    http_status: int | None
    body: bytes
    headers: dict[str, str]
    event: Event
    reached: Reached
    elapsed: float


def exchange(
    request: requests.Request, *, deadline: float, connect_timeout: float, max_bytes: int
) -> Exchange:
    """Send `request` once and read the answer, all within `deadline` seconds. Never raises for I/O.

    No redirect is followed, no proxy and no netrc is read, no cookie is kept. Only a failure to
    connect is tried again, while the deadline allows. Resolving the host's name cannot be
    interrupted and may add the resolver's own time-out.
    """
    started = time.monotonic()
    prepared = request.prepare()
    watch = _Watch(started + deadline, connect_timeout)
    progress = _Progress()
    timer = threading.Timer(deadline, watch.expire)
    timer.daemon = True
    timer.start()
    try:
        _read(prepared, watch, progress, max_bytes)
    except (requests.RequestException, HTTPError, HTTPException, OSError) as error:
        progress.event = _event(error, watch, progress)
    finally:
        timer.cancel()
        watch.close()
    if progress.event is Event.NONE:
        reached = Reached.YES
    else:
        reached = Reached.MAYBE if watch.connected else Reached.NO
    return Exchange(
        http_status=progress.status,
        body=bytes(progress.body),
        headers=progress.headers,
        event=progress.event,
        reached=reached,
        elapsed=time.monotonic() - started,
    )


@dataclass(slots=True)
class _Progress:
    """What has been read so far, so that a broken exchange still shows it."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    event: Event = Event.NONE


def _read(
    prepared: requests.PreparedRequest, watch: "_Watch", progress: _Progress, max_bytes: int
) -> None:
    # The adapter is called directly: a Session would add redirects, cookies and the environment.
    adapter = _Adapter(watch)
    try:
        response = adapter.send(
            prepared, stream=True, timeout=(watch.connect_timeout, watch.remaining())
        )
        progress.status = response.status_code
        progress.headers = {
            name: response.headers[name] for name in KEPT_HEADERS if name in response.headers
        }
        # read1 hands over what is there, so that a body that breaks off is not lost with its end.
        while chunk := response.raw.read1(CHUNK, decode_content=True):
            progress.body += chunk
            if len(progress.body) > max_bytes:
                del progress.body[TOO_LARGE_KEPT:]
                progress.event = Event.TOO_LARGE
                return
        if watch.expired:  # a body that ends with the connection just seems to end
            progress.event = Event.TIMEOUT
    finally:
        adapter.close()


def _event(error: Exception, watch: "_Watch", progress: _Progress) -> Event:
    if not watch.connected:
        refused = "CERTIFICATE_VERIFY_FAILED" in str(error)
        return Event.TLS_FAILED if refused else Event.CONNECT_FAILED
    if watch.expired or isinstance(error, TIMEOUTS):
        return Event.TIMEOUT
    if progress.status is not None:
        return Event.TRUNCATED
    text = f"{type(error).__name__}: {error}"
    if any(word in text for word in ("BadStatusLine", "LineTooLong", "InvalidHeader", "got more")):
        return Event.MALFORMED
    return Event.RESET


class _Watch:
    """The deadline of one exchange, and a second handle on its socket to enforce it.

    The handle is a duplicate: TLS detaches the socket it wraps, and a closed descriptor's number
    may already belong to somebody else's connection.
    """

    def __init__(self, ends_at: float, connect_timeout: float) -> None:
        self.ends_at = ends_at
        self.connect_timeout = connect_timeout
        self.connected = False
        self.expired = False
        self._handle: socket.socket | None = None
        self._lock = threading.Lock()

    def remaining(self) -> float:
        return max(self.ends_at - time.monotonic(), 0.001)

    def open(self, host: str, port: int) -> socket.socket:
        """Connect, trying again a little later, and take the second handle. Raises OSError."""
        for attempt in range(1, CONNECT_ATTEMPTS + 1):
            try:
                opened = _connect(host, port, min(self.connect_timeout, self.remaining()))
                break
            except OSError:
                if attempt == CONNECT_ATTEMPTS or self.remaining() <= CONNECT_PAUSE:
                    raise
                time.sleep(CONNECT_PAUSE)
        opened.settimeout(self.remaining())
        with self._lock:
            self._handle = opened.dup()
            if self.expired:
                self._shut_down()
        return opened

    def expire(self) -> None:
        """Called by the timer: whatever blocks on the socket now comes back with an error."""
        with self._lock:
            self.expired = True
            self._shut_down()

    def close(self) -> None:
        with self._lock:
            if self._handle is not None:
                self._handle.close()
                self._handle = None

    def _shut_down(self) -> None:
        if self._handle is not None:
            try:
                self._handle.shutdown(socket.SHUT_RDWR)
            except OSError:  # the other side was faster
                return


def _connect(host: str, port: int, timeout: float) -> socket.socket:
    """As socket.create_connection, with one time-out for all addresses of a host together."""
    ends_at = time.monotonic() + timeout
    failure: OSError = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        candidate = socket.socket(family, kind, protocol)
        try:
            candidate.settimeout(max(ends_at - time.monotonic(), 0.001))
            candidate.connect(address)
            candidate.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            candidate.close()
            failure = error
        else:
            return candidate
    raise failure


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """One context for the process: reading the bundle of authorities outlasts a handshake."""
    return ssl.create_default_context(cafile=certifi.where())


class _Adapter(HTTPAdapter):
    """requests' adapter whose connections are opened under a watch."""

    def __init__(self, watch: _Watch) -> None:
        self._watch = watch
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=_tls(), **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": partial(_watched_pool, HTTPConnectionPool, _WatchedHTTP, self._watch),
            "https": partial(_watched_pool, HTTPSConnectionPool, _WatchedHTTPS, self._watch),
        }

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave it to the shared context, which verifies; requests would read the bundle again."""


def _watched_pool(
    pool_class: Any, connection_class: Any, watch: _Watch, *args: Any, **kwargs: Any
) -> Any:
    pool = pool_class(*args, **kwargs)
    pool.ConnectionCls = partial(connection_class, watch)
    return pool


class _Watched:
    def __init__(self, watch: _Watch, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._watch = watch

    def _new_conn(self) -> socket.socket:
        try:
            return self._watch.open(self.host, self.port)  # type: ignore[attr-defined]
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error  # type: ignore[arg-type]

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self._watch.connected = True


class _WatchedHTTP(_Watched, HTTPConnection):
    pass


class _WatchedHTTPS(_Watched, HTTPSConnection):
    pass
