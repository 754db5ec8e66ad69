"""Where an archive begins and ends, and forgeries that leave every file's own hash in order."""

import json
import re
import zipfile
from dataclasses import replace
from datetime import date

import pytest

from invoicing.models import EGSUnit, Invoice, InvoiceLog
from invoicing.services.archiving import range_of
from tests.invoicing.deliveries.conftest import (
    archive_of,
    folder,
    names,
    relisted,
    rewritten,
    said,
)
from tests.invoicing.payloads import LINE, standard
from tests.invoicing.traces import URL

MANIFEST = "manifest.json"
CERTIFICATE = re.compile(rb"X509Certificate>([^<]+)<")


def test_both_days_are_whole_days_of_the_tenant(issue, najd):
    """Riyadh is three hours before UTC."""
    issue("S-1")
    asked = range_of(najd, date(2026, 3, 1), date(2026, 3, 2))

    def found(instant: str) -> int:
        Invoice.objects.update(issued_at=instant)
        return asked.invoices().count()

    assert (found("2026-02-28T20:59:59Z"), found("2026-02-28T21:00:00Z")) == (0, 1)
    assert (found("2026-03-02T21:00:00Z"), found("2026-03-02T20:59:59Z")) == (0, 1)
    assert replace(asked, unit=EGSUnit(pk=10**9)).invoices().count() == 0


def test_what_came_after_the_head_that_was_read_is_left_to_the_next(
    issue, api, zatca, these_days, tmp_path
):
    issue("INV-2", fault="reject")
    zatca.control.script("INV-2", delivery=2, fault="error_503_before")
    api.post(URL, standard("INV-2", line_items=[{**LINE, "quantity": 3}]))
    first = InvoiceLog.objects.get(sequence=1)
    assert InvoiceLog.objects.count() > 1
    Invoice.objects.update(
        revision=1, attempt_no=1, log_count=1, log_head=first.entry_hash, total_amount="230.00",
        tax_amount="30.00",
    )  # fmt: skip
    path = archive_of(these_days, tmp_path / "a.zip")
    assert not [name for name in names(path) if "revision-2" in name or "attempt-2" in name]
    with zipfile.ZipFile(path) as archive:
        log = archive.read(f"{folder(path, 'INV-2')}/log.jsonl")
    assert log.count(b"\n") == 1
    assert not [line for line in said(path) if "log.jsonl" in line]


def test_a_name_that_is_there_twice(archived):
    name = f"{folder(archived, 'S-2')}/invoice.json"
    with zipfile.ZipFile(archived) as archive:
        content = archive.read(name)
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(archived, "a") as archive,
    ):
        archive.writestr(name, content)
    assert f"{name}: it is in the archive more than once" in said(archived)


def test_a_false_head_and_a_false_beginning_of_a_chain(archived):
    chain = next(name for name in names(archived) if name.startswith("chains/"))

    def forge(content):
        first, *others = content[chain].splitlines(keepends=True)
        first = json.dumps(json.loads(first) | {"pih": "forged"}).encode() + b"\n"
        chains = json.loads(content[MANIFEST])["chains"]
        chains[0]["head"] = "forged"
        return relisted({**content, chain: first + b"".join(others)}, chains=chains)

    found = said(rewritten(archived, forge))
    assert f"{chain}: ICV 1: its PIH is not the hash of the document before it" in found
    assert f"{chain}: its last hash is not the head that the manifest names" in found


def test_a_stamp_of_the_authority_that_does_not_hold(archived):
    name = f"{folder(archived, 'INV-1')}/revision-1/cleared.xml"
    value = re.compile(rb"(SignatureValue>)(.)")

    def forge(content):
        other = lambda found: found[1] + (b"A" if found[2] != b"A" else b"B")  # noqa: E731
        return relisted({**content, name: value.sub(other, content[name], count=1)})

    [found] = said(rewritten(archived, forge))
    assert found.startswith(f"{name}: the authority's stamp does not hold")


def test_stamps_are_held_against_the_certificate_of_the_chain(archived):
    name = f"{folder(archived, 'INV-1')}/revision-1/cleared.xml"

    def forge(content):
        chains = json.loads(content[MANIFEST])["chains"]
        chains[0]["certificate"] = CERTIFICATE.search(content[name])[1].decode()
        return relisted(content, chains=chains)

    found = said(rewritten(archived, forge))
    assert len([line for line in found if "sealed.xml: its stamp does not hold" in line]) == 3
