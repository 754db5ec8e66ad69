"""verify_log and seal_logs: what is found when log rows were tampered with behind Daftar's back."""

import json
from pathlib import Path

import pytest

from invoicing.models import Attempt, Invoice, InvoiceLog, Revision
from tests.invoicing.arranged import World, arranged

pytestmark = pytest.mark.usefixtures("vandal")


@arranged
def invoice(world: World) -> Invoice:
    """Three entries: ERROR, RETRY, CLEARED; and a neighbour with one."""
    lost = world.issue("INV-1", fault="drop_after")
    world.api.post(f"/api/v1/invoices/{lost.pk}/retry")
    world.issue("S-2")
    return lost


def entry(invoice: Invoice, sequence: int):
    return InvoiceLog.objects.filter(invoice=invoice, sequence=sequence)


def cut_tail(invoice: Invoice) -> None:
    """As somebody would who knows how it works: the head is set back, too."""
    entry(invoice, 3).delete()
    head = entry(invoice, 2).get().entry_hash
    Invoice.objects.filter(pk=invoice.pk).update(log_count=2, log_head=head)


def test_an_untouched_log_holds(run, invoice):
    ran = run("verify_log")
    assert ran.lines == [
        "2 invoices with 4 log entries: every link holds, no seal to compare with."
    ]


def test_a_changed_word_is_found(run, invoice):
    entry(invoice, 1).update(error_message="nothing happened")
    ran = run("verify_log")
    assert (ran.code, ran.lines) == (1, ["INV-1: entry 1 was changed"])
    assert ran.complaint == "1 finding in 2 invoices with 4 log entries."


def test_a_deleted_entry_is_found(run, invoice):
    entry(invoice, 2).delete()
    assert run("verify_log").lines == ["INV-1: entry 2 is missing"]


def test_a_tail_cut_off_is_found_by_the_count(run, invoice):
    entry(invoice, 3).delete()
    assert run("verify_log").lines == ["INV-1: 1 entries at its end are missing"]


def test_a_tail_cut_off_with_its_count_is_found_by_the_seal_only(run, invoice):
    assert run("seal_logs").code == 0
    cut_tail(invoice)
    ran = run("verify_log")
    assert (ran.code, ran.lines) == (1, ["seal: INV-1: entry 3 is gone"])


def test_an_invoice_taken_out_whole_is_found_by_the_seal(run, invoice):
    run("seal_logs")
    for model in (InvoiceLog, Attempt, Revision):
        model.objects.filter(invoice=invoice).delete()
    invoice.delete()
    assert run("verify_log").lines == ["seal: INV-1: the invoice is gone"]


def test_what_was_written_after_the_seal_is_no_finding(run, invoice, issue):
    run("seal_logs")
    issue("S-3")
    ran = run("verify_log")
    assert ran.code == 0
    assert "3 invoices with 5 log entries: every link holds, nothing sealed at" in ran.lines[0]


def test_a_copy_kept_elsewhere_is_compared_with(run, invoice, settings, tmp_path):
    run("seal_logs")
    [seal] = (settings.DATA_DIR / "seals").iterdir()
    copy = seal.rename(tmp_path / "copy.jsonl")
    cut_tail(invoice)
    assert run("verify_log").code == 0
    assert run("verify_log", "--seal", str(copy)).code == 1


def seals(settings) -> list[Path]:
    return sorted((settings.DATA_DIR / "seals").iterdir())


def test_a_seal_names_every_head_and_the_seal_before_it(run, invoice, settings):
    run("seal_logs")
    run("seal_logs")
    first, second = ([json.loads(line) for line in path.open()] for path in seals(settings))
    assert [row["invoice_number"] for row in first[1:-1]] == ["INV-1", "S-2"]
    assert first[1]["log_head"] == entry(invoice, 3).get().entry_hash
    assert (first[0]["previous"], second[0]["previous"]) == (None, first[-1]["hmac"])


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_seal_that_was_shortened_does_not_hold(run, invoice, settings, cut):
    run("seal_logs")
    [seal] = seals(settings)
    seal.write_bytes(b"".join(seal.read_bytes().splitlines(keepends=True)[:-cut]))
    ran = run("verify_log")
    assert ran.code == 1
    assert ran.lines == [
        f"seal: {seal.name} is cut off, was changed, or was made with another audit key"
    ]
    assert run("seal_logs").code == 1
    assert seals(settings) == [seal]


def test_a_seal_made_with_another_key_does_not_hold(run, invoice, settings):
    run("seal_logs")
    settings.AUDIT_KEY = "another"
    assert any(line.startswith("seal: logs-") for line in run("verify_log").lines)


def test_only_the_named_tenant_is_looked_at(run, invoice, hijaz):
    run("seal_logs")
    cut_tail(invoice)
    assert run("verify_log", "--tenant", str(hijaz.pk)).code == 0
    assert run("verify_log", "--tenant", str(invoice.tenant_id)).code == 1


def test_a_seal_that_is_not_there_is_wrong_usage(run, db, tmp_path):
    assert run("verify_log", "--seal", str(tmp_path / "none")).code == 2
