"""A unit is judged by the seller's rules when it is written down, not with every document."""

import pytest

from config.tenancy.services import create_tenant
from invoicing.models import EGSUnit
from invoicing.services.onboarding import compliance_documents, register_unit
from invoicing.zatca import rules
from tests.conftest import client_of
from tests.invoicing.conftest import UNIT, make_unit
from tests.invoicing.document_table import GROUP_VAT, MEMBER_TIN
from tests.invoicing.payloads import standard
from tests.invoicing.traces import URL

UNITS = "/api/v1/egs-units"
SAID = {**UNIT, "name": "till-9"}
WRONG = [
    ({"organization_name": "ش" * 171}, "organization_name", "BR-CL-KSA-14"),
    ({"id_number": "101001000"}, "id_number", "BR-KSA-F-08"),
    ({"id_scheme": "700"}, "id_number", "BR-KSA-F-09"),
    ({"id_scheme": "OTH", "id_number": "A-1"}, "id_number", "BR-KSA-08"),
    ({"plot_identification": "12"}, "plot_identification", "BR-KSA-37"),
    ({"additional_street": "x" * 128}, "additional_street", "BR-KSA-F-06"),
    ({"city": "x" * 128}, "city", "BR-KSA-F-06"),
]


@pytest.mark.parametrize(("changes", "column", "rule"), WRONG, ids=[row[1] for row in WRONG])
def test_a_seller_that_no_document_may_have_is_400(api, najd, changes, column, rule):
    response = api.post(UNITS, {**SAID, **changes})

    assert response.status_code == 400
    [found] = response.json()["error"]["errors"]
    assert (found["param"], found["code"]) == (column, rule)
    assert "أ" in found["message_ar"] or "ا" in found["message_ar"]
    assert not EGSUnit.objects.exists()


def test_a_unit_of_a_vat_group_names_its_member(db):
    group = create_tenant(company_name="Group", environment="SANDBOX", vat_number=GROUP_VAT)
    program = client_of(group)

    [found] = program.post(UNITS, SAID).json()["error"]["errors"]

    assert (found["param"], found["code"]) == ("organization_unit", "DAFTAR-VAT-GROUP")
    assert program.post(UNITS, {**SAID, "organization_unit": MEMBER_TIN}).status_code == 201


def test_a_unit_that_may_be_registered_seals_without_a_finding(najd):
    unit = register_unit(tenant=najd, **SAID)

    assert [rules.check(document) for document in compliance_documents(unit)] == [()] * 6


def test_branches_of_one_vat_number_seal_side_by_side(najd, api, csid, zatca):
    make_unit(najd, csid, "riyadh")
    make_unit(najd, csid, "jeddah", city="جدة | Jeddah", id_number="4030000001")

    for place, name in enumerate(("riyadh", "jeddah", "jeddah")):
        answer = api.post(URL, standard(f"INV-{place}", egs_unit=name)).json()
        assert answer["status"] == "CLEARED"

    held = zatca.control.documents()
    assert [(row["number"], row["icv"]) for row in held] == [
        ("INV-0", 1), ("INV-1", 1), ("INV-2", 2),
    ]  # fmt: skip
    cities = [zatca.control.xml(row["invoice_hash"]).count(b"Jeddah") for row in held]
    assert cities == [0, 1, 1]
