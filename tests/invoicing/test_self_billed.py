"""Self-billing: the buyer writes the supplier's invoice, so this tenant's unit is the customer.

The authority lets a CSID issue only for its own VAT number: here the buyer's.
"""

import pytest
from lxml import etree

from invoicing.models import Invoice, Revision
from invoicing.sandbox.documents import CUSTOMER, NAMESPACES, SUPPLIER
from invoicing.zatca import qr
from tests.conftest import HIJAZ_VAT, NAJD_VAT
from tests.invoicing.conftest import UNIT
from tests.invoicing.payloads import BUYER, phase_1, simplified
from tests.invoicing.traces import URL, everything

FARM = {
    "name": "مزرعة القصيم | Qassim Farm",
    "tax_number": HIJAZ_VAT,
    "id": {"scheme": "CRN", "number": "1131012345"},
    "address": BUYER["buyer_address"],
}


def self_billed(number: str = "SB-1", **changes):
    """Najd writes the invoice of the farm it buys from: 200.00 + 30.00 VAT."""
    return simplified(number, flags={"self_billed": True}, **{"supplier": FARM, **changes})


def party(xml: bytes, path: str) -> tuple[str | None, ...]:
    """Name, VAT number, identification and city of a party."""
    root = etree.fromstring(xml)
    wanted = (
        "cac:PartyLegalEntity/cbc:RegistrationName",
        "cac:PartyTaxScheme/cbc:CompanyID",
        "cac:PartyIdentification/cbc:ID",
        "cac:PostalAddress/cbc:CityName",
    )
    return tuple(root.findtext(f"{path}/{tail}", namespaces=NAMESPACES) for tail in wanted)


def test_the_supplier_sells_and_the_tenant_buys(api, unit, zatca):
    answer = api.post(URL, self_billed()).json()

    assert (answer["status"], answer["zatca_status"]) == ("CLEARED", "CLEARED")
    xml = bytes(Revision.objects.get().xml)
    assert party(xml, SUPPLIER) == (FARM["name"], HIJAZ_VAT, "1131012345", "جدة")
    assert party(xml, CUSTOMER) == (
        UNIT["organization_name"], NAJD_VAT, UNIT["id_number"], UNIT["city"],
    )  # fmt: skip
    assert Invoice.objects.get().buyer_name == UNIT["organization_name"]


def test_the_qr_code_names_the_supplier(api, unit, zatca):
    api.post(URL, self_billed())

    records = qr.parse(Revision.objects.get().qr)
    assert (records[1].decode(), records[2].decode()) == (FARM["name"], HIJAZ_VAT)


def test_a_phase_1_code_names_the_supplier_too(api, najd):
    answer = api.post(URL, phase_1(flags={"self_billed": True}, supplier=FARM)).json()

    records = qr.parse(answer["qr"])
    assert (records[1].decode(), records[2].decode()) == (FARM["name"], HIJAZ_VAT)


WRONG = {
    "no supplier": (self_billed(supplier=None), "supplier", "supplier_required", None),
    "no flag": (
        simplified(supplier=FARM), "supplier", "supplier_not_self_billed", None,
    ),
    "simplified": (
        self_billed(simplified=True), "flags.self_billed", "rule_violated", "BR-KSA-31",
    ),
    "export": (
        self_billed() | {"flags": {"self_billed": True, "export": True}},
        "flags.self_billed", "rule_violated", "BR-KSA-07",
    ),
    "supplied to oneself": (
        self_billed(supplier={**FARM, "tax_number": NAJD_VAT}),
        "supplier.tax_number", "rule_violated", "BR-CUSTOM-VALIDATION-01",
    ),
    "VAT number": (
        self_billed(supplier={**FARM, "tax_number": "310122393500004"}),
        "supplier.tax_number", "rule_violated", "BR-KSA-40",
    ),
    "identification": (
        self_billed(supplier={**FARM, "id": {"scheme": "CRN", "number": "113101234"}}),
        "supplier.id.number", "rule_violated", "BR-KSA-F-08",
    ),
    "scheme": (
        self_billed(supplier={**FARM, "id": {"scheme": "NAT", "number": "1098765012"}}),
        "supplier.id.scheme", "rule_violated", "BR-KSA-08",
    ),
    "postal code": (
        self_billed(supplier={**FARM, "address": {**FARM["address"], "postal_code": "234"}}),
        "supplier.address.postal_code", "rule_violated", "BR-KSA-66",
    ),
    "part of the address": (
        self_billed(supplier={**FARM, "address": {**FARM["address"], "district": None}}),
        "supplier.address.district", "rule_violated", "BR-KSA-09",
    ),
    "other seller": (
        self_billed(seller_tax_number=NAJD_VAT), "seller_tax_number", "seller_mismatch", None,
    ),
    "other buyer": (
        self_billed(buyer_tax_number=HIJAZ_VAT), "buyer_tax_number", "buyer_mismatch", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("payload", "param", "code", "rule"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_400_and_stores_nothing(api, unit, zatca, payload, param, code, rule):
    before = everything(zatca)

    response = api.post(URL, payload)

    assert response.status_code == 400
    [found] = response.json()["error"]["errors"]
    assert (found["param"], found["code"], found.get("rule")) == (param, code, rule)
    assert found["message_ar"]
    assert everything(zatca) == before


def test_what_it_says_of_the_buyer_is_ignored_with_a_warning(api, unit, zatca):
    said = {"buyer_name": "Somebody", "buyer_address": BUYER["buyer_address"]}

    answer = api.post(URL, self_billed(buyer_tax_number=NAJD_VAT, **said)).json()

    assert answer["status"] == "CLEARED"
    assert [(w["code"], w["param"]) for w in answer["warnings"]] == [
        ("field_ignored", "buyer_name"),
        ("field_ignored", "buyer_address"),
    ]
