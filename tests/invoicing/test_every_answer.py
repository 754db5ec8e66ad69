"""Every answer of the authority (zatca.md §8), on its socket, through the API: what becomes of it.

One row per answer: what the stand-in does, what the row and the caller are told, who is asked, when
the next try is, and that the bytes of both deliveries are the same. docs/outcomes.md has the table.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from config.attention.models import Attention
from invoicing.models import Invoice
from invoicing.services import sending
from tests.invoicing.payloads import simplified, standard
from tests.invoicing.reliability.conftest import let_time_pass, now_due
from tests.invoicing.test_docs import table
from tests.invoicing.traces import URL, sent

BOTH, B2B, B2C = ("standard", "simplified"), ("standard",), ("simplified",)
NOW, LATER, NEVER = "at once", "30 s", "never"
HEAD = "| the authority | documents | HTTP | status | zatca_status | failure class | code | task | next try | ends |"  # noqa: E501
DONE = "no second try"


@dataclass(frozen=True)
class Row:
    """`ends` is what the authority answers to the same bytes, or why they are not sent again."""

    says: str
    fault: str
    http: int
    status: str
    zatca: str
    failure: str = ""
    code: str = ""
    task: str = ""
    next: str = NEVER
    ends: str = DONE
    documents: tuple[str, ...] = BOTH
    args: tuple[tuple[str, Any], ...] = ()

    def zatca_of(self, kind: str) -> str:
        """A standard document is CLEARED where a simplified one is REPORTED, but for 303."""
        if self.fault == "clearance_off":
            return self.zatca
        return self.zatca if kind == "simplified" else self.zatca.replace("REPORTED", "CLEARED")

    def cells(self) -> list[str]:
        documents = " and ".join(self.documents)
        return [
            self.says, documents, str(self.http), self.status, self.zatca, self.failure,
            self.code, self.task, self.next, self.ends,
        ]  # fmt: skip


def unknown(says: str, fault: str, code: str, ends: str, **more: Any) -> Row:
    lost = ("FAILED", "UNKNOWN", "UNKNOWN_OUTCOME")
    return Row(says, fault, 500, *lost, code, next=LATER, ends=ends, **more)


def refused(says: str, fault: str, failure: str, code: str, **more: Any) -> Row:
    return Row(says, fault, 500, "FAILED", "UNKNOWN", failure, code, **more)


TAKEN, KNOWN = "200", "208 or 409: it had it"
ROWS = (
    Row("200", "", 201, "CLEARED", "REPORTED"),
    Row("202", "warn", 201, "CLEARED", "REPORTED_WITH_WARNINGS", task="accepted_with_warnings"),
    Row("208 or 409 at once", "duplicate", 201, "CLEARED", "REPORTED"),
    Row("409 in short", "duplicate_terse", 201, "CLEARED", "REPORTED", documents=B2C),
    Row(
        "303, then 200 to reporting", "clearance_off", 201, "CLEARED", "REPORTED",
        documents=B2B,
    ),
    Row("400", "reject", 201, "REJECTED", "NOT_REPORTED", code="zatca_rejected"),
    refused(
        "401", "unauthorized", "CREDENTIAL", "credential_rejected",
        task="credential_rejected", next=NOW, ends="200, once the unit is resumed",
    ),
    refused(
        "406", "not_acceptable", "CONFIGURATION", "zatca_not_understood",
        task="zatca_not_understood", next=LATER, ends=TAKEN, documents=B2C,
    ),
    refused(
        "413", "too_large", "PERMANENT", "document_too_large",
        task="invoice_parked", ends="less content, posted under the same number",
    ),
    refused(
        "429, Retry-After 300", "too_many", "TRANSIENT", "zatca_throttled",
        next="300 s", ends=TAKEN, documents=B2B, args=(("retry_after", 300),),
    ),
    unknown("500, not stored", "error_500_before", "zatca_unavailable", TAKEN, documents=B2B),
    unknown("500, stored", "error_500_after", "zatca_unavailable", KNOWN, documents=B2C),
    unknown("502, not stored", "error_502_before", "zatca_unavailable", TAKEN, documents=B2C),
    unknown("502, stored", "error_502_after", "zatca_unavailable", KNOWN, documents=B2B),
    unknown("503, not stored", "error_503_before", "zatca_unavailable", TAKEN, documents=B2B),
    unknown("503, stored", "error_503_after", "zatca_unavailable", KNOWN, documents=B2C),
    unknown("504, not stored", "error_504_before", "zatca_unavailable", TAKEN, documents=B2C),
    unknown("504, stored", "error_504_after", "zatca_unavailable", KNOWN),
    unknown("200 with HTML", "html", "zatca_unreadable", KNOWN, documents=B2B),
    unknown("200, empty", "empty", "zatca_unreadable", KNOWN, documents=B2B),
    unknown("200, truncated", "truncated", "zatca_unreadable", KNOWN, documents=B2C),
    unknown("200, broken JSON", "malformed", "zatca_unreadable", KNOWN, documents=B2C),
    unknown("200, an unknown word", "unknown_word", "zatca_unreadable", KNOWN, documents=B2B),
    unknown("time-out, not stored", "hang_before", "zatca_timeout", TAKEN, documents=B2B),
    unknown("time-out, stored", "hang_after", "zatca_timeout", KNOWN, documents=B2C),
    unknown("reset, not stored", "drop_before", "zatca_unavailable", TAKEN, documents=B2C),
    unknown("reset, stored", "drop_after", "zatca_unavailable", KNOWN, documents=B2B),
)  # fmt: skip
CASES = [(row, kind) for row in ROWS for kind in row.documents]


@pytest.fixture
def meets(api, unit, zatca, settings):
    """Post a document whose first delivery meets the row's fault; the answer."""
    settings.ZATCA_CALL_DEADLINE = 0.5

    def meets(row: Row, kind: str):
        if row.fault == "clearance_off":
            zatca.control.switch(clearance=False)
        elif row.fault:
            zatca.control.script("A-1", delivery=1, fault=row.fault, **dict(row.args))
        return api.post(URL, (simplified if kind == "simplified" else standard)("A-1"))

    return meets


def when(invoice: Invoice) -> str:
    """The next try in the words of the table; 20 % up or down are left to chance."""
    if invoice.next_attempt_at is None:
        return NEVER
    seconds = (invoice.next_attempt_at - timezone.now()).total_seconds()
    if seconds <= 0:
        return NOW
    return LATER if 22 < seconds < 37 else f"{round(seconds, -1):.0f} s"


@pytest.mark.parametrize(("row", "kind"), CASES, ids=[f"{r.fault or 200}-{k}" for r, k in CASES])
def test_an_answer(meets, unit, zatca, row, kind):
    response = meets(row, kind)

    invoice = Invoice.objects.get()
    told = (response.status_code, invoice.status, invoice.zatca_status)
    assert told == (row.http, row.status, row.zatca_of(kind))
    assert invoice.failure_class == row.failure
    assert invoice.error_code == row.code
    if row.http == 500:
        assert response.json()["error"]["code"] == row.code
    assert list(Attention.objects.values_list("kind", flat=True)) == [row.task] * bool(row.task)
    assert when(invoice) == row.next
    assert_ends(row, kind, invoice, zatca)


def assert_ends(row: Row, kind: str, invoice: Invoice, zatca) -> None:
    """Let a worker look: the same bytes with the answer that the row foretells, or nothing."""
    first = len(zatca.control.deliveries("A-1"))
    if row.ends not in (TAKEN, KNOWN):
        let_time_pass(days=2)
        assert sending.send_due() == 0
        assert len(zatca.control.deliveries("A-1")) == first
        assert len(set(sent(zatca, "A-1"))) == 1
        return
    now_due(invoice)
    assert sending.send_due() == 1
    known = 208 if kind == "standard" else 409
    before, after = zatca.control.deliveries("A-1")
    assert after["answered"] == (200 if row.ends == TAKEN else known)
    assert after["sha256"] == before["sha256"]
    assert [held["accepted"] for held in zatca.control.documents("A-1")] == [True]
    assert Invoice.objects.get().status == "CLEARED"
    assert not Attention.objects.open().exists()


def test_the_page_has_this_table():
    assert table(HEAD) == [row.cells() for row in ROWS]


# --- 202 ------------------------------------------------------------------------------------------


def test_warnings_are_one_task_per_rule_that_a_person_closes(api, unit, zatca, najd):
    for number, code in (("S-1", "BR-KSA-98"), ("S-2", "BR-KSA-98"), ("S-3", "BR-KSA-F-06")):
        zatca.control.script(number, delivery=1, fault="warn", code=code, message=f"[{code}]-No.")
        api.post(URL, simplified(number))

    rows = Attention.objects.order_by("subject").values_list("subject", "count", "reason")
    assert list(rows) == [
        ("rule:BR-KSA-98", 2, "S-2 was accepted with a warning: [BR-KSA-98]-No."),
        ("rule:BR-KSA-F-06", 1, "S-3 was accepted with a warning: [BR-KSA-F-06]-No."),
    ]
    # Final: neither a worker nor a person sends it again.
    assert sending.send_due() == 0
    pk = Invoice.objects.get(invoice_number="S-1").pk
    assert api.post(f"{URL}/{pk}/retry").status_code == 400
    assert len(zatca.control.deliveries("S-1")) == 1
    Attention.objects.update(resolved_at=timezone.now(), resolved_by="amal")
    zatca.control.script("S-4", delivery=1, fault="warn", code="BR-KSA-98", message="Again.")
    api.post(URL, simplified("S-4"))
    assert Attention.objects.open().get().subject == "rule:BR-KSA-98"


# --- 413 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [standard, simplified])
def test_too_large_is_posted_again_with_less_in_it(api, unit, zatca, make):
    zatca.control.script("A-1", delivery=1, fault="too_large")
    api.post(URL, make("A-1", line_items=[make()["line_items"][0]] * 3))
    assert Attention.objects.get().next_action.startswith("Post it again under the same number")

    answer = api.post(URL, make("A-1")).json()

    assert (answer["status"], answer["revision"]) == ("CLEARED", 2)
    # The refused one keeps its place; the authority has the second only.
    assert [(d["icv"], d["accepted"]) for d in zatca.control.documents("A-1")] == [(2, True)]
    assert not Attention.objects.open().exists()


def test_too_large_unchanged_is_sent_as_it_is_by_hand_only(api, unit, zatca):
    for delivery in (1, 2):
        zatca.control.script("A-1", delivery=delivery, fault="too_large")
    pk = api.post(URL, standard("A-1")).json()["error"]["invoice"]["id"]

    again = api.post(f"{URL}/{pk}/retry")

    assert (again.status_code, again.json()["error"]["code"]) == (500, "document_too_large")
    assert len({d["sha256"] for d in zatca.control.deliveries("A-1")}) == 1
    assert Invoice.objects.get().parked_at is not None


def test_a_simplified_document_that_may_have_arrived_is_not_changed_for_its_size(api, unit, zatca):
    zatca.control.script("A-1", delivery=1, fault="error_504_before")
    zatca.control.script("A-1", delivery=2, fault="too_large")
    pk = api.post(URL, simplified("A-1")).json()["error"]["invoice"]["id"]
    assert api.post(f"{URL}/{pk}/retry").json()["error"]["code"] == "document_too_large"

    response = api.post(URL, simplified("A-1", payment_means={"code": "42"}))

    assert (response.status_code, response.json()["error"]["code"]) == (409, "outcome_unknown")
    assert Invoice.objects.get().revision == 1


def test_retry_after_waits_an_hour_at_most(api, unit, zatca):
    # 429 with seconds stands in the table; the longest wait is an hour, whatever is asked for.
    zatca.control.script("A-1", delivery=1, fault="too_many", retry_after=86_400)
    api.post(URL, simplified("A-1"))

    wait = Invoice.objects.get().next_attempt_at - timezone.now()
    assert timedelta(minutes=59) < wait <= timedelta(hours=1)
