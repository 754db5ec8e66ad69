"""The judges themselves: what they take, what they refuse, and that they share nothing with us."""

import subprocess
import sys
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, time
from threading import Thread

import pytest

from invoicing.judge import (
    JudgeUnavailable,
    StampBroken,
    available,
    official,
    official_verdict,
    verify_stamp,
)
from invoicing.zatca.hashing import FIRST_PIH
from tests.invoicing.zatca.trade import ISSUE_DATE, JUDGED_AT, NAJD, document


def rules_of(verdict):
    return [item.rule for item in verdict.findings]


def test_a_document_of_the_small_hours_is_not_in_the_future(sealed):
    # 01:30 on the 14th in Riyadh is 22:30 on the 13th in UTC.
    one = sealed(document(issue_time=time(1, 30)))
    judged_at = datetime(2026, 3, 13, 22, 31, tzinfo=UTC)

    assert official_verdict(one.xml, evaluated_at=judged_at).findings == ()


def test_a_document_of_tomorrow_is_in_the_future(sealed):
    tomorrow = ISSUE_DATE.replace(day=15)

    verdict = official_verdict(sealed(document(issue_date=tomorrow)).xml, evaluated_at=JUDGED_AT)

    assert "BR-KSA-04" in rules_of(verdict)


@pytest.mark.parametrize(
    "xml", [b"", b"<a>", b"\xff\xfe", b"<Invoice/>", b"<a>\x00</a>", b"<!DOCTYPE a><a/>"]
)
def test_what_cannot_be_read_is_a_finding(xml):
    verdict = official_verdict(xml, evaluated_at=JUDGED_AT)

    assert verdict.errors
    assert not verdict.complete


def test_a_clock_without_zone_is_refused(sealed):
    with pytest.raises(ValueError, match="time zone"):
        official_verdict(b"<a/>", evaluated_at=datetime(2026, 3, 14))


def test_errors_and_warnings_are_told_apart(sealed):
    supplier = replace(NAJD, vat_number="299999999900003", id_scheme="XXX")

    verdict = official_verdict(
        sealed(document(supplier=supplier)).xml, evaluated_at=JUDGED_AT, previous_hash=FIRST_PIH
    )

    assert [item.rule for item in verdict.errors] == ["BR-KSA-40"]
    assert [item.rule for item in verdict.warnings] == ["BR-KSA-08"]
    assert "15 digits" in verdict.errors[0].message
    assert verdict.errors[0].stage == "ksa"


def test_a_seller_s_name_beyond_any_one_byte_length_leaves_the_qr_unjudged(sealed):
    one = sealed(document(supplier=replace(NAJD, name="ش" * 140)))

    verdict = official_verdict(one.xml, evaluated_at=JUDGED_AT)

    assert verdict.findings == ()
    assert not verdict.complete


def test_a_wrong_qr_code_is_found_behind_a_long_name_too(sealed):
    one = sealed(document(supplier=replace(NAJD, name="ش" * 100)))
    other = sealed(document(supplier=replace(NAJD, name="س" * 100)))

    verdict = official_verdict(
        one.xml.replace(one.qr.encode(), other.qr.encode()), evaluated_at=JUDGED_AT
    )

    assert {item.stage for item in verdict.errors} == {"qr"}


def test_without_the_library_it_says_so(monkeypatch):
    monkeypatch.setattr(official, "fatoora", None)

    assert not available()
    with pytest.raises(JudgeUnavailable):
        official_verdict(b"<a/>", evaluated_at=JUDGED_AT)


def test_threads_judge_side_by_side(sealed):
    one = sealed(document())
    verdicts = []

    def judge():
        verdicts.append(official_verdict(one.xml, evaluated_at=JUDGED_AT))

    threads = [Thread(target=judge) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [verdict.findings for verdict in verdicts] == [()] * 4


def test_an_expired_certificate_breaks_the_stamp(sealed):
    one = sealed(document())

    with pytest.raises(StampBroken, match="not valid after"):
        verify_stamp(one.xml, at=datetime(2036, 1, 1, tzinfo=UTC))
    verify_stamp(one.xml, at=JUDGED_AT)


def test_a_stamp_of_another_unit_is_refused(sealed, reference):
    text = (reference / "zatca/credentials/sdk-test-cert.b64der.txt").read_text()

    with pytest.raises(StampBroken):
        verify_stamp(sealed(document()).xml, certificate_der=b64decode(text), at=JUDGED_AT)


@pytest.mark.parametrize("xml", [b"", b"<a/>", b"<!DOCTYPE a><a/>", b"\xff"])
def test_what_has_no_stamp_is_refused(xml):
    with pytest.raises(StampBroken):
        verify_stamp(xml)


@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        (
            "answers client codes csr documents environments errors exemptions hashing outcomes qr"
            " rules sealing signing text totals ubl xades",
            "django",
        ),
        ("", "invoicing.zatca"),
    ],
    ids=["the pure package without Django", "the judges without the pure package"],
)
def test_a_fresh_interpreter_loads(modules, absent):
    names = [f"invoicing.zatca.{name}" for name in modules.split()] or ["invoicing.judge"]
    lines = [f"import {name}" for name in names]
    lines += ["import sys", f"assert not [m for m in sys.modules if m.startswith({absent!r})]"]
    if not modules:
        lines.append("assert 'django' not in sys.modules")

    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True)
