"""The stand-in authority's list of what it holds. The authority itself has none.

Only a sandbox on loopback can be a stand-in, so nobody else is ever asked.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests

from config.transport import Event, exchange
from invoicing.reconciliation.records import Theirs, Word
from invoicing.zatca.client import Credentials
from invoicing.zatca.environments import Environment

PATH = "/_standin/documents"
PAGE = 500
MAX_BYTES = 5 * 1024 * 1024
WORDS = {"CLEARED": Word.CLEARED, "REPORTED": Word.REPORTED}


class ListFailed(Exception):
    """No whole list came back; nothing may be concluded from a part of it."""


def has_list(environment: str, base_url: str) -> bool:
    """Whether there is a list to ask for behind this address; decided without asking."""
    host = urlsplit(base_url).hostname or ""
    try:
        is_loopback = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    return environment == Environment.SANDBOX and is_loopback


class DocumentList:
    """The list at `base_url` as one CSID may read it: every document of its taxpayer."""

    def __init__(
        self, base_url: str, credentials: Credentials, *, deadline: float, connect_timeout: float
    ) -> None:
        self._url = base_url.rstrip("/") + PATH
        self._credentials = credentials
        self._limits = {"deadline": deadline, "connect_timeout": connect_timeout}

    def records(self) -> Iterator[Theirs]:
        """Every document held, a page at a time; one row per acceptance. Raises ListFailed."""
        after = 0
        while page := self._page(after):
            for row in page:
                after, registrations, record = _record(row, after)
                # Registered twice is two rows, as a portal would show it.
                yield from [record] * max(1, registrations)

    def _page(self, after: int) -> list[dict[str, Any]]:
        token = f"{self._credentials.token}:{self._credentials.secret}".encode()
        got = exchange(
            requests.Request(
                "GET",
                self._url,
                params={"after": after, "limit": PAGE},
                headers={
                    "Accept": "application/json",
                    "Accept-Encoding": "identity",
                    "Accept-Version": "V2",
                    "Authorization": f"Basic {b64encode(token).decode()}",
                    "Connection": "close",
                },
            ),
            max_bytes=MAX_BYTES,
            **self._limits,
        )
        if got.event is not Event.NONE or got.http_status != 200:
            raise ListFailed(got.event or f"HTTP {got.http_status}")
        return _rows(got.body)


def _rows(body: bytes) -> list[dict[str, Any]]:
    try:
        rows = json.loads(body)["documents"]
        if not isinstance(rows, list):
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ListFailed("the list cannot be read") from None
    return rows


def _record(row: dict[str, Any], after: int) -> tuple[int, int, Theirs]:
    """The row's place in the list, how often it was registered, and what it says."""
    try:
        if row["id"] <= after:
            raise ValueError  # a list that goes round would never end
        word = WORDS.get(row["verdict"].removesuffix("_WITH_WARNINGS"), Word.REJECTED)
        record = Theirs(
            number=row["number"],
            word=word if row["accepted"] else Word.REJECTED,
            uuid=row["uuid"].lower(),
            hash=row["invoice_hash"],
            icv=row["icv"],
            csid=format(int(row["csid"]), "x"),
            type_code=row["type_code"],
            simplified=row["simplified"],
            total=_amount(row["total"]),
            vat=_amount(row["vat"]),
            currency=row["currency"],
            issued=date.fromisoformat(row["issued"]),
        )
        return row["id"], int(row["registrations"]), record
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation):
        raise ListFailed("a row of the list cannot be read") from None


def _amount(text: str) -> Decimal:
    return Decimal(text).quantize(Decimal("0.01"))
