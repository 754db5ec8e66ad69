"""What leaves, what is hashed and what is kept as text."""

import datetime as dt
import hashlib
import json
import uuid
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from config.json import ExactJSONRenderer, canonical, fingerprint, sanitised
from tests.config.edge.probe import Probe


def rendered(value) -> str:
    return ExactJSONRenderer().render(value).decode()


@pytest.mark.parametrize(
    ("stored", "written"),
    [
        ("115.00", "115.00"),
        ("1E+3", "1000"),
        ("1E-7", "0.0000001"),
        ("0E+3", "0"),
        ("-0.00", "0.00"),
        ("123456789012345.67", "123456789012345.67"),
    ],
)
def test_amounts_leave_as_numbers_with_the_stored_digits(stored, written):
    assert rendered({"total": Decimal(stored)}) == f'{{"total":{written}}}'


def test_instants_leave_in_utc_whole_seconds():
    riyadh = dt.datetime(2024, 1, 31, 2, 0, 5, 999_999, tzinfo=ZoneInfo("Asia/Riyadh"))

    assert rendered([riyadh, riyadh.date()]) == '["2024-01-30T23:00:05Z","2024-01-31"]'


def test_text_leaves_as_utf_8():
    assert rendered({"name": "شركة", "id": uuid.UUID(int=1)}) == (
        '{"name":"شركة","id":"00000000-0000-0000-0000-000000000001"}'
    )


@pytest.mark.parametrize(
    "inexact", [Decimal("NaN"), 1.5, float("nan"), dt.datetime(2024, 1, 1), b"x", {1}, object()]
)
def test_what_has_no_exact_form_is_a_bug(inexact):
    with pytest.raises((TypeError, ValueError)):
        rendered({"a": inexact})


def test_the_canonical_text_is_sorted_compact_and_unescaped():
    value = {"b": [Decimal("1.50"), 2, None, True], "a": "é\n", "ا": Decimal("-0.0")}

    assert canonical(value) == '{"a":"é\\n","b":[1.50,2,null,true],"ا":0.0}'


def test_the_fingerprint_is_sha_256_of_the_canonical_text():
    assert fingerprint({"b": 1, "a": Decimal("1.5")}) == (
        hashlib.sha256(b'{"a":1.5,"b":1}').hexdigest()
    )
    assert fingerprint({"a": Decimal("1.5")}) != fingerprint({"a": Decimal("1.50")})


def test_equal_instants_have_one_fingerprint():
    utc = dt.datetime(2024, 1, 31, 9, tzinfo=dt.UTC)

    assert fingerprint([utc]) == fingerprint([utc.astimezone(ZoneInfo("Asia/Kolkata"))])
    assert fingerprint([utc]) != fingerprint([utc.replace(microsecond=1)])


@pytest.mark.parametrize("value", [1.5, {"a": [0.0]}])
def test_floats_have_no_canonical_form(value):
    with pytest.raises(TypeError):
        canonical(value)


def test_a_json_text_column_keeps_the_canonical_text_and_gives_exact_numbers(probes):
    row = probes.create(name="x", amount=1, data={"b": Decimal("1.10"), "a": [1]})

    kept = probes.extra(select={"raw": "data"}).values_list("raw", flat=True).get()
    row.refresh_from_db()
    assert kept == '{"a":[1],"b":1.10}'
    assert str(row.data["b"]) == "1.10"
    assert probes.filter(data={"a": [1], "b": Decimal("1.10")}).exists()


def test_a_json_text_column_refuses_text_and_takes_null(probes):
    assert probes.create(name="x", amount=1, data=None).data is None
    with pytest.raises(TypeError):
        probes.create(name="x", amount=1, data='{"a": 1}')


def test_a_json_text_column_survives_a_dump(probes):
    row = Probe(name="x", amount=1, data={"a": Decimal("1.10")})
    field = Probe._meta.get_field("data")

    assert field.to_python(field.value_to_string(row)) == row.data


def test_a_partners_json_is_made_fit_for_both_databases():
    answer = json.loads('{"a\\u0000": "x\\ud800y", "n": NaN, "f": 1.5, "l": [Infinity, null]}')

    assert sanitised(answer) == {"a": "xy", "n": None, "f": Decimal("1.5"), "l": [None, None]}


def test_a_partners_nesting_bomb_is_cut():
    bomb = json.loads("[" * 900 + "]" * 900)

    assert json.dumps(sanitised(bomb)).count("[") == 64
