"""Logo, colour and footer: GET and PATCH /api/v1/tenant/branding, and the admin page."""

from base64 import b64encode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from config.printing.models import Branding
from config.tenancy.models import Role
from tests.config.printing.pictures import png, svg
from tests.conftest import client_of
from tests.invoicing.admin.conftest import signed_in  # noqa: F401

PATH = "/api/v1/tenant/branding"
ADMIN = "/admin/printing/branding/"


def encoded(content: bytes) -> str:
    return b64encode(content).decode()


def test_without_a_row_the_house_colours_are_answered(api):
    assert api.get(PATH).json() == {"accent_colour": "#0f766e", "footer": "", "logo": None}


def test_what_is_not_sent_stays_and_null_takes_the_logo_away(api, najd):
    api.patch(PATH, {"accent_colour": "#112233", "logo": encoded(png())})
    api.patch(PATH, {"footer": "هاتف\nPhone"})
    full = api.get(PATH).json()
    bare = api.patch(PATH, {"logo": None}).json()

    assert full == {
        "accent_colour": "#112233",
        "footer": "هاتف\nPhone",
        "logo": f"data:image/png;base64,{encoded(png())}",
    }
    assert bare == {**full, "logo": None}


@pytest.mark.parametrize(("body", "param"), [
    ({"accent_colour": "red"}, "accent_colour"),
    ({"accent_colour": "#12345"}, "accent_colour"),
    ({"accent_colour": "#112233;}"}, "accent_colour"),
    ({"footer": "x" * 501}, "footer"),
    ({"footer": "\u202e"}, "footer"),
    ({"logo": "not base64!"}, "logo"),
    ({"logo": encoded(b"GIF89a")}, "logo"),
    ({"logo": encoded(svg("<script/>"))}, "logo"),
])  # fmt: skip
def test_a_mistake_is_named_and_nothing_is_kept(api, body, param):
    refused = api.patch(PATH, {"accent_colour": "#445566", **body})

    assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)
    assert not Branding.objects.exists()


def test_it_takes_an_administrator(najd):
    writer = client_of(najd, "invoices:read", "invoices:write")

    assert (writer.get(PATH).status_code, writer.patch(PATH, {}).status_code) == (403, 403)


def test_a_tenant_sees_its_own(api, foreign_api):
    api.patch(PATH, {"footer": "Najd"})

    assert foreign_api.get(PATH).json()["footer"] == ""


def test_the_database_knows_a_logo_has_a_kind(najd):
    with pytest.raises(IntegrityError), transaction.atomic():
        Branding.objects.create(tenant=najd, logo=b"x")
    with pytest.raises(IntegrityError), transaction.atomic():
        Branding.objects.create(tenant=najd, accent_colour="red")


def test_an_owner_uploads_one_in_the_back_office(signed_in, najd):  # noqa: F811
    owner = signed_in(najd, Role.OWNER)
    upload = SimpleUploadedFile("logo.gif", png(), "image/gif")

    saved = owner.post(
        f"{ADMIN}add/", {"accent_colour": "#112233", "footer": "Phone", "new_logo": upload}
    )

    row = Branding.objects.get(tenant=najd)
    assert saved.status_code == 302
    assert (row.accent_colour, row.footer, bytes(row.logo)) == ("#112233", "Phone", png())
    assert owner.get(ADMIN, follow=True).status_code == 200
    assert owner.get(f"{ADMIN}add/").status_code == 403


def test_a_bad_upload_is_said_beside_the_field(signed_in, najd):  # noqa: F811
    owner = signed_in(najd, Role.OWNER)
    upload = SimpleUploadedFile("logo.svg", svg("<script/>"), "image/svg+xml")

    page = owner.post(f"{ADMIN}add/", {"accent_colour": "#112233", "new_logo": upload})

    assert "holds scripts" in page.content.decode()
    assert not Branding.objects.exists()


def test_a_clerk_does_not_see_it(signed_in, najd):  # noqa: F811
    assert signed_in(najd, Role.CLERK).get(ADMIN).status_code == 403
