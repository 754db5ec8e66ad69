import pytest
from rest_framework.exceptions import ErrorDetail, ValidationError

from config.validation import field_errors, refusal


@pytest.mark.parametrize(
    ("detail", "paths"),
    [
        ({"a": ["x", "y"]}, ["a", "a"]),
        ({"lines": [{}, {"rate": ["x"]}]}, ["lines[1].rate"]),
        ({"lines": {1: {"rate": ["x"]}}}, ["lines[1].rate"]),
        ({"tags": {0: ["x"], 2: ["x"]}}, ["tags[0]", "tags[2]"]),
        ({"buyer": {"address": {"city": ["x"]}}}, ["buyer.address.city"]),
        ({"buyer": {"non_field_errors": ["x"]}}, ["buyer"]),
        ([{"a": ["x"]}], ["[0].a"]),
        (["x"], [""]),
    ],
)
def test_a_complaint_is_found_under_the_callers_path(detail, paths):
    assert [error.param for error in field_errors(ValidationError(detail).detail)] == paths


def test_a_refusal_keeps_its_code_and_its_arabic_through_a_serializer():
    raised = ValidationError({"a": refusal("odd", "It is odd.", "إنه فردي.").detail})

    [error] = field_errors(raised.detail)
    assert (error.code, error.message, error.message_ar) == ("odd", "It is odd.", "إنه فردي.")


def test_a_number_in_the_english_sentence_stands_in_the_arabic_one():
    detail = [ErrorDetail("Ensure this value is less than or equal to 100.5.", "max_value")]

    assert next(field_errors(detail)).message_ar == "يجب ألا تزيد القيمة على 100.5."
