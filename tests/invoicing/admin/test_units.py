"""EGS units: what they say, how they get a certificate, and how a paused one goes on."""

import pytest

from config.attention.models import Attention
from config.tenancy.models import Tenant
from invoicing.models import Chain, EGSUnit
from invoicing.services.units import pause_unit
from tests.invoicing.admin.pages import form_of, words
from tests.invoicing.conftest import UNIT, make_unit
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


@pytest.mark.parametrize("page", ["onboard/", "resume/"])
def test_a_clerk_neither_onboards_nor_resumes(clerk, unit, page):
    assert clerk.get(f"{UNITS}{unit.pk}/{page}").status_code == 403
    assert clerk.post(f"{UNITS}{unit.pk}/{page}", {"otp": "123456"}).status_code == 403


@pytest.mark.parametrize("page", ["change/", "onboard/", "resume/"])
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
