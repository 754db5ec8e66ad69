"""manage.py reconcile: what it prints, and its exit code."""

import json

import pytest

from invoicing.models import ReconciliationRun
from tests.invoicing.reconciliation.conftest import export_of


@pytest.fixture
def reconcile(run, najd):
    return lambda *arguments: run("reconcile", "--tenant", str(najd.pk), *arguments)


def test_0_where_both_sides_agree(reconcile, issue):
    issue("S-1")
    ran = reconcile("--list")
    assert (ran.code, ran.complaint) == (0, "")
    assert ran.lines[0] == (
        "REPORTED 388 SIMPLIFIED: ours 1 / 230.00 / VAT 30.00, theirs 1 / 230.00 / VAT 30.00"
    )
    assert ran.lines[1].endswith(": 1 document, both sides agree.")


def test_1_where_a_finding_is_open(reconcile, issue):
    issue("S-1", fault="drop_after")
    ran = reconcile("--list")
    assert (ran.code, ran.complaint) == (1, "1 finding open.")
    assert ran.lines[-1].startswith("status_differs  S-1  (ours UNKNOWN, theirs REPORTED)  Both")


def test_0_once_resending_has_settled_it(reconcile, issue):
    issue("S-1", fault="drop_after")
    ran = reconcile("--resend")
    assert ran.code == 0
    assert "Settled by resending" in ran.lines[-1]
    assert reconcile("--list").code == 0


def test_an_export_as_json(reconcile, issue, tmp_path):
    file = tmp_path / "portal.csv"
    file.write_text(export_of(issue("S-1"), Total="231.00").replace("Total", "Sum"))
    ran = reconcile("--export", str(file), "--column", "total=Sum", "--json")
    told = json.loads("".join(ran.lines))
    assert (ran.code, told["source"], told["open_count"]) == (1, "EXPORT", 1)
    [finding] = told["findings"]
    assert (finding["kind"], finding["number"], finding["line"]) == ("amount_differs", "S-1", 2)
    assert finding["difference"] == {"total": "1.00", "vat": "0.00"}
    assert finding["meaning_ar"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--export", "/no/such/file"), "No such file"),
        (("--list", "--unit", "till-9"), "There is no EGS unit till-9."),
        (("--list", "--from", "2026-11-02", "--to", "2026-11-01"), "--to lies before --from."),
        (("--list", "--from", "yesterday"), "no ISO date"),
        ((), "one of the arguments"),
        (("--list", "--resend"), "not allowed with"),
    ],
)
def test_2_for_wrong_usage(reconcile, unit, arguments, complaint):
    ran = reconcile(*arguments)
    assert complaint in ran.complaint
    # argparse's own refusals come with the code it exits with from a shell.
    assert ran.code in (1, 2)
    assert not ReconciliationRun.objects.exists()


def test_2_for_a_file_that_cannot_be_read(reconcile, unit, tmp_path):
    file = tmp_path / "portal.csv"
    file.write_text("number,status\nINV-1,perhaps\n")
    ran = reconcile("--export", str(file))
    assert ran.code == 2
    assert ran.complaint.startswith("line 2, column 2 (status): This word is not known here")
    assert not ReconciliationRun.objects.exists()


def test_2_where_there_is_no_list(reconcile, unit, settings):
    settings.ZATCA_URLS = {**settings.ZATCA_URLS, "SANDBOX": "https://gw-fatoora.zatca.gov.sa/x"}
    ran = reconcile("--list")
    assert ran.code == 2
    assert ran.complaint.startswith("The authority has no list")
