"""Every row of docs/documents.md: sealed, judged and accepted; or refused at the door."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.test import TestCase
from django.utils import timezone
from lxml import etree
from rest_framework.test import APIClient

from config.tenancy.services import create_tenant
from invoicing.judge import official_verdict
from invoicing.models import EGSUnit, Revision
from invoicing.sandbox import StandIn
from invoicing.sandbox.documents import NAMESPACES
from invoicing.services.printing import render_pdf
from tests.conftest import client_of
from tests.invoicing.conftest import make_unit
from tests.invoicing.document_table import (
    CASES,
    GROUP_VAT,
    HEAD,
    MEMBER_TIN,
    NAJD_VAT,
    REFUSALS,
    REFUSED_HEAD,
    Case,
    Refusal,
    printed,
    refused_rows,
    rows,
)
from tests.invoicing.printing import paper
from tests.invoicing.traces import URL, everything

PAGE = Path(__file__).resolve().parents[2] / "docs" / "documents.md"


class Issued(NamedTuple):
    """What a row of the table became: the answer of the API, and the document that was sealed."""

    case: Case
    answer: dict[str, Any]
    revision: Revision
    authority: StandIn


def judged_clean(issued: Issued) -> None:
    """The official rules find no error and no warning."""
    revision = issued.revision
    verdict = official_verdict(
        bytes(revision.xml), evaluated_at=timezone.now(), previous_hash=revision.pih
    )
    assert (verdict.findings, verdict.complete) == ((), True)


def accepted_by_authority(issued: Issued) -> None:
    """Cleared or reported without a warning, byte for byte what was sealed."""
    word = "REPORTED" if issued.case.form == "simplified" else "CLEARED"
    assert (issued.answer["status"], issued.answer["zatca_status"]) == ("CLEARED", word)
    assert [warning["code"] for warning in issued.answer["warnings"]] == ["gate_unavailable"]
    [held] = issued.authority.control.documents()
    assert (held["invoice_hash"], held["verdict"], held["codes"]) == (
        issued.revision.hash, word, [],
    )  # fmt: skip


def adds_up(issued: Issued) -> None:
    """VAT and payable amount are those that were worked out by hand."""
    root = etree.fromstring(bytes(issued.revision.xml))
    tax = root.findtext("cac:TaxTotal[2]/cbc:TaxAmount", namespaces=NAMESPACES)
    payable = root.findtext("cac:LegalMonetaryTotal/cbc:PayableAmount", namespaces=NAMESPACES)
    assert (tax, payable) == (issued.case.tax, issued.case.payable)


def printed_with_its_code(issued: Issued) -> None:
    """The buyer's PDF has the document inside, and a camera reads its QR code from the paper."""
    invoice = issued.revision.invoice
    pdf = render_pdf(invoice).content
    issued.revision.refresh_from_db()
    counts = bytes(issued.revision.cleared_xml or issued.revision.xml)
    assert list(paper.attached(pdf).values()) == [counts]
    assert paper.scanned(paper.picture(pdf, dpi=150)) == [issued.answer["qr"]]


# What is asked of every row.
CHECKS: tuple[Callable[[Issued], None], ...] = (
    judged_clean,
    accepted_by_authority,
    adds_up,
    printed_with_its_code,
)


@pytest.fixture(scope="module")
def programs(django_db_setup, django_db_blocker, csid) -> Iterator[dict[str, APIClient]]:
    """A program for each VAT number, its taxpayer ready to seal; undone after the last row."""
    with django_db_blocker.unblock():
        around = TestCase._enter_atomics()
        yield {vat_number: open_shop(vat_number, csid) for vat_number in (NAJD_VAT, GROUP_VAT)}
        TestCase._rollback_atomics(around)


def open_shop(vat_number: str, csid) -> APIClient:
    tenant = create_tenant(company_name="Najd", environment="SANDBOX", vat_number=vat_number)
    group = {"organization_unit": MEMBER_TIN} if vat_number == GROUP_VAT else {}
    make_unit(tenant, csid, **group)
    return client_of(tenant)


@pytest.fixture
def issue(programs, db, zatca, settings) -> Callable[[Case], Issued]:
    """Posts a row as the program of a taxpayer who is set up for it."""
    # The checks judge what was sealed; the gate would judge a draft of the same before.
    settings.ZATCA_DEEP_GATE = False

    def post(case: Case) -> Issued:
        EGSUnit.objects.filter(vat_number=case.vat_number).update(**case.unit)
        response = programs[case.vat_number].post(URL, case.request)
        assert response.status_code == 201, response.json()
        return Issued(case, response.json(), Revision.objects.get(), zatca)

    return post


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_document(case, issue):
    issued = issue(case)

    for check in CHECKS:
        check(issued)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.id)
def test_the_refusal(refusal: Refusal, programs, db, zatca):
    before = everything(zatca)

    response = programs[NAJD_VAT].post(URL, refusal.request)

    assert response.status_code == 400
    found = response.json()["error"]["errors"]
    assert [(item["param"], item["rule"]) for item in found] == [(refusal.param, refusal.rule)]
    assert found[0]["message"]
    assert re.search("[ء-ي]", found[0]["message_ar"])
    assert everything(zatca) == before


def test_every_row_has_a_name_of_its_own():
    names = [row.id for row in (*CASES, *REFUSALS)]

    assert len(set(names)) == len(names)


def test_the_page_has_the_tables_of_the_tests():
    page = PAGE.read_text()

    assert printed(HEAD, rows()) in page
    assert printed(REFUSED_HEAD, refused_rows()) in page
