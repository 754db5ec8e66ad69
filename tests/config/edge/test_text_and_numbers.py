import unicodedata
from decimal import Decimal

import pytest
from rest_framework import serializers

from config.numbers import ExactDecimalField
from config.text import TextField, search_words, text_problem


def test_every_character_is_judged_by_the_documented_rule():
    """XML 1.0 Char, less controls, noncharacters, bidi controls, U+200B, U+FEFF, U+2028-2029."""
    wrong = []
    for code in range(0x110000):
        char = chr(code)
        refused = (
            unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")
            or code & 0xFFFE == 0xFFFE
            or 0xFDD0 <= code <= 0xFDEF
            or unicodedata.bidirectional(char) in _BIDI
            or code in (0x200B, 0xFEFF)
        )
        if (text_problem(f"a{char}b") is not None) != refused:
            wrong.append(hex(code))
    assert wrong == []


_BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def test_line_breaks_and_tabs_only_where_asked():
    assert text_problem("a\n\tb", multiline=True) is None
    assert text_problem("a\nb").code == "invalid_characters"
    assert text_problem("a\r\nb", multiline=True).code == "invalid_characters"


def test_a_problem_names_the_character_in_both_languages():
    problem = text_problem("ab\u202ec")

    assert "U+202E at position 3" in problem.en
    assert "U+202E" in problem.ar


@pytest.mark.parametrize("text", [" a", "a ", "\u3000a", "a\u00a0"])
def test_text_is_refused_rather_than_trimmed(text):
    with pytest.raises(serializers.ValidationError) as refused:
        TextField().run_validation(text)
    assert refused.value.detail[0].code == "surrounding_space"


def test_composed_and_decomposed_stay_what_they_are():
    assert TextField().run_validation("e\u0301") == "e\u0301"


def test_eight_search_words_and_no_more():
    assert search_words(" a b  c d e f g h ") == list("abcdefgh")
    with pytest.raises(serializers.ValidationError):
        search_words("a b c d e f g h i")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("12.50", "12.50"),
        (Decimal("0.10"), "0.10"),
        (7, "7"),
        ("-3", "-3"),
        ("-0.00", "0.00"),
        ("007", "7"),
        ("123456789012345", "123456789012345"),
    ],
)
def test_a_number_keeps_its_digits(sent, kept):
    assert str(ExactDecimalField().run_validation(sent)) == kept


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (1.5, "invalid_number"),
        (True, "invalid_number"),
        (Decimal("1E+2"), "invalid_number"),
        ("1_000", "invalid_number"),
        ("١٢", "invalid_number"),
        ("12\n", "invalid_number"),
        ("1234567890123456", "too_many_digits"),
        ("1.005", "too_many_decimals"),
        ("-0.01", "min_value"),
        ("100.01", "max_value"),
        (None, "null"),
    ],
)
def test_a_number_is_refused_with_a_code(sent, code):
    field = ExactDecimalField(decimal_places=2, min_value=0, max_value=100)

    with pytest.raises(serializers.ValidationError) as refused:
        field.run_validation(sent)
    assert refused.value.detail[0].code == code
