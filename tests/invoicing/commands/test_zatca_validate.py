"""zatca_validate: the official verdict on any file, with an exit code."""

import json

import pytest

from invoicing.judge import official
from tests.invoicing.zatca.samples import read_sample

AT = "2022-08-17T20:00:00+03:00"


@pytest.fixture
def file(tmp_path):
    def file(content: bytes, name: str = "invoice.xml") -> str:
        (tmp_path / name).write_bytes(content)
        return str(tmp_path / name)

    return file


@pytest.fixture
def issued(issue, file) -> tuple[str, object]:
    """A simplified document of our own as a file, and its revision."""
    revision = issue("S-1").current
    return file(bytes(revision.xml)), revision


def test_our_own_document_is_clean(run, issued):
    name, revision = issued

    ran = run("zatca_validate", name, "--pih", revision.pih)

    assert (ran.code, ran.lines[0]) == (0, f"{name}: clean")
    assert [line.split()[-1] for line in ran.lines[1:]] == [
        "holds",
        "holds",
        "holds",
        revision.hash,
    ]


def test_findings_are_exit_code_1(run, issued, file):
    name, revision = issued
    wrong = file(bytes(revision.xml).replace(b">S<", b">X<"), "wrong.xml")

    ran = run("zatca_validate", name, wrong, "--json")

    assert (ran.code, ran.complaint) == (1, "1 of 2 files with findings.")
    clean, told = json.loads("\n".join(ran.lines))
    assert (clean["clean"], clean["pih"]) == (True, "not compared")
    assert "BR-KSA-18" in [error["rule"] for error in told["errors"]]
    assert "Digest mismatch" in told["stamp"]
    assert told["qr"].startswith("hash in the QR code")


def test_another_predecessor_is_a_finding(run, issued):
    name, revision = issued

    ran = run("zatca_validate", name, "--pih", revision.hash)

    assert ran.code == 1
    assert any(revision.pih in line and "it states" in line for line in ran.lines)


def test_an_official_sample_years_later(run, reference, file):
    name = file(read_sample(reference, "simplified/Simplified_Invoice"))

    ran = run("zatca_validate", name, "--json")

    [told] = json.loads("\n".join(ran.lines))
    # Its age is told and is no fault of the document.
    assert (ran.code, [w["rule"] for w in told["warnings"]]) == (0, ["BR-KSA-98"])
    assert (told["stamp"], told["qr"]) == ("holds", "holds")
    assert told["hash"] == "z5F9qsS6oWyDhehD8u8S0DaxV+2CUiUz9Y+UsR61JgQ="


def test_judged_as_of_its_own_day_it_is_not_even_late(run, reference, file):
    name = file(read_sample(reference, "simplified/Simplified_Invoice"))

    assert run("zatca_validate", name, "--at", AT).lines[1].split()[0] == "stamp"


@pytest.mark.parametrize("content", [b"", b"<Invoice/>", b"\xff\xfe", b"<!DOCTYPE a><a/>"])
def test_what_is_no_invoice_is_a_finding(run, file, content):
    assert run("zatca_validate", file(content)).code == 1


@pytest.mark.parametrize("more", [["--at", "noon"], ["--at", "2026-01-01T00:00:00"]])
def test_wrong_use_is_exit_code_2(run, file, more):
    assert run("zatca_validate", "/nowhere/at/all.xml").code == 2
    assert run("zatca_validate", file(b"<Invoice/>"), *more).code == 2


def test_without_the_judge_it_says_so(run, file, monkeypatch):
    monkeypatch.setattr(official, "fatoora", None)

    assert run("zatca_validate", file(b"<Invoice/>")).code == 2
