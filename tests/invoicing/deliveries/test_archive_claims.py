"""What manifest and invoice.json claim is held against the documents, with no key at all."""

import json

import pytest
from django.conf import settings

from tests.invoicing.deliveries.conftest import (
    archive_of,
    folder,
    names,
    relisted,
    rewritten,
    said,
)
from tests.invoicing.payloads import LINE, phase_1, standard
from tests.invoicing.test_self_billed import self_billed
from tests.invoicing.traces import URL

MANIFEST = "manifest.json"


def told(path, change) -> list[str]:
    """What is found in a copy whose manifest was changed, as whoever has no key would."""

    def edit(content):
        manifest = json.loads(content[MANIFEST])
        change(manifest)
        return {**content, MANIFEST: json.dumps(manifest).encode()}

    return said(rewritten(path, edit))


@pytest.mark.parametrize(
    ("name", "claimed", "there"),
    [
        ("invoices", 2, 3), ("sealed", 4, 3), ("cleared", 2, 1), ("answers", 0, 3),
        ("payloads", 4, 3), ("pdfs", 1, 2), ("logs", 4, 3), ("log_entries", 30, 3),
        ("revisions", 2, 3), ("chains", 2, 1), ("files", 20, 19), ("angels", 7, 0),
    ],
)  # fmt: skip
def test_a_false_count(archived, name, claimed, there):
    found = told(archived, lambda manifest: manifest["counts"].update({name: claimed}))
    assert found == [f"{MANIFEST}: it counts {claimed} {name}, and {there} are listed"]


def test_no_more_were_not_printed_than_have_no_pdf(archived):
    assert told(archived, lambda manifest: manifest["counts"].update(not_printed=1)) == []
    assert told(archived, lambda manifest: manifest["counts"].update(not_printed=2)) == [
        f"{MANIFEST}: it counts 2 not printed, and 1 have no PDF"
    ]


def test_a_false_vat_number(archived):
    claim = lambda manifest: manifest["tenant"].update(vat_number="311111111100003")  # noqa: E731
    assert told(archived, claim) == [
        f"{MANIFEST}: its VAT number is 311111111100003, and in 3 of the documents it is "
        "399999999900003"
    ]


@pytest.mark.parametrize("change", [{"from": "2099-01-01", "to": "2099-12-31"}, {"to": "2020-1-1"}])
def test_a_false_range(archived, change):
    found = told(archived, lambda manifest: manifest["range"].update(change))
    assert len(found) == 3
    for line, number in zip(found, ("INV-1", "S-2", "INV_3"), strict=True):
        assert line.startswith(f"{folder(archived, number)}/invoice.json: it ")


def test_a_false_unit(archived):
    found = told(archived, lambda manifest: manifest["range"].update(unit="till-9"))
    path = f"{folder(archived, 'INV-1')}/invoice.json"
    assert found[0] == f"{path}: it is of EGS unit till-1, and the manifest names till-9"
    assert len(found) == 3
    assert told(archived, lambda manifest: manifest["range"].update(unit="till-1")) == []


def test_a_false_number_of_links(archived):
    chain = next(name for name in names(archived) if name.startswith("chains/"))
    found = told(archived, lambda manifest: manifest["chains"][0].update(documents=2))
    assert found == [f"{chain}: the manifest counts 2 here, and 3 are"]


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"total_amount": "130.00"}, "total_amount"),
        ({"tax_amount": "0.00", "currency": "USD"}, "currency, tax_amount"),
        ({"invoice_number": "INV-2"}, "invoice_number"),
        ({"document_type": "381"}, "document_type"),
        ({"revisions": {"uuid": "x", "icv": 7, "pih": "y"}}, "uuid, icv, pih"),
        ({"revisions": {"hash": "z"}}, "hash"),
    ],
)
def test_what_an_invoice_says_otherwise_than_its_document(archived, change, names):
    path = f"{folder(archived, 'INV-1')}/invoice.json"

    def forge(content):
        facts = json.loads(content[path])
        facts["revisions"][0] |= change.get("revisions", {})
        facts |= {name: value for name, value in change.items() if name != "revisions"}
        return relisted({**content, path: json.dumps(facts).encode()})

    assert said(rewritten(archived, forge)) == [
        f"{path}: its {names} differ from the document of revision 1"
    ]


def test_another_day_than_the_document_says(archived, these_days):
    path = f"{folder(archived, 'INV-1')}/invoice.json"
    year = {"from": "2001-01-01", "to": these_days.last.isoformat(), "unit": None}

    def forge(content):
        facts = json.loads(content[path]) | {"issued_at": "2001-05-05T10:00:00Z"}
        return relisted({**content, path: json.dumps(facts).encode()}, range=year)

    assert said(rewritten(archived, forge)) == [
        f"{path}: its issued_at differ from the document of revision 1"
    ]


def test_a_document_that_was_taken_out_of_its_invoice(archived):
    gone = f"{folder(archived, 'S-2')}/revision-1/sealed.xml"
    take = lambda content: relisted({k: v for k, v in content.items() if k != gone})  # noqa: E731
    assert said(rewritten(archived, take)) == [
        f"{folder(archived, 'S-2')}/invoice.json: revision 1 was sealed, and its document is not "
        "here"
    ]


def test_what_is_honest_has_no_finding(api, issue, zatca, these_days, tmp_path):
    """In dollars, self-billed, in Phase 1, and a correction that waits with another amount."""
    issue("INV-1", currency="USD", exchange_rate="3.75")
    issue("INV-2", fault="reject")
    zatca.control.script("INV-2", delivery=2, fault="error_503_before")
    api.post(URL, standard("INV-2", line_items=[{**LINE, "quantity": 3}]))
    for payload in (self_billed(), phase_1("P-1")):
        assert api.post(URL, payload).status_code == 201
    path = archive_of(these_days, tmp_path / "a.zip")
    assert (said(path), said(path, settings.AUDIT_KEY)) == ([], [])
