"""retry_invoices: which are taken, what is said of each, and the exit code."""

import getpass

import pytest

from invoicing.models import Invoice, InvoiceLog, InvoiceStatus
from tests.invoicing.arranged import World, arranged


@arranged
def failed(world: World) -> list[Invoice]:
    """Two whose answers were lost, beside one cleared and one rejected."""
    world.issue("INV-1")
    world.issue("INV-2", fault="reject")
    return [world.issue("INV-3", fault="drop_after"), world.issue("S-4", fault="malformed")]


def statuses() -> dict[str, str]:
    return dict(Invoice.objects.order_by("pk").values_list("invoice_number", "status"))


def test_all_failed_ones_go_through(run, failed, zatca):
    ran = run("retry_invoices", "--reason", "outage is over")
    assert ran.code == 0
    assert ran.lines == [
        f"{failed[0].pk} INV-3  CLEARED CLEARED",
        f"{failed[1].pk} S-4  CLEARED REPORTED",
        "2 retried, all went through.",
    ]
    assert len(zatca.control.documents("INV-3")) == 1
    retries = InvoiceLog.objects.retries().values_list("trigger", "actor", "reason")
    assert set(retries) == {("COMMAND", f"command:{getpass.getuser()}", "outage is over")}


def test_rejected_ones_only_when_asked_for(run, failed):
    run("retry_invoices")
    assert statuses()["INV-2"] == InvoiceStatus.REJECTED
    assert run("retry_invoices", "--status", "REJECTED").code == 0
    assert set(statuses().values()) == {"CLEARED"}
    assert Invoice.objects.get(invoice_number="INV-2").revision == 2


def test_one_that_does_not_go_through_makes_it_1(run, failed, zatca):
    zatca.control.script("INV-3", delivery=2, fault="drop_before")
    ran = run("retry_invoices")
    assert (ran.code, ran.complaint) == (1, "1 of 2 did not go through.")
    assert ran.lines[0].startswith(f"{failed[0].pk} INV-3  FAILED ")
    assert ran.lines[1:] == [f"{failed[1].pk} S-4  CLEARED REPORTED"]


def test_a_dry_run_touches_nothing(run, failed, zatca):
    before = len(zatca.control.deliveries())
    ran = run("retry_invoices", "--dry-run")
    assert ran.code == 0
    assert ran.lines[-1] == "2 would be retried."
    assert len(zatca.control.deliveries()) == before
    assert not InvoiceLog.objects.retries().exists()


def test_nothing_to_do_is_0(run, db):
    ran = run("retry_invoices")
    assert (ran.code, ran.lines) == (0, ["Nothing to retry."])


def test_named_ones_are_tried_whatever_they_are(run, failed):
    cleared = Invoice.objects.get(invoice_number="INV-1")
    ran = run("retry_invoices", "--ids", str(cleared.pk), str(failed[0].pk))
    assert ran.code == 1
    assert ran.lines == [
        f"{cleared.pk} INV-1  refused: Cannot retry invoice INV-1: Status is CLEARED. "
        "Only FAILED or REJECTED invoices can be retried.",
        f"{failed[0].pk} INV-3  CLEARED CLEARED",
    ]


@pytest.mark.parametrize(
    ("arguments", "taken"),
    [
        (["--limit", "1"], ["INV-3"]),
        (["--error-code", "zatca_unreadable"], ["S-4"]),
        (["--error-code", "no_such_code"], []),
        (["--since", "2020-01-01"], ["INV-3", "S-4"]),
        (["--since", "2999-01-01T00:00:00+03:00"], []),
        (["--until", "2020-01-01"], []),
        (["--status", "FAILED", "--status", "REJECTED"], ["INV-2", "INV-3", "S-4"]),
    ],
)
def test_what_is_chosen(run, failed, arguments, taken):
    lines = run("retry_invoices", "--dry-run", *arguments).lines
    assert [line.split()[1] for line in lines[:-1]] == taken


def test_a_date_is_the_tenants_own(run, failed, vandal):
    # 22:30 in UTC is half past one of the next day in Riyadh.
    Invoice.objects.filter(pk=failed[0].pk).update(created_at="2026-01-31T22:30:00Z")
    tenant = str(failed[0].tenant_id)
    own = run("retry_invoices", "--dry-run", "--until", "2026-02-01", "--tenant", tenant)
    assert own.lines == ["0 would be retried."]
    assert "1 would" in run("retry_invoices", "--dry-run", "--until", "2026-02-01").lines[-1]


def test_other_tenants_are_left_alone(run, failed, hijaz):
    assert run("retry_invoices", "--tenant", str(hijaz.pk)).lines == ["Nothing to retry."]
    assert not InvoiceLog.objects.retries().exists()


def test_one_that_fails_again_is_tried_once(run, issue, unit, zatca):
    issue("INV-1", fault="drop_before")
    zatca.control.rates(drop_before=1.0)
    ran = run("retry_invoices")
    assert (ran.code, len(ran.lines)) == (1, 1)
    assert len(zatca.control.deliveries("INV-1")) == 2


@pytest.mark.parametrize(
    "arguments",
    [["--limit", "0"], ["--since", "yesterday"], ["--status", "CLEARED"], ["--tenant", "77"]],
)
def test_wrong_usage(db, arguments):
    from django.core.management import CommandError, call_command

    with pytest.raises(CommandError):
        call_command("retry_invoices", *arguments)
