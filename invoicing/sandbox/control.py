"""The other side of the stand-in: what it holds, and what it shall do next.

`/_control/…` on the same port, JSON both ways, answered to loopback only. `Control` is the client
of it, for a stand-in in this process and in another one alike.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime
from typing import Any

PREFIX = "/_control"

Row = dict[str, Any]


class ControlRefused(ValueError):
    """The stand-in did not understand what it was told; the text is its sentence."""


class Control:
    """Client of a stand-in's control endpoint; `url` is the root of the stand-in."""

    def __init__(self, url: str, *, timeout: float = 10.0) -> None:
        self._root = url.rstrip("/") + PREFIX
        self._timeout = timeout
        # A proxy of the environment has no business between two ends of the loopback.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def documents(self, number: str | None = None) -> list[Row]:
        """What is held, oldest first, one row per hash.

        Keys: environment, number, uuid, icv, pih, invoice_hash, type_code, simplified, vat_number,
        csid (serial), call, verdict (CLEARED, REPORTED, NOT_CLEARED, NOT_REPORTED), accepted,
        codes, sha256 (of the XML), deliveries, registrations, stored_at, accepted_at.
        """
        return self._get("documents", number=number)

    def xml(self, invoice_hash: str) -> bytes:
        """The bytes of a held document as they arrived."""
        return self._fetch(f"documents/{urllib.parse.quote(invoice_hash, safe='')}/xml")

    def cleared_xml(self, invoice_hash: str) -> bytes:
        """The bytes of a cleared document as they were given back."""
        return self._fetch(f"documents/{urllib.parse.quote(invoice_hash, safe='')}/cleared")

    def deliveries(self, number: str | None = None) -> list[Row]:
        """Every call that arrived, oldest first; `number` is an invoice number, or a call's path.

        Keys: id, at, environment, call, target, vat_number, uuid, invoice_hash, sha256, nth,
        overlap (the same under way on arrival), fault ("" for none), judged (the status the
        authority decided on, null when it never got to judge), answered (the status on the wire,
        null when there was none).
        """
        return self._get("deliveries", number=number)

    def csids(self) -> list[Row]:
        """The certificates issued: request_id, serial, kind, environment, vat_number, title, …"""
        return self._get("csids")

    def chain(self, csid: str) -> Row:
        """The chain of one CSID (serial): length, missing, repeated, broken (ICVs), entries."""
        return self._get("chain", csid=csid)

    def faults(self) -> list[Row]:
        """The table of faults: name, moment, says, magic, args."""
        return self._get("faults")

    def script(self, number: str, *, delivery: int, fault: str, **args: Any) -> None:
        """Let the n-th delivery (from 1) of an invoice number meet a fault.

        `number` may be a path such as /compliance for the calls that carry no number. `args` are
        the fault's own (see `faults`). Raises ControlRefused.
        """
        self._post("script", {"number": number, "delivery": delivery, "fault": fault, **args})

    def rates(self, **rates: float) -> None:
        """Share of submissions that meet each fault; replaces all rates. Raises ControlRefused."""
        self._post("rates", rates)

    def shift_clock(self, seconds: float) -> datetime:
        """Move the authority's clock; returns its new time."""
        return datetime.fromisoformat(self._post("clock", {"shift": seconds})["now"])

    def set_clock(self, now: datetime | None) -> datetime:
        """Set the authority's clock to an aware time, or back to the true one with None."""
        return datetime.fromisoformat(
            self._post("clock", {"now": now.isoformat() if now else None})["now"]
        )

    def switch(self, *, clearance: bool) -> None:
        """Clearance on or off (303)."""
        self._post("switch", {"clearance": "on" if clearance else "off"})

    def revoke(self, serial: str) -> None:
        """Revoke a certificate from now on. Raises ControlRefused for an unknown serial number."""
        self._post("revoke", {"serial": serial})

    def reset(self) -> None:
        """Empty the books, script and rates, clearance on, true time; certificates stay."""
        self._post("reset", {})

    def health(self) -> Row:
        """status, now, rules (are the official rules judged), seed, rates, clearance, counts."""
        return self._get("health")

    def _get(self, path: str, **query: str | None) -> Any:
        given = {key: value for key, value in query.items() if value is not None}
        return json.loads(self._fetch(f"{path}?{urllib.parse.urlencode(given)}"))

    def _post(self, path: str, body: Row) -> Any:
        return json.loads(self._fetch(path, json.dumps(body).encode()))

    def _fetch(self, path: str, body: bytes | None = None) -> bytes:
        request = urllib.request.Request(f"{self._root}/{path}", data=body)  # noqa: S310 - loopback
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            with error:
                raise ControlRefused(json.loads(error.read())["error"]) from None
