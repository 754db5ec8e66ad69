"""Looks over every log line and every response of the run for secrets that should not be there."""

import base64
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponseBase

from config import crypto

API_KEY = re.compile(r"\bdk_[a-z]+_[a-z0-9]{8}_[A-Za-z0-9]{43}\b")
PRIVATE_KEY = re.compile(r"-----BEGIN (EC |RSA |ENCRYPTED )?PRIVATE KEY-----")
# The answer that creates an API key, and the page that does, are the one place where it is shown.
CREATES_A_KEY = re.compile(r"/api/v1/api-keys/?\Z|/apikey/add/\Z")


def forms_of(secret: str) -> set[str]:
    """How a secret may look where it was written down: as it is, in base64, in hexadecimal."""
    raw = secret.encode()
    forms = {secret, base64.b64encode(raw).decode(), raw.hex()}
    if PRIVATE_KEY.search(secret):
        forms.add("".join(secret.split("\n")[1:-2]))  # without its armour
    return forms


class Watch(logging.Handler):
    """Knows a secret from the moment it is sealed for storage, and notes where it turns up."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.looked_at = {"log line": 0, "response": 0}
        self.secrets: set[str] = set()
        for name in ("SECRET_KEY", "KEY_RING", "AUDIT_KEY", "JWT_SIGNING_KEY"):
            self.learn(getattr(settings, name))

    def learn(self, secret: str) -> None:
        # Shorter ones (a health probe's) would be found in any text.
        if len(secret) >= 16:
            self.secrets |= forms_of(secret)

    def names(self, text: str) -> list[str]:
        """What of the forbidden stands in `text`, without repeating it."""
        found = [form[:6] + "…" for form in self.secrets if form in text]
        found += ["an API key"] if API_KEY.search(text) else []
        return found + (["a private key"] if PRIVATE_KEY.search(text) else [])

    def look(self, kind: str, where: str, text: str) -> None:
        self.looked_at[kind] += 1
        self.found += [f"{name} in {kind} {where}" for name in self.names(text)]

    def emit(self, record: logging.LogRecord) -> None:
        self.look("log line", record.name, self.format(record))

    def see(self, request: HttpRequest, response: HttpResponseBase) -> None:
        if response.streaming or (request.method == "POST" and CREATES_A_KEY.search(request.path)):
            return
        body = response.content.decode("utf-8", "replace")
        self.look("response", f"{request.method} {request.path}", f"{body}\n{response.headers}")

    @contextmanager
    def keeping(self) -> Iterator["Watch"]:
        """Watch everything that happens inside."""
        answer, seal = BaseHandler.get_response, crypto.seal
        logger = logging.getLogger()
        self.setFormatter(logger.handlers[0].formatter if logger.handlers else None)
        logger.addHandler(self)
        BaseHandler.get_response = self._seeing(answer)  # type: ignore[method-assign]
        crypto.seal = self._learning(seal)
        try:
            yield self
        finally:
            BaseHandler.get_response, crypto.seal = answer, seal  # type: ignore[method-assign]
            logger.removeHandler(self)

    def _seeing(self, answer: Callable[..., Any]) -> Callable[..., Any]:
        def get_response(handler: BaseHandler, request: HttpRequest) -> HttpResponseBase:
            response = answer(handler, request)
            self.see(request, response)
            return response

        return get_response

    def _learning(self, seal: Callable[..., bytes]) -> Callable[..., bytes]:
        def learned(plaintext: bytes, *, context: str) -> bytes:
            self.learn(plaintext.decode("latin-1"))
            return seal(plaintext, context=context)

        return learned
