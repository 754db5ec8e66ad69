"""The hash chain: an edit, a deletion, a reordering and a foreign key show."""

import hashlib
import hmac
from dataclasses import replace

import pytest

from config.db.log_chain import GENESIS, Link, entry_hash, first_break


def chain(*contents: dict) -> list[Link]:
    links, previous = [], GENESIS
    for sequence, content in enumerate(contents, start=1):
        own = entry_hash(content, sequence=sequence, previous_hash=previous)
        links.append(Link(content, sequence, previous, own))
        previous = own
    return links


@pytest.fixture
def links() -> list[Link]:
    return chain({"status": "ERROR"}, {"status": "SUBMITTED"}, {"status": "CLEARED"})


def test_the_hash_is_hmac_sha256_of_the_canonical_json(settings):
    settings.AUDIT_KEY = "k" * 48
    text = '{"content":{"a":"ب"},"previous_hash":"' + "0" * 64 + '","sequence":1}'
    expected = hmac.new(b"k" * 48, text.encode(), hashlib.sha256).hexdigest()
    assert entry_hash({"a": "ب"}, sequence=1, previous_hash=GENESIS) == expected


def test_a_whole_chain_has_no_break(links):
    assert first_break(links) is None
    assert first_break([]) is None


def test_an_edit_shows(links):
    links[1] = replace(links[1], content={"status": "CLEARED"})
    assert first_break(links) == "entry 2 was changed"


def test_a_deletion_shows(links):
    assert first_break([links[0], links[2]]) == "entry 2 is missing"
    assert first_break(links[1:]) == "entry 1 is missing"


def test_a_reordering_shows(links):
    swapped = [links[0], replace(links[2], sequence=2), replace(links[1], sequence=3)]
    assert first_break(swapped) == "entry 2 does not follow the entry before it"


def test_a_row_put_in_shows_without_the_key(links, settings):
    settings.AUDIT_KEY = "another key that the forger made up himself"
    forged = chain({"status": "CLEARED"})
    settings.AUDIT_KEY = "k" * 48
    assert first_break(forged) == "entry 1 was changed"


def test_a_tail_that_was_cut_off_does_not_show(links):
    # The limit of every chain, and why its heads are sealed outside the database.
    assert first_break(links[:2]) is None
