"""Equal sides differ in nothing, order never matters, and each difference is found as what it is.

Over random sides; the one difference of each case is put in by hand.
"""

import itertools
import random
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invoicing.reconciliation.comparing import compare, left_over
from invoicing.reconciliation.records import Word
from invoicing.reconciliation.shelf import Shelf
from tests.invoicing.reconciliation.sides import differences, document, held, ours, told, uuid

ACCEPTED = [Word.CLEARED, Word.REPORTED]


@st.composite
def agreeing(draw):
    """Invoices in every state, and the rows of an authority that agrees with all of them."""
    mine, theirs = [], []
    for number in range(1, draw(st.integers(2, 12))):
        word = draw(st.sampled_from([*ACCEPTED, Word.REJECTED, Word.UNKNOWN]))
        documents = [document(number, word=word)]
        if draw(st.booleans()):  # corrected once
            refused = document(number, word=Word.REJECTED)
            documents = [document(number, revision=2, word=word), refused]
        mine.append(ours(number, *documents))
        theirs += [held(number, item) for item in documents if item.word is not Word.UNKNOWN]
    return mine, theirs


@settings(max_examples=60, deadline=None)
@given(agreeing())
def test_equal_sides_have_no_finding(sides):
    assert differences(*sides) == []


@settings(max_examples=60, deadline=None)
@given(agreeing(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(sides, chance):
    mine, theirs = sides
    for row in list(theirs):
        if chance.random() < 0.5:
            theirs.append(replace(row, **_spoilt(chance, row)))
    expected = differences(mine, theirs)
    chance.shuffle(theirs)
    chance.shuffle(mine)
    assert told(differences(mine, theirs)) == told(expected)


def _spoilt(chance: random.Random, row) -> dict:
    changes = (
        {"uuid": uuid(chance.randrange(9000, 9999))},
        {"word": Word.CLEARED},
        {"total": Decimal("1.00")},
        {"hash": "another"},
        {},
    )
    return chance.choice(changes)


def missing(theirs, row):
    theirs.remove(row)


def unknown(theirs, row):
    theirs.append(held(99))


def status(theirs, row):
    theirs[theirs.index(row)] = replace(row, word=Word.REJECTED)


def total(theirs, row):
    theirs[theirs.index(row)] = replace(row, total=Decimal("114.99"))


def vat(theirs, row):
    theirs[theirs.index(row)] = replace(row, vat=Decimal("15.01"))


def another_hash(theirs, row):
    theirs[theirs.index(row)] = replace(row, hash="another")


def twice(theirs, row):
    theirs.append(row)


def same_number(theirs, row):
    theirs.append(replace(row, uuid=uuid(7), hash="of another"))


@pytest.mark.parametrize(
    ("inject", "kind", "number"),
    [
        (missing, "missing_at_authority", "S-50"),
        (unknown, "unknown_here", "S-99"),
        (status, "status_differs", "S-50"),
        (total, "amount_differs", "S-50"),
        (vat, "amount_differs", "S-50"),
        (another_hash, "hash_differs", "S-50"),
        (twice, "duplicate_uuid", "S-50"),
        (same_number, "duplicate_number", "S-50"),
    ],
)
@settings(max_examples=15, deadline=None)
@given(sides=agreeing(), chance=st.randoms(use_true_random=False))
def test_one_difference_is_exactly_one_finding(inject, kind, number, sides, chance):
    mine, theirs = sides
    row = held(50)
    mine.append(ours(50))
    theirs.insert(chance.randrange(len(theirs) + 1), row)
    inject(theirs, row)
    assert told(differences(mine, theirs)) == [(kind, number)]


@pytest.mark.parametrize("word", [Word.UNKNOWN, Word.REJECTED])
def test_an_older_revision_that_they_accepted(word):
    mine = ours(1, document(1, revision=2, word=word), document(1, word=Word.REJECTED))
    theirs = [held(1, document(1))]
    if word is Word.REJECTED:
        theirs.append(held(1, document(1, revision=2, word=Word.REJECTED)))
    assert told(differences([mine], theirs)) == [("superseded_accepted", "S-1")]


@pytest.mark.parametrize("theirs", [Word.REPORTED, Word.REJECTED])
def test_a_verdict_that_never_came_back(theirs):
    mine = ours(1, document(1, word=Word.UNKNOWN))
    [finding] = compare(mine, [held(1, word=theirs)])
    assert (finding.kind, finding.ours, finding.theirs) == ("status_differs", "UNKNOWN", theirs)


def test_the_amounts_of_both_sides_stand_in_the_finding():
    [finding] = compare(ours(1), [held(1, total=Decimal("230.00"))])
    assert (finding.our_total, finding.their_total) == (Decimal("115.00"), Decimal("230.00"))


def test_a_row_without_uuid_and_hash_stands_for_the_current_document():
    mine = ours(1, document(1, revision=2), document(1, word=Word.REJECTED))
    assert compare(mine, [held(1, uuid="", hash="")]) == []
    twice = [held(1, uuid="", hash="", line=2), held(1, uuid="", hash="", line=3)]
    assert told(compare(mine, twice)) == [("duplicate_number", "S-1")]


def test_what_they_do_not_say_is_not_compared():
    assert compare(ours(1), [held(1, total=None, vat=None, hash="")]) == []
    assert compare(ours(1), [held(1, currency="USD", total=Decimal("30.67"))]) == []


def test_accepted_agrees_with_cleared_and_with_reported():
    for word in ACCEPTED:
        assert compare(ours(1, document(1, word=word)), [held(1, word=Word.ACCEPTED)]) == []


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(1, 60)), st.integers(1, 30), st.integers(0, 30))
def test_what_nobody_has_is_what_is_left_over(known, first, width):
    span = set(range(first, first + width + 1))
    spans = list(left_over(first, first + width, sorted(known & span)))
    assert {number for start, end in spans for number in range(start, end + 1)} == span - known
    assert all(before[1] + 1 < after[0] for before, after in itertools.pairwise(spans))


def test_gaps_are_told_per_chain():
    rows = [
        held(n, icv=icv, csid=csid)
        for n, (csid, icv) in enumerate(
            [("a", 1), ("a", 2), ("a", 5), ("b", 3), ("b", 7), ("", 9)], start=1
        )
    ]
    with Shelf() as shelf:
        shelf.add(rows)
        assert list(shelf.missing_icvs()) == [("a", 3, 4), ("b", 4, 6)]
