"""POST /api/v1/invoices/validate: what create would say, and nothing left behind."""

import pytest

from config.idempotency.models import IdempotencyKey
from invoicing.models import Chain, Revision
from invoicing.zatca import rules
from tests.conftest import client_of
from tests.invoicing.conftest import make_unit
from tests.invoicing.payloads import LINE, credit_note, phase_1, simplified, standard
from tests.invoicing.traces import URL, everything

VALIDATE = f"{URL}/validate"


@pytest.fixture
def no_request_rules(monkeypatch):
    """The first net taken away, so that something falls into the second one."""
    monkeypatch.setattr(rules, "check", lambda document, **kwargs: ())


@pytest.mark.parametrize("make", [simplified, standard, credit_note, phase_1])
def test_a_good_request_is_valid_and_leaves_nothing(api, unit, zatca, make):
    before = everything(zatca)

    response = api.post(VALIDATE, make(), headers={"Idempotency-Key": "k-1"})

    answer = response.json()
    assert (response.status_code, answer["valid"], answer["errors"]) == (200, True, [])
    assert answer["create"]["http_status"] == 201
    assert everything(zatca) == before
    assert not IdempotencyKey.objects.exists()


def test_it_computes_what_the_document_will_say(api, unit, zatca):
    answer = api.post(VALIDATE, simplified()).json()

    # By hand: 2 × 100.00 and 15 % of it.
    assert answer["totals"] == {
        "total_tax_exclusive": 200.00,
        "total_tax_amount": 30.00,
        "total_amount": 230.00,
        "payable_amount": 230.00,
    }
    assert answer["egs_unit"] == "till-1"


def test_every_fault_with_its_field_rule_and_two_sentences(api, unit, zatca):
    lines = [dict(LINE), dict(LINE), {**LINE, "tax_rate": 7}]

    answer = api.post(VALIDATE, standard(line_items=lines)).json()

    [error] = answer["errors"]
    assert (error["param"], error["rule"]) == ("line_items[2].tax_rate", "BR-KSA-84")
    assert (error["expected"], error["got"]) == ("15 or 5", "7")
    assert error["message"] == "Category S has a rate of 15 or 5."
    assert error["message_ar"] == "نسبة الفئة S هي 15 أو 5."
    assert (answer["valid"], answer["create"]["http_status"]) == (False, 400)


def test_totals_that_do_not_add_up_are_told_as_they_should_be(api, unit, zatca):
    [error] = api.post(VALIDATE, standard(total_amount="230.01")).json()["errors"]

    assert (error["param"], error["expected"], error["got"]) == ("total_amount", "230.00", "230.01")


@pytest.mark.parametrize("wrong", [{"line_items": []}, {"mode": "PHASE_3"}, {"flags": 1}])
def test_what_does_not_fit_the_schema_is_told_as_create_does(api, unit, zatca, wrong):
    checked = api.post(VALIDATE, standard(**wrong)).json()
    refused = api.post(URL, standard(**wrong))

    told = [(e["param"], e["code"], e["message"]) for e in checked["errors"]]
    said = [(e["param"], e["code"], e["message"]) for e in refused.json()["error"]["errors"]]
    assert told == said
    assert checked["create"]["http_status"] == refused.status_code == 400


def test_what_only_the_official_rules_find(api, unit, zatca, no_request_rules):
    before = everything(zatca)
    body = standard(line_items=[dict(LINE), {**LINE, "tax_rate": 7}])

    answer = api.post(VALIDATE, body).json()

    error = next(error for error in answer["errors"] if error["rule"] == "BR-KSA-84")
    assert (error["param"], error["source"]) == ("line_items[1].tax_rate", "gate")
    assert error["message_ar"]
    assert answer["create"] == {
        "http_status": 201, "code": "refused_by_rules", "message": "", "message_ar": "",
        "existing": None,
    }  # fmt: skip
    assert everything(zatca) == before
    created = api.post(URL, body)
    assert (created.status_code, created.json()["status"]) == (201, "REJECTED")
    assert [e["code"] for e in created.json()["errors"]] == [e["rule"] for e in answer["errors"]]


def test_without_a_unit_it_says_what_create_would(api, zatca):
    answer = api.post(VALIDATE, standard()).json()

    assert [(e["param"], e["code"]) for e in answer["errors"]] == [("egs_unit", "unit_not_ready")]
    assert answer["create"]["http_status"] == 503
    assert api.post(VALIDATE, phase_1()).json()["valid"] is True


def test_with_several_units_one_must_be_named(api, najd, csid, unit, zatca):
    make_unit(najd, csid, "till-2")

    unnamed = api.post(VALIDATE, standard()).json()
    named = api.post(VALIDATE, standard(egs_unit="till-2")).json()

    assert unnamed["errors"][0]["code"] == "egs_unit_required"
    assert (named["valid"], named["egs_unit"]) == (True, "till-2")


def test_a_known_number_is_told_and_no_fault(api, unit, zatca):
    pk = api.post(URL, standard()).json()["id"]
    before = everything(zatca)

    answer = api.post(VALIDATE, standard()).json()

    assert answer["valid"] is True
    create = answer["create"]
    assert (create["http_status"], create["code"]) == (409, "duplicate_invoice")
    assert (create["existing"]["id"], create["existing"]["status"]) == (pk, "CLEARED")
    assert create["message_ar"]
    assert everything(zatca) == before


def test_a_rejected_number_would_be_revised_by_other_content(api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="reject")
    api.post(URL, standard())

    same = api.post(VALIDATE, standard()).json()["create"]
    other = api.post(VALIDATE, standard(notes=["مصححة"])).json()["create"]

    assert (same["http_status"], same["code"]) == (409, "use_retry")
    assert (other["http_status"], other["code"]) == (200, "revised")


def test_many_are_answered_in_order_and_none_blocks_another(api, unit, zatca):
    before = everything(zatca)
    asked = [standard("A-1"), standard("A-2", total_amount="1.00"), "nonsense", simplified("A-3")]

    answer = api.post(VALIDATE, {"invoices": asked}).json()

    assert (answer["valid"], answer["invalid"]) == (2, 2)
    results = answer["results"]
    assert [r["invoice_number"] for r in results] == ["A-1", "A-2", None, "A-3"]
    assert [r["valid"] for r in results] == [True, False, False, True]
    assert everything(zatca) == before


@pytest.mark.parametrize("asked", [[], {}, None, "x", [{}] * 101])
def test_no_list_or_too_long_a_list_is_400(api, unit, zatca, asked):
    response = api.post(VALIDATE, {"invoices": asked})

    assert response.status_code == 400
    assert response.json()["error"]["param"] == "invoices"


def test_warnings_are_told_too(api, unit, zatca, settings):
    settings.ZATCA_DEEP_GATE = False
    answer = api.post(VALIDATE, standard(uuid="mine", seller_name="Other")).json()

    codes = [warning["code"] for warning in answer["warnings"]]
    assert codes == ["field_ignored", "seller_name_ignored", "gate_unavailable"]
    assert all(warning["message_ar"] for warning in answer["warnings"])


def test_the_number_of_another_tenant_is_unused_here(api, foreign_api, unit, foreign_unit, zatca):
    foreign_api.post(URL, simplified("S-9"))

    assert api.post(VALIDATE, simplified("S-9")).json()["create"]["existing"] is None


def test_it_needs_the_right_to_create(client, najd, db):
    assert client.post(VALIDATE, {}, content_type="application/json").status_code == 401
    assert client_of(najd, "invoices:read").post(VALIDATE, standard()).status_code == 403
    assert not Revision.objects.exists()
    assert not Chain.objects.exists()
