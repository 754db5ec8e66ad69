"""One token for all threads of a process, logged in for once at a time.

IMS's token lives an hour and belongs to the address that asked for it, so it is kept per process
and environment. Many threads that find it missing wait for one login; if that is refused all of
them hear so, and nobody asks again with a password that is wrong, which would lock the user out.
"""

import copy
import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from integrations.ims.errors import IMSError, NotSent

KEPT = 50 * 60.0  # seconds, of the hour that IMS grants
REMEMBERED = 8  # old tokens that are still masked, wherever they turn up


@dataclass(frozen=True, slots=True)
class Credentials:
    """The user of IMS. The password is the TripleDES text as IMS's administrator hands it out."""

    user_name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Login:
    """`user_guid` is the @UserGuid of the procedures."""

    user_guid: UUID
    token: UUID = field(repr=False)


class _Flight:
    """A login under way, and what became of it."""

    def __init__(self) -> None:
        self.landed = threading.Event()
        self.login: Login | None = None
        self.error: IMSError | None = None

    def result(self) -> Login:
        if self.login is not None:
            return self.login
        if self.error is not None:
            # A copy: threads that raise the same exception spoil each other's traceback.
            raise copy.copy(self.error)
        raise NotSent("The login broke off.", code="ims_unreachable", operation="LoginIMSUser")


class TokenCache:
    """The login of one user at one environment. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._login: Login | None = None
        self._until = 0.0
        self._flight: _Flight | None = None
        self._tokens: deque[str] = deque(maxlen=REMEMBERED)

    def get(self, log_in: Callable[[], Login], *, wait: float) -> Login:
        """The login that is kept, or else that of `log_in`, which one thread calls for all.

        Raises what `log_in` raised, in every thread that waited, and NotSent (`ims_deadline`)
        when the login of another thread takes longer than `wait` seconds.
        """
        with self._lock:
            if self._login is not None and self._clock() < self._until:
                return self._login
            flight, mine = self._flight, False
            if flight is None:
                flight = self._flight = _Flight()
                mine = True
        if mine:
            self._fly(flight, log_in)
        elif not flight.landed.wait(wait):
            raise NotSent(
                "Another thread's login took longer than this call may.",
                code="ims_deadline",
                operation="LoginIMSUser",
            )
        return flight.result()

    def discard(self, login: Login) -> None:
        """Forget `login`, which IMS refused; a newer one stays."""
        with self._lock:
            if self._login == login:
                self._login = None

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens seen lately, for masking."""
        with self._lock:
            return tuple(self._tokens)

    def _fly(self, flight: _Flight, log_in: Callable[[], Login]) -> None:
        started = self._clock()
        try:
            flight.login = log_in()
        except IMSError as error:
            flight.error = error
        finally:
            with self._lock:
                self._flight = None
                if flight.login is not None:
                    self._login, self._until = flight.login, started + KEPT
                    self._tokens.append(str(flight.login.token))
            flight.landed.set()


_caches: dict[tuple[str, str, bytes], TokenCache] = {}
_caches_lock = threading.Lock()


def shared_tokens(base_url: str, credentials: Credentials) -> TokenCache:
    """This process's cache for the user at the environment; a new password has a new one."""
    digest = hashlib.sha256(credentials.password.encode()).digest()
    with _caches_lock:
        return _caches.setdefault((base_url, credentials.user_name, digest), TokenCache())
