"""A real mail server on a socket (aiosmtpd) that can be told to misbehave."""

import asyncio
import email
import email.policy
import threading
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from config.delivery.server import MailServer, mail_server

FAULTS = (
    "busy", "refuse_sender", "refuse_recipient", "refuse_content", "greylist", "drop", "drop_after",
    "hang",
)  # fmt: skip


class Desk:
    """Takes letters, or does what `fault` says; both are of the moment."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.fault = ""
        self.asked = 0
        self.released = threading.Event()

    async def handle_MAIL(self, server, session, envelope, address, options) -> str:
        if self.fault == "refuse_sender":
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        self.asked += 1
        if self.fault == "greylist":
            return "450 4.2.0 Greylisted, come back later"
        if self.fault == "refuse_recipient":
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        if self.fault == "busy":
            return "451 4.3.0 Try again later"
        if self.fault == "refuse_content":
            return "554 5.7.1 Not wanted here"
        if self.fault == "hang":
            while not self.released.is_set():
                await asyncio.sleep(0.02)
        if self.fault == "drop":
            server.transport.close()
            return "250 OK"
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        letter["X-Rcpt"] = ",".join(envelope.rcpt_tos)
        self.letters.append(letter)
        if self.fault == "drop_after":
            server.transport.close()
        return "250 OK"


class AnyPort(Controller):
    """aiosmtpd looks for itself at the port it was told, which here is 0: any that is free."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Post:
    """The server with its desk; `server` is what settings.MAIL holds for it."""

    def __init__(self) -> None:
        self.desk = Desk()
        self._controller = AnyPort(
            self.desk,
            hostname="127.0.0.1",
            port=0,
            # It knows nobody: whoever gives a name and a password is refused.
            authenticator=lambda *said: AuthResult(success=False, handled=False),
            auth_require_tls=False,
        )
        self._controller.start()
        self.url = f"smtp://127.0.0.1:{self._controller.port}"
        self.server: MailServer = mail_server(self.url, sender="invoices@najd.example")

    def reset(self) -> None:
        self.desk.letters.clear()
        self.desk.fault, self.desk.asked = "", 0
        self.desk.released.clear()

    def stop(self) -> None:
        self.desk.released.set()
        self._controller.stop()
