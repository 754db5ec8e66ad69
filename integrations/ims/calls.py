"""One call to IMS: log in if need be, send once, say in the journal what travelled.

Nothing is repeated but a connection that could not be made and a token that IMS refused, which it
does before it acts. Whether anything else may be repeated is the caller's to know.
"""

import datetime as dt
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from lxml import etree

from config.transport import Event, Exchange, Reached, exchange
from integrations.ims.answers import read_answer
from integrations.ims.dataset import read_row
from integrations.ims.envelope import build
from integrations.ims.errors import IMSError, LoginRefused, NotSent, Outcome, TokenRefused
from integrations.ims.faults import FaultKind
from integrations.ims.masking import mask
from integrations.ims.operations import OPERATIONS, Operation
from integrations.ims.session import Credentials, Login, TokenCache, shared_tokens

CONNECT_TIMEOUT = 5.0
MAX_BYTES = 5 * 1024 * 1024
LOGIN = OPERATIONS["LoginIMSUser"]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """One exchange with IMS, as the journal gets it: every secret and bank text is masked.

    `procedure` is what ExecuteDataSet or ExecuteCommand was asked for; `http_status` None when no
    status line came; `elapsed` seconds; `code` that of the error, "" when there was none. `outcome`
    is that of the exchange: a result that makes no sense inside is found out after it.
    """

    operation: str
    procedure: str
    context: str
    started_at: dt.datetime
    elapsed: float
    http_status: int | None
    event: Event
    reached: Reached
    outcome: Outcome
    code: str
    request: bytes = field(repr=False)
    response: bytes = field(repr=False)


Journal = Callable[[Call], None]


class Caller:
    """Calls by the table of operations at `base_url`, as one user. Thread-safe.

    `context` goes into every TokenHeader, so that IMS's people find the request; `journal` hears of
    every exchange, logins included, before the call returns or raises. `deadline` (seconds) bounds
    every call where it is less than the operation's own: login, repeat and all.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        context: str = "Daftar",
        journal: Journal | None = None,
        deadline: float | None = None,
        connect_timeout: float = CONNECT_TIMEOUT,
        max_bytes: int = MAX_BYTES,
        tokens: TokenCache | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.credentials = credentials
        self.context = context
        self.journal = journal
        self.deadline = deadline
        self.connect_timeout = connect_timeout
        self.max_bytes = max_bytes
        self.tokens = tokens or shared_tokens(self.base_url, credentials)

    def call(self, name: str, values: Mapping[str, Any]) -> etree._Element:
        """The response element of the operation `name`. Raises IMSError."""
        operation = OPERATIONS[name]
        ends_at = time.monotonic() + self._allowed(operation)
        if not operation.token:
            return self._send(operation, values, None, ends_at)
        login = self._login(ends_at)
        try:
            return self._send(operation, values, login, ends_at)
        except IMSError as error:
            if not _token_refused(error):
                raise
        # Refused before it acted, so that even a bind may be sent again.
        self.tokens.discard(login)
        try:
            return self._send(operation, values, self._login(ends_at), ends_at)
        except IMSError as error:
            if _token_refused(error):
                raise TokenRefused(
                    error.message,
                    code="ims_token_refused",
                    operation=error.operation,
                    http_status=error.http_status,
                    fault=error.fault,
                ) from None
            raise

    def login(self) -> Login:
        """The login in use, made now if there is none. Raises LoginRefused or another IMSError."""
        return self._login(time.monotonic() + self._allowed(LOGIN))

    def _allowed(self, operation: Operation) -> float:
        return min(operation.deadline, self.deadline or operation.deadline)

    def _login(self, ends_at: float) -> Login:
        wait = max(ends_at - time.monotonic(), 0)
        try:
            return self.tokens.get(lambda: self._log_in(ends_at), wait=wait)
        except NotSent:
            raise
        except IMSError as error:
            # Whatever became of the login, the call that needed it has not left the house.
            kind = LoginRefused if _token_refused(error) else NotSent
            raise kind(
                error.message, code=error.code, operation=LOGIN.name, http_status=error.http_status
            ) from None

    def _log_in(self, ends_at: float) -> Login:
        values = {
            "userName": self.credentials.user_name,
            "tripleDESEncryptedPassword": self.credentials.password,
        }
        answer = self._send(LOGIN, values, None, ends_at)
        try:
            row = read_row(answer[0])
            user_guid, token = row.guid("UserGuid"), row.guid("Token")
        except (IndexError, ValueError):
            user_guid = token = None
        if user_guid is None or token is None:
            raise LoginRefused(
                "IMS refuses the user name or password.",
                code="ims_login_refused",
                operation=LOGIN.name,
                http_status=200,
            )
        return Login(user_guid, token)

    def _send(
        self, operation: Operation, values: Mapping[str, Any], login: Login | None, ends_at: float
    ) -> etree._Element:
        name = values.get("procedureName") or operation.name
        body = build(operation, values, token=login.token if login else None, context=self.context)
        left = ends_at - time.monotonic()
        if left <= 0:
            raise NotSent("No time was left to send it.", code="ims_deadline", operation=name)
        started_at = dt.datetime.now(dt.UTC)
        got = exchange(
            self._request(operation, body),
            deadline=left,
            connect_timeout=min(self.connect_timeout, left),
            max_bytes=self.max_bytes,
        )
        error: IMSError | None = None
        try:
            return read_answer(operation.name, got, self._secrets())
        except IMSError as caught:
            error = caught
            error.operation = name
            raise
        finally:
            self._note(operation, values, body, got, started_at, error)

    def _request(self, operation: Operation, body: bytes) -> requests.Request:
        return requests.Request(
            "POST",
            f"{self.base_url}/{operation.service.path}",
            data=body,
            headers={
                "Accept": "text/xml",
                "Accept-Encoding": "identity",
                "Connection": "close",
                "Content-Type": "text/xml; charset=utf-8",
                "SOAPAction": f'"{operation.soap_action}"',
                "User-Agent": "Daftar",
            },
        )

    def _secrets(self) -> tuple[str, ...]:
        return (self.credentials.password, *self.tokens.tokens)

    def _note(
        self,
        operation: Operation,
        values: Mapping[str, Any],
        body: bytes,
        got: Exchange,
        started_at: dt.datetime,
        error: IMSError | None,
    ) -> None:
        if self.journal is None:
            return
        secrets = self._secrets()
        call = Call(
            operation=operation.name,
            procedure=values.get("procedureName", ""),
            context=self.context,
            started_at=started_at,
            elapsed=got.elapsed,
            http_status=got.http_status,
            event=got.event,
            reached=got.reached,
            outcome=error.outcome if error else Outcome.DONE,
            code=error.code if error else "",
            request=mask(body, secrets),
            response=mask(got.body, secrets),
        )
        try:
            self.journal(call)
        except Exception:
            # A journal that fails must not make a bound policy look as if nobody knew of it.
            logger.exception("The journal did not take a call of %s.", operation.name)


def _token_refused(error: IMSError) -> bool:
    return error.fault is not None and error.fault.kind is FaultKind.AUTH
