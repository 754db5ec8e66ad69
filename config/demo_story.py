"""What the demo sends, what must come of it, and what that shows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from time import monotonic, sleep
from typing import Any

import pikepdf
from rich.console import Console
from rich.table import Table

from config.demo_wire import Authority, Json, Office

PATIENCE = 30  # seconds for the worker

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


def _checked_first(office: Office, authority: Authority) -> Outcome:
    wrong = standard("DEMO-7")
    wrong["line_items"][0]["tax_rate"] = 16
    [found] = office.validate(wrong)["errors"]
    return Outcome((f"{found['param']} {found['rule']}",), (_held_of(authority, "DEMO-7"),))


def _printed(office: Office, authority: Authority) -> Outcome:
    [row] = [row for row in office.invoices() if row["invoice_number"] == "DEMO-1"]
    with pikepdf.open(BytesIO(office.pdf(row["id"]))) as pdf:
        [inside] = [file.get_file().read_bytes() for file in pdf.attachments.values()]
    [held] = authority.documents("DEMO-1")
    same = "its XML inside" if inside == authority.bytes_of(held) else "another XML inside"
    return Outcome(("PDF/A-3b",), (same,))


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
    Chapter(
        "DEMO-7",
        "a mistake, validated first",
        _checked_first,
        Outcome(("line_items[0].tax_rate BR-KSA-84",), ("0 held",)),
        "nothing kept, no ICV, nothing sent",
    ),
    Chapter(
        "DEMO-1",
        "printed for the buyer",
        _printed,
        Outcome(("PDF/A-3b",), ("its XML inside",)),
        "the cleared XML, byte for byte",
    ),
)


def tell(console: Console, office: Office, authority: Authority) -> bool:
    """Send everything and print what came of it; whether all came as expected."""
    table = plain_table("What was sent", "invoice", "what", "answers", "what it shows")
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


def plain_table(title: str, *columns: str) -> Table:
    """A table without lines, for a README as for a terminal."""
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
