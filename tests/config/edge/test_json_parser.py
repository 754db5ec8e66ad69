from decimal import Decimal

import pytest

from config.json import MAX_DEPTH, parse_object
from config.problems import Problem


def test_numbers_keep_the_digits_they_were_written_with():
    parsed = parse_object(b'{"a": 1.50, "b": 100, "c": 0.1, "d": -0.0}')

    assert [str(parsed[key]) for key in "abcd"] == ["1.50", "100", "0.1", "-0.0"]
    assert [type(parsed[key]) for key in "abc"] == [Decimal, int, Decimal]


def test_32_levels_are_read_and_33_are_not():
    body = b'{"a":' + b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1) + b"}"
    assert parse_object(body)

    with pytest.raises(Problem) as refused:
        parse_object(body.replace(b"[]", b"[[]]"))
    assert refused.value.code == "json_too_deep"


def test_brackets_in_texts_are_not_depth():
    body = b'{"a": "' + b"[{" * 100 + b'\\"[[[["}'

    assert parse_object(body) == {"a": "[{" * 100 + '"[[[['}


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "duplicate_key", "c"),
        (b'{"lines": [{}, {"name": "\\u0000"}]}', "invalid_characters", "lines[1].name"),
        (b'{"lines": {"x\\ud800": 1}}', "invalid_characters", "lines"),
        (b'{"\\u0000": 1}', "invalid_characters", None),
        (b'{"a": NaN}', "invalid_number", "a"),
        (b'{"lines": [{}, {"price": 1e2}]}', "invalid_number", "lines[1].price"),
        (b'{"\\ud800x": 1e2}', "invalid_number", "x"),
        (b'{"a": ' + b"9" * 4_301 + b"}", "invalid_number", "a"),
        (b"1e2", "invalid_number", None),
        (b"[]", "json_not_an_object", None),
        (b'{"a": 1', "invalid_json", None),
        (b"\xff", "invalid_json", None),
        (b"   ", "invalid_json", None),
    ],
)
def test_a_refusal_has_a_code_and_the_field_where_it_is_known(body, code, param):
    with pytest.raises(Problem) as refused:
        parse_object(body)

    assert (refused.value.status, refused.value.code, refused.value.param) == (400, code, param)


def test_a_pair_of_surrogates_is_a_character():
    assert parse_object(b'{"a": "\\ud83d\\ude00"}') == {"a": "\U0001f600"}


def test_an_empty_body_with_a_content_type_is_an_empty_object(api, probes):
    response = api.generic("POST", "/api/v1/probes", b"", content_type="application/json")

    missing = {error["param"] for error in response.json()["error"]["errors"]}
    assert (response.status_code, missing) == (400, {"name", "amount"})


def test_a_body_over_the_cap_is_413(api, probes, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    body = b'{"name": "' + b"x" * 100 + b'"}'

    response = api.generic("POST", "/api/v1/probes", body, content_type="application/json")

    assert response.status_code == 413
    assert response.json()["error"]["code"] == "payload_too_large"
