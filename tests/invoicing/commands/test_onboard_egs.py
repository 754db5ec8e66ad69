"""onboard_egs: by OTP against the stand-in, or with a certificate that exists."""

import json

import pytest

from invoicing.models import Chain, ChainState, EGSUnit
from tests.conftest import NAJD_VAT
from tests.invoicing.conftest import UNIT
from tests.invoicing.payloads import standard


@pytest.fixture
def details(tmp_path):
    path = tmp_path / "unit.json"
    path.write_text(json.dumps(UNIT), encoding="utf-8")
    return str(path)


@pytest.fixture
def csid_files(csid, tmp_path) -> list[str]:
    """The three files of a CSID that was got elsewhere."""
    credentials, arguments = csid(NAJD_VAT), []
    for option, content in (
        ("--certificate", credentials.token),
        ("--private-key", credentials.key),
        ("--secret", credentials.secret),
    ):
        path = tmp_path / option.strip("-")
        path.write_text(content + "\n")
        arguments += [option, str(path)]
    return arguments


def test_a_new_unit_by_otp(run, najd, zatca, details, api):
    ran = run(
        "onboard_egs", "till-1", "--tenant", str(najd.pk), "--details", details, "--otp", "123456"
    )
    assert ran.code == 0, ran.complaint
    assert ran.lines[0] == "till-1 can seal standard and simplified documents."
    issued = zatca.control.csids()[-1]
    assert f"certificate {int(issued['serial']):x}," in ran.lines[1]
    assert issued["kind"] == "production"
    assert issued["expires_at"][:10] in ran.lines[1]
    assert api.post("/api/v1/invoices", standard()).status_code == 201


def test_the_units_own_kinds_decide_what_the_authority_is_shown(run, najd, zatca, details):
    with open(details, "w") as file:
        json.dump({**UNIT, "issues_standard": False}, file)
    ran = run(
        "onboard_egs", "till-1", "--tenant", str(najd.pk), "--details", details, "--otp", "123456"
    )
    assert ran.lines[0] == "till-1 can seal simplified documents."
    checked = [d for d in zatca.control.deliveries() if d["call"] == "/compliance/invoices"]
    assert len(checked) == 3


def test_an_otp_that_is_refused_leaves_the_unit_its_chain(run, unit, zatca):
    before = unit.active_chain()
    ran = run("onboard_egs", unit.name, "--tenant", str(unit.tenant_id), "--otp", "1")
    assert ran.code == 1
    assert ran.complaint.startswith("ZATCA refused the onboarding of till-1:")
    assert unit.active_chain() == before


def test_an_existing_certificate_and_key(run, najd, zatca, details, csid_files, api):
    ran = run("onboard_egs", "till-1", "--tenant", str(najd.pk), "--details", details, *csid_files)
    assert ran.code == 0, ran.complaint
    assert Chain.objects.get().state == ChainState.ACTIVE
    assert api.post("/api/v1/invoices", standard()).status_code == 201


def test_nothing_secret_is_printed(run, najd, details, csid, csid_files):
    ran = run("onboard_egs", "till-1", "--tenant", str(najd.pk), "--details", details, *csid_files)
    printed = "\n".join(ran.lines)
    assert csid(NAJD_VAT).secret not in printed
    assert "PRIVATE KEY" not in printed


@pytest.mark.parametrize(
    "arguments",
    [
        ["--otp", "123456"],
        ["--otp", "123456", "--details", "/nowhere.json"],
        ["--otp", "123456", "--secret", "/nowhere"],
        ["--certificate", "/nowhere"],
        [],
    ],
    ids=["unknown unit", "no file", "secret beside otp", "certificate alone", "neither"],
)
def test_wrong_usage_changes_nothing(run, najd, arguments):
    ran = run("onboard_egs", "till-1", "--tenant", str(najd.pk), *arguments)
    assert ran.code
    assert not EGSUnit.objects.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"postal_code": "1"}, "postal_code: Five digits."),
        ({"vat_number": "399999999900003"}, "unknown: vat_number."),
        ({"paused_at": None}, "unknown: paused_at."),
    ],
)
def test_details_that_do_not_fit(run, najd, tmp_path, change, said):
    path = tmp_path / "unit.json"
    path.write_text(json.dumps({**UNIT, **change}))
    ran = run(
        "onboard_egs", "till-1", "--tenant", str(najd.pk), "--details", str(path), "--otp", "1"
    )
    assert (ran.code, ran.complaint) == (2, f"{path}: {said}")
    assert not EGSUnit.objects.exists()
