"""A slice of the corpus of official verdicts; `python -m tests.corpus` judges all of it."""

import json

from invoicing.zatca.rules.official import ENTRIES
from tests.corpus import EXPLAINED, judged

# fatoora-rs takes -0.00 for a positive amount; our own check on top of it does not.
NEGATIVE_ZEROS = frozenset({94, 697, 855})


def test_every_verdict_of_a_slice_is_the_official_one(reference):
    cases = list(judged(reference, every=15))

    assert len(cases) == 100
    assert [one.case["id"] for one in cases if not one.agrees] == []


def test_negative_zeros_and_what_is_left_to_explain(reference):
    some = frozenset({*NEGATIVE_ZEROS, *EXPLAINED})
    cases = {one.case["id"]: one for one in judged(reference, every=10**9, only=some)}

    assert {pk for pk in NEGATIVE_ZEROS if cases[pk].agrees} == NEGATIVE_ZEROS
    assert {pk for pk in EXPLAINED if not cases[pk].agrees} == set(EXPLAINED)


def test_every_rule_that_fires_in_the_corpus_has_its_field_and_sentences(reference):
    lines = (reference / "zatca" / "cases.jsonl").read_text().splitlines()
    errors, warnings = (
        {rule for line in lines for rule in json.loads(line)[kind]}
        for kind in ("errors", "warnings")
    )

    assert (len(errors), len(warnings)) == (52, 89)
    assert errors - set(ENTRIES) == set()
    assert warnings - set(ENTRIES) == set()


def test_every_entry_speaks_both_languages():
    for rule, entry in ENTRIES.items():
        assert entry.message.isascii(), rule
        assert any("\u0600" <= letter <= "\u06ff" for letter in entry.message_ar), rule
