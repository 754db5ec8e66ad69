"""Numbers from the server: the next of a series, none left out, once per request."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from config.idempotency.models import IdempotencyKey
from invoicing.models import AssignedNumber, Invoice, NumberCounter, NumberSeries
from invoicing.services.numbering import save_series
from tests.invoicing.conftest import make_unit
from tests.invoicing.payloads import LINE, credit_note, phase_1, simplified, standard
from tests.invoicing.traces import URL, everything, sent


def unnumbered(payload: dict) -> dict:
    return {name: value for name, value in payload.items() if name != "invoice_number"}


def series(tenant, pattern: str = "{kind}-{yyyy}-{seq:04}", **columns) -> NumberSeries:
    return save_series(NumberSeries(tenant=tenant, pattern=pattern, **columns))


def ask(api, payload: dict, key: str):
    return api.post(URL, unnumbered(payload), headers={"Idempotency-Key": key})


YEAR = datetime.now(UTC).year


@pytest.fixture
def numbered(najd) -> NumberSeries:
    return series(najd)


def test_the_answer_carries_the_number(api, unit, numbered, zatca):
    answers = [ask(api, standard(), f"k-{n}").json() for n in (1, 2)]
    assert [answer["invoice_number"] for answer in answers] == [
        f"INV-{YEAR}-0001",
        f"INV-{YEAR}-0002",
    ]
    assert len(sent(zatca, f"INV-{YEAR}-0001")) == 1
    assert Invoice.objects.first().current.payload["invoice_number"] == f"INV-{YEAR}-0002"


def test_without_a_series_a_number_is_required(api, unit, zatca):
    before = everything(zatca)
    response = ask(api, standard(), "k")
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (400, "invoice_number_required")
    assert error["param"] == "invoice_number"
    assert everything(zatca) == before


def test_without_a_key_it_is_refused(api, unit, numbered, zatca):
    before = everything(zatca)
    response = api.post(URL, unnumbered(standard()))
    assert (response.status_code, response.json()["error"]["code"]) == (
        400,
        "idempotency_key_required",
    )
    assert everything(zatca) == before


def test_a_refused_request_takes_no_number(api, unit, numbered, zatca):
    before = everything(zatca)
    assert ask(api, standard(line_items=[{**LINE, "tax_rate": 7}]), "k-1").status_code == 400
    assert everything(zatca) == before
    assert ask(api, standard(), "k-2").json()["invoice_number"] == f"INV-{YEAR}-0001"


def test_a_refused_balance_gives_its_number_back(api, unit, numbered):
    api.post(URL, standard("INV-1"))
    too_much = credit_note(line_items=[{**LINE, "quantity": 3}])
    assert ask(api, too_much, "k-1").status_code == 409
    assert ask(api, credit_note(), "k-2").json()["invoice_number"] == f"CN-{YEAR}-0001"


def test_the_same_request_again_has_the_same_number(api, unit, numbered, zatca):
    first = ask(api, standard(), "k")
    again = ask(api, standard(), "k")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json()["invoice_number"] == first.json()["invoice_number"]
    assert Invoice.objects.count() == 1


def test_a_lost_answer_resumes_the_same_row(api, unit, numbered, zatca):
    number = f"INV-{YEAR}-0001"
    zatca.control.script(number, delivery=1, fault="drop_after")
    assert ask(api, standard(), "k").status_code == 500
    again = ask(api, standard(), "k")
    assert (again.status_code, again.json()["invoice_number"]) == (200, number)
    assert len(set(sent(zatca, number))) == 1
    assert NumberCounter.objects.get().last_number == 1


def test_a_key_with_another_content_gets_no_number_after_a_week(api, unit, numbered):
    ask(api, standard(), "k")
    IdempotencyKey.objects.all().delete()
    response = ask(api, standard(line_items=[{**LINE, "quantity": 3}]), "k")
    assert (response.status_code, response.json()["error"]["code"]) == (
        422,
        "idempotency_key_reused",
    )
    assert NumberCounter.objects.get().last_number == 1


def test_what_the_gate_rejects_keeps_its_number(api, unit, numbered, zatca):
    zatca.control.script(f"INV-{YEAR}-0001", delivery=1, fault="reject")
    assert ask(api, standard(), "k-1").json()["status"] == "REJECTED"
    assert ask(api, standard(), "k-2").json()["invoice_number"] == f"INV-{YEAR}-0002"


def test_a_number_used_by_hand_is_passed_over(api, unit, numbered):
    api.post(URL, standard(f"INV-{YEAR}-0001"))
    assert ask(api, standard(), "k").json()["invoice_number"] == f"INV-{YEAR}-0002"


def test_the_most_particular_series_counts(api, unit, najd, csid):
    branch = make_unit(najd, csid, "branch")
    series(najd, "ALL-{yy}-{seq}")
    series(najd, "CN-{yy}-{seq}", document_type="381")
    series(najd, "{unit}/{yy}/{seq:03}", unit=branch)
    yy = f"{YEAR % 100:02}"

    def number(payload, key):
        return ask(api, payload, key).json()["invoice_number"]

    assert number(standard(egs_unit="till-1"), "k-1") == f"ALL-{yy}-1"
    assert number(standard(egs_unit="branch"), "k-2") == f"branch/{yy}/001"
    assert number(credit_note(of="OLD", egs_unit="till-1"), "k-3") == f"CN-{yy}-1"


def test_a_year_begins_in_the_tenants_time_zone(api, unit, numbered):
    # 21:30 UTC on New Year's Eve is half past midnight in Riyadh.
    with time_machine.travel(datetime(2026, 12, 31, 21, 40, tzinfo=UTC)):
        old = simplified(invoice_date="2026-12-31T20:30:00Z")
        new = simplified(invoice_date="2026-12-31T21:30:00Z")
        numbers = [
            ask(api, one, f"k-{n}").json()["invoice_number"] for n, one in enumerate((old, new))
        ]
    assert numbers == ["INV-2026-0001", "INV-2027-0001"]


def test_one_series_for_ever_starts_where_it_is_told(api, unit, najd):
    series(najd, "A-{seq:05}", resets_yearly=False, starts_at=4711)
    assert ask(api, simplified(), "k-1").json()["invoice_number"] == "A-04711"
    assert ask(api, simplified(), "k-2").json()["invoice_number"] == "A-04712"


def test_phase_1_has_numbers_without_a_unit(api, najd):
    series(najd, "{unit}-{yyyy}-{seq:03}")
    assert ask(api, phase_1(), "k").json()["invoice_number"] == f"{YEAR}-001"


def test_another_tenants_series_is_none(foreign_api, hijaz, numbered, foreign_unit):
    response = ask(foreign_api, simplified(), "k")
    assert response.json()["error"]["code"] == "invoice_number_required"


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"pattern": "A-{yyyy}"}, "pattern"),
        ({"pattern": "A-{seq}-{seq}"}, "pattern"),
        ({"pattern": "{year}-{seq}"}, "pattern"),
        ({"pattern": "A-{seq:06}"}, "pattern"),  # yearly, and the years would meet
        ({"starts_at": 0}, "starts_at"),
    ],
)
def test_a_series_that_cannot_count_is_refused(najd, columns, field):
    with pytest.raises(ValidationError) as refused:
        series(najd, **columns)
    assert field in refused.value.message_dict or "__all__" in refused.value.message_dict


def test_one_active_series_for_the_same_documents(najd, numbered):
    with pytest.raises(ValidationError):
        series(najd, "B-{yyyy}-{seq}")
    numbered.is_active = False
    save_series(numbered)
    series(najd, "B-{yyyy}-{seq}")


def test_the_database_keeps_a_counter_from_jumping(api, unit, numbered):
    ask(api, standard(), "k")
    for change in ({"last_number": 7}, {"last_number": 0}, {"period": "1999"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            NumberCounter.objects.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        AssignedNumber.objects.update(sequence=9)
