"""What the demo sends, and how it compares the two ends. HTTP only."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote

import requests
from rich.console import Console
from rich.table import Table

PATIENCE = 30  # seconds for the worker

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


LINE = {"quantity": 2, "unit_price": "100.00", "tax_rate": 15, "tax_category": "S"}
BUYER = {
    "buyer_name": "شركة الحجاز | Hijaz Trading",
    "buyer_tax_number": "310122393500003",
    "buyer_address": {
        "street": "شارع الأمير سلطان",
        "building_number": "3242",
        "district": "الزهراء",
        "city": "جدة",
        "postal_code": "23423",
    },
}


def simplified(number: str, goods: str = "قهوة عربية", **more: Any) -> Json:
    """A sale over the counter: 200.00 and 30.00 VAT."""
    return {
        "mode": "PHASE_2",
        "environment": "SANDBOX",
        "invoice_number": number,
        "invoice_date": datetime.now(UTC).replace(microsecond=0).isoformat(),
        "line_items": [{"name": goods, **LINE}],
        "payment_means": {"code": "10"},
        **more,
    }


def standard(number: str, goods: str = "قهوة عربية", **more: Any) -> Json:
    """A sale to a business: 200.00 and 30.00 VAT."""
    return simplified(number, goods, **BUYER, **more)


@dataclass(frozen=True)
class Outcome:
    """What the callers were answered, in order, and what else was found."""

    answers: tuple[str, ...]
    facts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " → ".join((*self.answers, *self.facts))


def _standard(office: Office, authority: Authority) -> Outcome:
    return Outcome((office.post(standard("DEMO-1")).word,))


def _simplified(office: Office, authority: Authority) -> Outcome:
    return Outcome((office.post(simplified("DEMO-2")).word,))


def _credit_note(office: Office, authority: Authority) -> Outcome:
    note = standard(
        "DEMO-3",
        invoice_type="381",
        billing_reference=[{"number": "DEMO-1"}],
        note_reason="إرجاع بضاعة | goods returned",
    )
    return Outcome((office.post(note).word,))


def _lost_answer(office: Office, authority: Authority) -> Outcome:
    authority.script("DEMO-4", "drop_after")
    first = office.post(standard("DEMO-4"))
    again = office.retry(first.pk)
    sent = [delivery["sha256"] for delivery in authority.deliveries("DEMO-4")]
    return Outcome(
        (first.word, again.word),
        (f"{len(sent)} sent", f"{len(set(sent))} content", _held_of(authority, "DEMO-4")),
    )


def _rejected(office: Office, authority: Authority) -> Outcome:
    authority.script("DEMO-5", "reject")
    first = office.post(standard("DEMO-5"))
    corrected = office.post(standard("DEMO-5", "قهوة عربية محمصة"))
    return Outcome(
        (first.word, corrected.word),
        (f"revision {corrected.body.get('revision')}", _held_of(authority, "DEMO-5")),
    )


def _duplicate(office: Office, authority: Authority) -> Outcome:
    again = office.post(standard("DEMO-1"))
    return Outcome((again.word,), (_held_of(authority, "DEMO-1"),))


def _answered_early(office: Office, authority: Authority) -> Outcome:
    early = office.post(simplified("DEMO-6"), Prefer="respond-async")
    deadline = monotonic() + PATIENCE
    while office.status("DEMO-6") != "CLEARED" and monotonic() < deadline:
        sleep(0.1)
    has_qr = "with QR" if early.body.get("qr") else "without QR"
    return Outcome((early.word, office.status("DEMO-6")), (has_qr,))


def _held_of(authority: Authority, number: str) -> str:
    return f"{len(authority.documents(number))} held"


@dataclass(frozen=True)
class Chapter:
    """One thing that is sent, what it must come to, and what that shows."""

    number: str
    title: str
    happens: Callable[[Office, Authority], Outcome]
    expected: Outcome
    shows: str


STORY = (
    Chapter(
        "DEMO-1",
        "standard invoice",
        _standard,
        Outcome(("201 CLEARED",)),
        "cleared before the buyer gets it",
    ),
    Chapter(
        "DEMO-2",
        "simplified invoice",
        _simplified,
        Outcome(("201 REPORTED",)),
        "sealed at the till, then reported",
    ),
    Chapter(
        "DEMO-3",
        "credit note",
        _credit_note,
        Outcome(("201 CLEARED",)),
        "refers to DEMO-1",
    ),
    Chapter(
        "DEMO-4",
        "answer lost, retried by hand",
        _lost_answer,
        Outcome(("500 FAILED", "200 CLEARED"), ("2 sent", "1 content", "1 held")),
        "the same bytes twice, one document",
    ),
    Chapter(
        "DEMO-5",
        "rejected, then corrected",
        _rejected,
        Outcome(("201 REJECTED", "200 CLEARED"), ("revision 2", "2 held")),
        "same row, new document, next ICV",
    ),
    Chapter(
        "DEMO-1",
        "posted once more",
        _duplicate,
        Outcome(("409 duplicate_invoice",), ("1 held",)),
        "refused, still one document",
    ),
    Chapter(
        "DEMO-6",
        "answered early",
        _answered_early,
        Outcome(("202 CREATED", "CLEARED"), ("with QR",)),
        "its QR at once, the worker sends it",
    ),
)


def tell(console: Console, office: Office, authority: Authority) -> bool:
    """Send everything and print what came of it; whether all came as expected."""
    table = _table("What was sent", "invoice", "what", "answers", "what it shows")
    as_expected = True
    for chapter in STORY:
        outcome = chapter.happens(office, authority)
        good = outcome == chapter.expected
        as_expected &= good
        table.add_row(
            chapter.number,
            chapter.title,
            " → ".join(outcome.answers) if good else f"[red]{outcome}[/]",
            chapter.shows if good else f"[red]expected {chapter.expected}[/]",
        )
    console.print(table)
    return as_expected


@dataclass(frozen=True)
class Sealed:
    """One sealed document as one of the two ends has it."""

    uuid: str
    number: str
    icv: int
    pih: str
    hash: str
    verdict: str  # accepted or rejected

    @classmethod
    def of(cls, document: Json) -> "Sealed":
        """As the authority lists it."""
        return cls(
            uuid=document["uuid"],
            number=document["number"],
            icv=document["icv"],
            pih=document["pih"],
            hash=document["invoice_hash"],
            verdict="accepted" if document["accepted"] else "rejected",
        )


def compare(console: Console, office: Office, authority: Authority) -> bool:
    """Print every document as it is here and at the authority; whether the two are the same."""
    held = {document["uuid"]: document for document in authority.documents()}
    here = {document.uuid: document for document in _sealed_here(office)}
    console.print(_both_ends(here, held))
    findings = [
        *_chain_findings(here, held, authority),
        *_byte_findings(office, authority, held),
    ]
    for finding in findings:
        console.print(f"  [red]✗[/] {finding}")
    if not findings:
        console.print(
            f"  [green]✓[/] ICV 1 to {len(here)} without gap or repeat, "
            "every PIH the hash of the document before, at both ends\n"
            "  [green]✓[/] the documents kept here are byte for byte those of the authority"
        )
    return not findings


def _both_ends(here: dict[str, Sealed], held: dict[str, Json]) -> Table:
    table = _table("Both ends", "ICV", "invoice", "document", "here", "authority", "sent", "")
    there = {uuid: Sealed.of(document) for uuid, document in held.items()}
    everything = sorted((there | here).values(), key=lambda sealed: (sealed.icv, sealed.uuid))
    for known in everything:
        ours, theirs = here.get(known.uuid), there.get(known.uuid)
        table.add_row(
            str(known.icv),
            known.number,
            f"{known.uuid[:8]}  {known.hash[:10]}…",
            ours.verdict if ours else "[red]not here[/]",
            held[known.uuid]["verdict"] if theirs else "[red]not there[/]",
            f"{held[known.uuid]['deliveries']}×" if theirs else "",
            "[green]equal[/]" if ours == theirs else "[red]different[/]",
        )
    return table


def _sealed_here(office: Office) -> Iterator[Sealed]:
    """Every document that was ever sealed: timelines tell of all revisions."""
    for invoice in office.invoices():
        events = office.get(f"/api/v1/invoices/{invoice['id']}/timeline")["events"]
        told = [(event["kind"], event["details"]) for event in events]
        outcomes = {said["revision"]: said["outcome"] for kind, said in told if kind == "answered"}
        for said in (said for kind, said in told if kind == "sealed"):
            yield Sealed(
                uuid=said["uuid"],
                number=invoice["invoice_number"],
                icv=said["icv"],
                pih=said["pih"],
                hash=said["hash"],
                verdict=VERDICTS.get(outcomes.get(said["revision"], ""), "waiting"),
            )


VERDICTS = {"CLEARED": "accepted", "REJECTED": "rejected"}


def _chain_findings(
    here: dict[str, Sealed], held: dict[str, Json], authority: Authority
) -> Iterator[str]:
    if here != {uuid: Sealed.of(document) for uuid, document in held.items()}:
        yield "the two ends do not hold the same documents"
    ours = sorted(here.values(), key=lambda sealed: sealed.icv)
    icvs = [sealed.icv for sealed in ours]
    if icvs != list(range(1, len(ours) + 1)):
        yield f"the ICVs here are {icvs}"
    for before, after in pairwise(ours):
        if after.pih != before.hash:
            yield f"the PIH of ICV {after.icv} is not the hash of ICV {before.icv}"
    for csid in {document["csid"] for document in held.values()}:
        chain = authority.chain(csid)
        if chain["missing"] or chain["repeated"] or chain["broken"]:
            yield f"the authority does not find the chain of {csid} whole: {chain}"


def _byte_findings(office: Office, authority: Authority, held: dict[str, Json]) -> Iterator[str]:
    for invoice in office.invoices():
        ours = office.call("GET", f"/api/v1/invoices/{invoice['id']}/xml").content
        theirs = held.get(invoice["uuid"])
        if theirs is None or authority.bytes_of(theirs) != ours:
            yield f"the bytes of {invoice['invoice_number']} differ"


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=f"\n[bold]{title}[/]",
        title_justify="left",
        title_style="",
        header_style="dim",
        box=None,
        padding=(0, 2, 0, 0),
    )
    for column in columns:
        table.add_column(column, justify="right" if column == "ICV" else "left")
    return table
