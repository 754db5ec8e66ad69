"""When a fault strikes: by script, by magic number, by rate; and in this order."""

import pytest
import requests

from invoicing.sandbox import Control, ControlRefused, StandIn
from invoicing.sandbox.faults import FAULTS, UnknownFault, magic_fault
from tests.invoicing.sandbox.taxpayer import NOON, Unit


def faults_met(authority: StandIn, number: str | None = None) -> list[str]:
    return [row["fault"] for row in authority.control.deliveries(number)]


def statuses(unit: Unit, document, times: int) -> list[int]:
    return [unit.report(document).status_code for _ in range(times)]


def test_a_script_strikes_the_nth_delivery_of_a_number(authority, unit):
    document, other = unit.document(), unit.document()
    authority.control.script(document.number, delivery=2, fault="error_503_before")
    authority.control.script(document.number, delivery=3, fault="error_502_after")

    assert statuses(unit, document, 4) == [200, 503, 502, 409]
    assert statuses(unit, other, 2) == [200, 409]


def test_a_path_scripts_the_calls_without_a_number(authority):
    unit = Unit(authority.base_url())
    authority.control.script("/compliance", delivery=1, fault="error_500_after")
    authority.control.script("/compliance/invoices", delivery=1, fault="reject")

    lost = unit.call("/compliance", {"csr": unit.csr()}, OTP="123456")
    issued = unit.call("/compliance", {"csr": unit.csr()}, OTP="123456")
    auth = unit.take(issued.json())
    checks = [unit.check(unit.document(), auth).status_code for _ in range(2)]

    assert (lost.status_code, issued.status_code, checks) == (500, 200, [400, 200])


def test_a_delivery_is_counted_over_both_calls(authority, unit):
    document = unit.document(simplified=False)
    authority.control.switch(clearance=False)
    authority.control.script(document.number, delivery=2, fault="error_504_after")

    assert (unit.clear(document).status_code, unit.report(document).status_code) == (303, 504)


def test_a_script_survives_a_restart(tmp_path):
    with StandIn(tmp_path / "a.sqlite3", clock=lambda: NOON) as before:
        unit = Unit(before.base_url())
        unit.onboard()
        document = unit.document()
        before.control.script(document.number, delivery=2, fault="too_many")
        unit.report(document)

    with StandIn(tmp_path / "a.sqlite3", clock=lambda: NOON) as after:
        unit.base_url = after.base_url()
        assert statuses(unit, document, 2) == [429, 409]


def test_a_magic_number_strikes_the_first_delivery_only(authority, unit):
    document = unit.document(number="INV-MAGIC-ERROR-503-BEFORE-0007")

    assert statuses(unit, document, 3) == [503, 200, 409]


def test_a_script_goes_before_magic(authority, unit):
    document = unit.document(number="MAGIC-DROP-AFTER")
    authority.control.script("MAGIC-DROP-AFTER", delivery=1, fault="too_many")

    assert unit.report(document).status_code == 429


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_has_a_word_of_its_own(name):
    fault = FAULTS[name]

    assert magic_fault(f"A-{fault.magic}-1") is fault


def test_an_ordinary_number_is_not_magic():
    assert magic_fault("INV-2026-000123") is None


def test_a_rate_of_one_strikes_every_submission(authority, unit):
    authority.control.rates(error_504_after=1)

    assert [unit.report(unit.document()).status_code for _ in range(3)] == [504, 504, 504]
    authority.control.rates()
    assert unit.report(unit.document()).status_code == 200


def test_rates_leave_onboarding_alone(authority):
    authority.control.rates(error_503_before=1)

    Unit(authority.base_url()).onboard()

    assert set(faults_met(authority)) == {""}


def drawn(seed: int, rates: dict[str, float]) -> list[str]:
    """The faults that the first deliveries of 1,000 numbers meet."""
    with StandIn(seed=seed, rates=rates) as authority:
        chances = [
            authority.conduct.chance(f"INV-{number}", 1, is_submission=True)
            for number in range(1000)
        ]
    return [chance.fault.name if chance else "" for chance in chances]


def test_a_seed_repeats_the_run():
    rates = {"drop_after": 0.1, "error_503_before": 0.05}

    first, again, other = drawn(1, rates), drawn(1, rates), drawn(2, rates)

    assert first == again != other
    # 1,000 draws: four standard deviations are 38 and 28.
    assert abs(first.count("drop_after") - 100) < 38
    assert abs(first.count("error_503_before") - 50) < 28
    assert set(first) == {"", "drop_after", "error_503_before"}


def test_the_seed_that_was_drawn_is_told(authority):
    with StandIn() as other:
        assert isinstance(other.control.health()["seed"], int)
    assert authority.control.health()["seed"] == 7


@pytest.mark.parametrize("rates", [{"nonsense": 0.1}, {"drop_after": 1.5}, {"drop_after": -0.1}])
def test_rates_that_are_none_are_refused(authority, rates):
    with pytest.raises(UnknownFault):
        StandIn(rates=rates)
    with pytest.raises(ControlRefused):
        authority.control.rates(**rates)
    assert authority.control.health()["rates"] == {}


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ({"delivery": 1, "fault": "nonsense"}, "no fault is called 'nonsense'"),
        ({"delivery": 0, "fault": "drop_after"}, "delivery is a whole number from 1"),
        ({"delivery": 1, "fault": "too_many", "seconds": 3}, "takes ['retry_after']"),
        ({"delivery": 1, "fault": "drop_after", "seconds": 3}, "takes []"),
    ],
)
def test_a_script_that_makes_no_sense_is_refused(authority, unit, script, sentence):
    document = unit.document()

    with pytest.raises(ControlRefused) as refusal:
        authority.control.script(document.number, **script)

    assert sentence in str(refusal.value)
    assert unit.report(document).status_code == 200


def test_an_arranged_verdict_needs_a_call_with_a_document(authority):
    with pytest.raises(ControlRefused, match="carries a document"):
        authority.control.script("/compliance", delivery=1, fault="reject")


def test_the_table_of_faults_can_be_read(authority):
    table = {row["name"]: row for row in authority.control.faults()}

    assert table["hang_after"]["args"] == {"seconds": 60.0}
    assert table["hang_after"]["magic"] == "MAGIC-HANG-AFTER"
    assert table["hang_after"]["moment"] == "after"


def test_control_answers_only_what_it_knows(authority):
    assert requests.get(f"{authority.url}/_control/nothing", timeout=5).status_code == 404
    assert requests.post(f"{authority.url}/_control/rates", data="[]", timeout=5).status_code == 400
    assert Control(authority.url).health()["status"] == "ok"
