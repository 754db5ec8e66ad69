"""The two ends of the demo as HTTP clients of the demo see them."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

Json = dict[str, Any]


class Trouble(Exception):
    """Why the demo cannot go on, in one line."""


class Wire:
    """One end of the demo: JSON over HTTP on loopback, past any proxy of the environment."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.update(headers or {})

    def call(self, method: str, path: str, body: Json | None = None, **headers: str) -> Any:
        """The response; Trouble where there is none."""
        try:
            return self._session.request(
                method, f"{self.url}{path}", json=body, headers=headers, timeout=60
            )
        except requests.RequestException as error:
            raise Trouble(f"{method} {self.url}{path}: {type(error).__name__}") from None

    def get(self, path: str) -> Any:
        """The JSON of a page that must be there."""
        response = self.call("GET", path)
        if response.status_code != 200:
            raise Trouble(f"GET {self.url}{path} answered {response.status_code}.")
        return response.json()


class Office(Wire):
    """Daftar, as a billing program sees it."""

    def __init__(self, url: str, api_key: str) -> None:
        super().__init__(url, {"X-API-Key": api_key})
        self.api_key = api_key

    def is_ready(self) -> bool:
        """Whether /readyz says so; False while nobody listens."""
        try:
            return self.call("GET", "/readyz").status_code == 200
        except Trouble:
            return False

    def post(self, invoice: Json, **headers: str) -> "Told":
        return Told.by(self.call("POST", "/api/v1/invoices", invoice, **headers))

    def retry(self, pk: int) -> "Told":
        return Told.by(self.call("POST", f"/api/v1/invoices/{pk}/retry"))

    def validate(self, invoice: Json) -> Json:
        """What create would answer; nothing is kept."""
        return self.call("POST", "/api/v1/invoices/validate", invoice).json()

    def pdf(self, pk: int) -> bytes:
        return self.call("GET", f"/api/v1/invoices/{pk}/pdf").content

    def invoices(self) -> list[Json]:
        return self.get("/api/v1/invoices?limit=100")["invoices"]

    def status(self, number: str) -> str:
        return self.get(f"/api/v1/invoices/{quote(number)}/status")["status"]


class Authority(Wire):
    """The stand-in authority's control endpoint: what it holds, and what it shall do next."""

    def __init__(self, base_url: str) -> None:
        scheme, _, rest = base_url.partition("://")
        super().__init__(f"{scheme}://{rest.partition('/')[0]}")

    def script(self, number: str, fault: str) -> None:
        """Let the first delivery of an invoice number meet a fault."""
        self.call(
            "POST", "/_control/script", {"number": number, "delivery": 1, "fault": fault}
        ).raise_for_status()

    def documents(self, number: str = "") -> list[Json]:
        """The submitted documents it holds, refused ones included, oldest first."""
        held = self.get(f"/_control/documents?number={quote(number)}" if number else DOCUMENTS)
        return [document for document in held if document["call"] != COMPLIANCE]

    def deliveries(self, number: str) -> list[Json]:
        return self.get(f"/_control/deliveries?number={quote(number)}")

    def chain(self, csid: str) -> Json:
        return self.get(f"/_control/chain?csid={quote(csid)}")

    def bytes_of(self, document: Json) -> bytes:
        """The document as it was given back cleared, or as it was reported."""
        kind = "cleared" if document["verdict"] == "CLEARED" else "xml"
        where = quote(document["invoice_hash"], safe="")
        return self.call("GET", f"/_control/documents/{where}/{kind}").content


DOCUMENTS = "/_control/documents"
COMPLIANCE = "/compliance/invoices"


@dataclass(frozen=True)
class Told:
    """One answer about one invoice."""

    code: int
    body: Json

    @classmethod
    def by(cls, response: requests.Response) -> "Told":
        return cls(response.status_code, response.json())

    @property
    def pk(self) -> int:
        return self._invoice.get("id", 0)

    @property
    def word(self) -> str:
        """The HTTP status and what it says, such as ``409 duplicate_invoice``."""
        error = self.body.get("error", {})
        if error and "invoice" not in error:
            return f"{self.code} {error.get('code')}"
        zatca = self._invoice.get("zatca_status")
        accepted = self._invoice.get("status") == "CLEARED"
        return f"{self.code} {zatca if accepted else self._invoice.get('status')}"

    @property
    def _invoice(self) -> Json:
        return self.body.get("error", {}).get("invoice") or self.body
