"""The deep gate as a tenant sets it: off, warn or block (contracts 17)."""

import pytest
from django.db import IntegrityError, transaction

from config.tenancy.models import Tenant
from invoicing.models import Chain, Revision
from invoicing.zatca import rules
from tests.invoicing.payloads import LINE, simplified, standard
from tests.invoicing.test_request_rules import YESTERDAY
from tests.invoicing.traces import URL

# The official rules only warn of a name that is digits alone (BR-KSA-F-C-01).
DIGITS = [{**LINE, "name": "12345"}]
RULE = "BR-KSA-F-C-01"


@pytest.fixture(autouse=True)
def no_request_rules(monkeypatch):
    """The first net taken away, so that something falls into the second one."""
    monkeypatch.setattr(rules, "check", lambda document, **kwargs: ())


@pytest.fixture
def mode(najd):
    def mode(word: str) -> None:
        Tenant.objects.filter(pk=najd.pk).update(deep_gate=word)

    return mode


def warned(answer: dict) -> list[tuple[str, str]]:
    return [(warning["code"], warning["source"]) for warning in answer["warnings"]]


def test_block_refuses_warnings_too(api, unit, zatca):
    answer = api.post(URL, simplified(line_items=DIGITS)).json()

    assert answer["status"] == "REJECTED"
    [error] = answer["errors"]
    assert (error["code"], error["param"]) == (RULE, "line_items[0].name")
    assert error["message"] == "The name must say what is supplied; digits alone do not."
    assert error["message_ar"].startswith("يجب أن يصف الاسم")
    assert (Chain.objects.get().last_icv, zatca.control.deliveries("S-1")) == (0, [])


def test_warn_tells_and_sends(api, unit, zatca, mode):
    mode("warn")
    zatca.control.script("S-1", delivery=1, fault="drop_before")
    body = simplified(line_items=DIGITS)

    lost = api.post(URL, body)
    answer = api.post(URL, body).json()

    # Kept while nobody has answered; afterwards the authority says it itself, once.
    assert lost.status_code == 500
    assert (answer["status"], answer["zatca_status"]) == ("CLEARED", "REPORTED_WITH_WARNINGS")
    assert warned(answer) == [(RULE, "zatca")]
    assert Chain.objects.get().last_icv == 1


def test_what_the_gate_warned_of_stays_with_the_revision(api, unit, zatca, mode):
    mode("warn")
    answer = api.post(
        URL, simplified(line_items=DIGITS), headers={"Prefer": "respond-async"}
    ).json()

    assert warned(answer) == [(RULE, "gate")]
    [kept] = Revision.objects.get().findings
    assert (kept["rule"], kept["severity"], kept["param"]) == (
        RULE,
        "warning",
        "line_items[0].name",
    )


def test_an_error_of_the_rules_is_a_warning_of_ours(api, unit, zatca, mode):
    mode("warn")
    answer = api.post(URL, standard(line_items=[{**LINE, "tax_rate": 7}])).json()

    # Sent all the same, and the authority refuses it in its own name.
    assert answer["status"] == "REJECTED"
    assert ("BR-KSA-84", "zatca") in [(e["code"], e["source"]) for e in answer["errors"]]
    assert Chain.objects.get().last_icv == 1


def test_off_asks_nobody_and_says_so(api, unit, zatca, mode):
    mode("off")
    answer = api.post(URL, simplified(line_items=DIGITS)).json()

    assert answer["status"] == "CLEARED"
    assert warned(answer) == [(RULE, "zatca"), ("gate_unavailable", "daftar")]


@pytest.mark.parametrize("word", ["warn", "block"])
def test_off_for_the_house_is_off_for_everybody(api, unit, zatca, mode, settings, word):
    settings.ZATCA_DEEP_GATE = False
    mode(word)

    answer = api.post(URL, simplified(line_items=DIGITS)).json()

    assert (answer["status"], warned(answer)[-1][0]) == ("CLEARED", "gate_unavailable")


@pytest.mark.parametrize("word", ["warn", "block"])
def test_lateness_never_blocks_and_is_told_once(api, unit, zatca, mode, word):
    mode(word)
    answer = api.post(URL, simplified(invoice_date=YESTERDAY)).json()

    assert (answer["status"], warned(answer)) == ("CLEARED", [("BR-KSA-98", "zatca")])


def test_one_tenants_choice_is_its_own(api, foreign_api, unit, foreign_unit, zatca, mode):
    mode("warn")

    assert api.post(URL, simplified(line_items=DIGITS)).json()["status"] == "CLEARED"
    assert foreign_api.post(URL, simplified(line_items=DIGITS)).json()["status"] == "REJECTED"


def test_the_database_knows_three_words(najd):
    with pytest.raises(IntegrityError), transaction.atomic():
        Tenant.objects.filter(pk=najd.pk).update(deep_gate="maybe")
