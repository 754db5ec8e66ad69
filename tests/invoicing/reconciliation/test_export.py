"""Compared with an uploaded export: found, told, and nothing changed because a file says so."""

import hashlib
from datetime import timedelta

import pytest

from invoicing import errors
from invoicing.models import Invoice, ReconciliationRun
from tests.invoicing.arranged import World, arranged
from tests.invoicing.reconciliation.conftest import export_of, findings


@arranged
def two(world: World) -> list[Invoice]:
    return [world.issue("INV-1"), world.issue("S-2")]


def test_a_file_that_agrees(two, uploaded):
    text = export_of(*two)
    run = uploaded(text)
    assert findings(run) == []
    assert (run.source, run.file_name) == ("EXPORT", "export.csv")
    assert run.file_sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert run.columns["total"] == "Total"
    assert (run.first_day, run.last_day) == (run.last_day, run.first_day)


def test_figures_are_counted_as_finely_as_the_file_says(two, uploaded):
    run = uploaded("number,status,total,vat\nINV-1,accepted,230,30\nS-2,accepted,230,30\n")
    [row] = run.summary
    assert (row["status"], row["document_type"], row["form"]) == ("ACCEPTED", "", "")
    assert row["ours"] == row["theirs"] == {"count": 2, "total": "460.00", "vat": "60.00"}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"Total": "231.00"}, "amount_differs"),
        ({"VAT": "30.01"}, "amount_differs"),
        ({"Status": "Rejected"}, "status_differs"),
    ],
)
def test_each_difference(two, uploaded, change, kind):
    run = uploaded(export_of(two[0], **change))
    kinds = {(finding[0], finding[1]) for finding in findings(run)}
    # The file's day covers both, and S-2 is not in it.
    assert kinds == {(kind, "INV-1"), ("missing_at_authority", "S-2")}
    assert run.findings.get(kind=kind).line == 2


def test_amounts_of_both_sides_and_their_difference(two, uploaded):
    finding = uploaded(export_of(*two[:1], Total="231.00", VAT="30.13")).findings.get(
        kind="amount_differs"
    )
    assert (str(finding.total_difference), str(finding.vat_difference)) == ("1.00", "0.13")


def test_a_hash_that_differs(two, uploaded):
    text = f"number,status,uuid,hash\nS-2,reported,{two[1].uuid},{'A' * 43}=\n"
    kinds = [finding[:2] for finding in findings(uploaded(text))]
    assert kinds == [("hash_differs", "S-2"), ("missing_at_authority", "INV-1")]


def test_a_number_twice(two, uploaded):
    text = export_of(*two, two[0]).replace(two[0].uuid, "", 1)
    text = text.replace(two[0].uuid, "11111111-1111-4111-8111-111111111111")
    assert [finding[:2] for finding in findings(uploaded(text))] == [("duplicate_number", "INV-1")]


def test_a_document_issued_outside_of_the_days_of_the_file_is_still_known(two, uploaded):
    day = (two[0].issued_at - timedelta(days=3)).strftime("%d/%m/%Y")
    run = uploaded(export_of(two[0], **{"Issue Date": day}))
    assert findings(run) == []
    assert (run.ours_count, run.theirs_count) == (1, 1)


def test_no_status_changes_because_of_a_file(issue, uploaded):
    invoice = issue("S-1", fault="drop_after")
    run = uploaded(export_of(invoice))
    assert findings(run) == [("status_differs", "S-1", "UNKNOWN", "REPORTED")]
    invoice.refresh_from_db()
    assert (invoice.status, invoice.zatca_status) == ("FAILED", "UNKNOWN")


def test_an_unreadable_file_stores_nothing(two, uploaded):
    text = export_of(*two).replace("Reported", "perhaps")
    with pytest.raises(errors.InvalidExport) as refused:
        uploaded(text)
    assert refused.value.message.startswith("line 3, column 3 (Status): ")
    assert refused.value.extra == {"places": [{"line": 3, "column": 3, "header": "Status"}]}
    assert not ReconciliationRun.objects.exists()


def test_one_unit_needs_a_column_that_names_it(two, uploaded, unit):
    with pytest.raises(errors.InvalidExport) as refused:
        uploaded(export_of(*two), unit=unit)
    assert refused.value.param == "unit"
    serial = unit.active_chain().certificate_serial
    text = f"number,status,csid\nINV-1,cleared,{serial}\nS-2,reported,{serial}\nX-3,cleared,ff\n"
    assert findings(uploaded(text, unit=unit)) == []
