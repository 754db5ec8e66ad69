"""EGS units: what they say, how they get a certificate, and how a paused one goes on."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from config.attention.models import Attention
from config.tenancy.models import Tenant
from invoicing.models import Breaker, Chain, EGSUnit
from invoicing.services.onboarding import register_unit
from invoicing.services.units import pause_unit
from tests.invoicing.admin.pages import form_of, words
from tests.invoicing.conftest import UNIT, make_unit
from tests.invoicing.payloads import simplified
from tests.invoicing.traces import everything

UNITS = "/admin/invoicing/egsunit/"


def unit_form(**changes: str) -> dict[str, str]:
    """What the form posts: no management data of the inline, which is read-only."""
    said = {**UNIT, "name": "till-9", "issues_standard": "on", "issues_simplified": "on"}
    inline = {"chains-TOTAL_FORMS": "0", "chains-INITIAL_FORMS": "0"}
    return {**said, "id_scheme": "CRN", "is_active": "on", **inline, **changes}


def test_an_owner_writes_a_unit_down(owner, najd):
    answer = owner.post(f"{UNITS}add/", unit_form(), follow=True)
    unit = EGSUnit.objects.get()
    assert (unit.tenant, unit.vat_number, unit.name) == (najd, najd.vat_number, "till-9")
    assert "not onboarded" in words(owner.get(UNITS))
    assert answer.redirect_chain


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("building_number", "12"),
        ("postal_code", "1234x"),
        ("name", "till-1"),
        ("id_number", "101001000"),
        ("city", "x" * 128),
    ],
)
def test_what_is_wrong_is_said_at_its_field(owner, unit, field, value):
    answer = owner.post(f"{UNITS}add/", unit_form(**{field: value}))
    errors = answer.context["adminform"].form.errors
    assert list(errors) in ([field], ["__all__"])
    assert EGSUnit.objects.count() == 1


def test_a_unit_of_a_vat_group_that_names_no_member_is_not_written_down(owner, najd):
    Tenant.objects.filter(pk=najd.pk).update(vat_number="399999999910003")

    answer = owner.post(f"{UNITS}add/", unit_form(), follow=True)

    assert "10-digit TIN" in words(answer)
    assert not EGSUnit.objects.exists()


def test_a_new_default_takes_over(owner, najd, csid, zatca):
    old = make_unit(najd, csid, is_default=True)
    owner.post(f"{UNITS}add/", unit_form(is_default="on"))
    old.refresh_from_db()
    assert not old.is_default
    assert EGSUnit.objects.get(is_default=True).name == "till-9"


ACTIONS = ["onboard/", "renew/", "revoke/", "pause/", "resume/"]


@pytest.mark.parametrize("page", ACTIONS)
def test_a_clerk_does_nothing_to_a_unit(clerk, unit, zatca, page):
    before = everything(zatca)
    said = {"otp": "123456", "reason": "Because."}
    assert clerk.get(f"{UNITS}{unit.pk}/{page}").status_code == 403
    assert clerk.post(f"{UNITS}{unit.pk}/{page}", said).status_code == 403
    assert everything(zatca) == before


@pytest.mark.parametrize("page", ["change/", *ACTIONS])
def test_another_tenants_unit_is_as_absent(stranger, unit, page):
    assert stranger.get(f"{UNITS}{unit.pk}/{page}").status_code == 404
    assert stranger.post(f"{UNITS}{unit.pk}/{page}", {"otp": "123456"}).status_code == 404


def test_onboarding_with_an_otp(owner, unit):
    page = f"{UNITS}{unit.pk}/onboard/"
    answer = owner.post(page, form_of(owner.get(page), otp="123456"), follow=True)
    assert "till-1 has a certificate and can seal." in words(answer)
    assert list(Chain.objects.values_list("state", flat=True)) == ["ACTIVE", "RETIRED"]


@pytest.mark.parametrize(
    ("otp", "said"), [("222222", "ZATCA refused the onboarding of till-1"), ("12345", "Six digits")]
)
def test_an_otp_that_is_refused(owner, unit, otp, said):
    page = f"{UNITS}{unit.pk}/onboard/"
    active = unit.active_chain()
    assert said in words(owner.post(page, form_of(owner.get(page), otp=otp)))
    assert unit.active_chain() == active


def test_a_paused_unit_is_resumed(owner, unit):
    pause_unit(unit, "401 from ZATCA")
    assert "paused" in words(owner.get(UNITS))
    page = f"{UNITS}{unit.pk}/resume/"
    assert "It was paused because: 401 from ZATCA" in words(owner.get(page))
    answer = owner.post(page, form_of(owner.get(page)), follow=True)
    assert "till-1 sends again" in words(answer)
    unit.refresh_from_db()
    assert unit.paused_at is None
    assert Attention.objects.get().resolved_by == "user:omar"


def test_looking_at_resume_resumes_nothing(owner, unit):
    pause_unit(unit, "401 from ZATCA")
    owner.get(f"{UNITS}{unit.pk}/resume/")
    unit.refresh_from_db()
    assert unit.paused_at is not None


def test_resume_is_offered_while_paused_only(owner, unit, zatca):
    page = f"{UNITS}{unit.pk}/change/"
    assert "Resume sending" not in words(owner.get(page))
    before = everything(zatca)
    owner.post(f"{UNITS}{unit.pk}/resume/")
    assert everything(zatca) == before
    pause_unit(unit, "401")
    assert "Resume sending" in words(owner.get(page))


def test_a_unit_is_renewed(owner, unit, zatca):
    page = f"{UNITS}{unit.pk}/renew/"
    answer = owner.post(page, form_of(owner.get(page), otp="123456"), follow=True)
    assert "till-1 has a new certificate and goes on sealing." in words(answer)
    assert list(Chain.objects.values_list("state", flat=True)) == ["ACTIVE", "RETIRED"]
    assert "Renew the CSID of till-1." in words(owner.get(f"{UNITS}{unit.pk}/history/"))


def test_a_renewal_that_is_refused_says_so(owner, unit, zatca):
    page = f"{UNITS}{unit.pk}/renew/"
    refused = owner.post(page, form_of(owner.get(page), otp="222222"))
    assert "ZATCA refused the renewal of till-1: Invalid-OTP" in words(refused)
    assert Chain.objects.get(state="ACTIVE") == unit.active_chain()


def test_a_unit_is_paused_with_a_reason(owner, unit):
    page = f"{UNITS}{unit.pk}/pause/"
    assert "This field is required" in words(owner.post(page, form_of(owner.get(page))))
    owner.post(page, form_of(owner.get(page), reason="Stock-taking."))
    unit.refresh_from_db()
    assert (unit.paused_reason, unit.paused_by) == ("Stock-taking.", "user:omar")
    shown = words(owner.get(f"{UNITS}{unit.pk}/change/"))
    assert "by user:omar: Stock-taking." in shown
    assert "Pause sending" not in shown
    told = {tile.label: tile for panel in panels(owner) for tile in panel["tiles"]}
    assert (told["units paused"].figure, told["units paused"].note) == ("1", "till-1")


def test_a_csid_is_revoked_after_saying_what_that_means(owner, unit, api, zatca):
    api.post("/api/v1/invoices", simplified(), headers={"Prefer": "respond-async"})
    page = f"{UNITS}{unit.pk}/revoke/"
    asked = owner.get(page)
    assert "Some documents wait to be sent: the same bytes go out" in words(asked)
    assert "revoke the CSID in the Fatoora portal, too" in words(asked)
    answer = owner.post(page, form_of(asked, reason="Stolen."), follow=True)
    assert "Revoke it in the Fatoora portal, too." in words(answer)
    assert Chain.objects.get().state == "REVOKED"
    shown = words(owner.get(f"{UNITS}{unit.pk}/change/"))
    assert not {"Renew CSID", "Revoke CSID", "Resume sending"} & set(re.findall(r"\w+ \w+", shown))


def test_what_makes_no_sense_now_is_refused_if_asked_all_the_same(owner, najd, zatca):
    unit = register_unit(tenant=najd, name="till-1", **UNIT)
    page = f"{UNITS}{unit.pk}/renew/"
    refused = owner.post(page, {"otp": "123456", "_tenant": str(najd.pk)})
    assert "EGS unit till-1 has no CSID in use: onboard it." in words(refused)
    assert not Chain.objects.exists()


@pytest.mark.parametrize(("days", "said"), [(31, "in use"), (20, "expires soon"), (-1, "expired")])
def test_the_list_shows_how_long_a_certificate_lasts(owner, unit, days, said):
    expires = timezone.now() + timedelta(days=days, hours=1)
    Chain.objects.update(expires_at=expires)
    shown = words(owner.get(UNITS))
    assert f"{said} {expires.astimezone(unit.tenant.zone):%Y-%m-%d}" in shown
    assert ("(20 days)" in shown) is (days == 20)


def test_an_authority_that_does_not_answer_is_shown(owner, unit, settings):
    now = timezone.now()
    until = now + timedelta(seconds=90)
    address = settings.ZATCA_URLS["SANDBOX"]
    Breaker.objects.create(
        address=address, failures=5, opened_at=now, open_until=until, pause_seconds=120
    )
    assert "ZATCA does not answer" in words(owner.get(UNITS))
    told = {tile.label: tile for panel in panels(owner) for tile in panel["tiles"]}
    note = told["ZATCA does not answer since"].note
    assert note == f"next try {until.astimezone(unit.tenant.zone):%H:%M:%S}"


def panels(browser) -> list:
    return browser.get("/admin/").context["panels"]
