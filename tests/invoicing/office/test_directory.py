"""Buyers and products: a tenant's own, deactivated and never deleted."""

import pytest
from django.db import IntegrityError, transaction

from invoicing.models import Buyer, NumberSeries, Product
from invoicing.services.directory import add_buyer, add_product
from tests.conftest import client_of
from tests.invoicing.admin.pages import words

BUYERS, PRODUCTS = "/api/v1/buyers", "/api/v1/products"
HIJAZ = {"name": "Hijaz", "name_ar": "شركة الحجاز", "code": "C-1", "vat_number": "310122393500003"}
COFFEE = {"name": "Coffee", "name_ar": "قهوة", "code": "P-1", "unit_price": "86.125"}


def wrong(response) -> dict[str, str]:
    assert response.status_code == 400, response.content
    errors = response.json()["error"]["errors"]
    assert all(error["message_ar"] for error in errors)
    return {error["param"]: error["code"] for error in errors}


def test_a_buyer_is_written_read_changed_and_deactivated(api):
    made = api.post(BUYERS, HIJAZ)
    assert made.status_code == 201
    place = made["Location"]
    assert api.get(place).json()["name_ar"] == "شركة الحجاز"
    assert api.patch(place, {"city": "جدة"}).json()["city"] == "جدة"
    assert api.patch(place, {"is_active": False}).json()["is_active"] is False
    assert api.get(BUYERS, {"is_active": "true"}).json()["total"] == 0
    assert api.delete(place).status_code == 405


def test_a_product_keeps_the_digits_of_its_price(api):
    made = api.post(PRODUCTS, COFFEE)
    assert made.status_code == 201
    assert '"unit_price":86.125' in made.content.decode().replace(" ", "")
    assert Product.objects.get().unit_price == "86.125"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"vat_number": "123"}, "vat_number"),
        ({"country_code": "XX"}, "country_code"),
        ({"id_scheme": "CRN"}, "id_scheme"),
        ({"id_scheme": "ABC", "id_number": "1"}, "id_scheme"),
        ({"name": " Hijaz"}, "name"),
        ({"email": "nobody"}, "email"),
    ],
)
def test_a_buyer_that_cannot_be_is_refused(api, change, expected):
    assert set(wrong(api.post(BUYERS, {**HIJAZ, **change}))) == {expected}
    assert not Buyer.objects.exists()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"unit_price": "1e3"}, "unit_price"),
        ({"unit_price": "-1"}, "unit_price"),
        ({"tax_category": "Z"}, "tax_rate"),
        ({"tax_category": "Z", "tax_rate": 0}, "exemption_code"),
        ({"tax_category": "Z", "tax_rate": 0, "exemption_code": "VATEX-SA-OOS"}, "exemption_code"),
        (
            {"tax_category": "O", "tax_rate": 0, "exemption_code": "VATEX-SA-OOS"},
            "exemption_reason",
        ),
    ],
)
def test_a_product_that_cannot_be_taxed_is_refused(api, change, expected):
    assert expected in wrong(api.post(PRODUCTS, {**COFFEE, **change}))
    assert not Product.objects.exists()


def test_a_code_is_used_once(api, najd, hijaz):
    api.post(BUYERS, HIJAZ)
    assert wrong(api.post(BUYERS, HIJAZ)) == {"code": "unique"}
    add_buyer(tenant=hijaz, name="Another's", code="C-1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Buyer(tenant=najd, name="X", code="C-1").save()


def test_the_database_refuses_a_tax_that_cannot_be(najd):
    with pytest.raises(IntegrityError), transaction.atomic():
        Product(tenant=najd, name="X", unit_price="1", tax_category="Z", tax_rate=15).save()


def test_every_word_is_looked_for(api, najd):
    add_buyer(tenant=najd, **HIJAZ)
    add_buyer(tenant=najd, name="Gulf")
    for words_ in ("hij", "الحجاز C-1", "3101"):
        found = api.get(BUYERS, {"search": words_}).json()["buyers"]
        assert [row["name"] for row in found] == ["Hijaz"], words_


def test_anothers_rows_are_as_absent(foreign_api, najd):
    buyer = add_buyer(tenant=najd, **HIJAZ)
    assert foreign_api.get(f"{BUYERS}/{buyer.pk}").status_code == 404
    assert foreign_api.patch(f"{BUYERS}/{buyer.pk}", {"name": "X"}).status_code == 404
    assert foreign_api.get(BUYERS).json()["buyers"] == []


def test_reading_is_not_writing(najd):
    reader = client_of(najd, "invoices:read")
    assert reader.get(PRODUCTS).status_code == 200
    assert reader.post(PRODUCTS, COFFEE).status_code == 403


def test_the_form_picks_active_rows_of_its_own_tenant(clerk, stranger, najd):
    add_product(tenant=najd, **COFFEE)
    add_product(tenant=najd, name="Coffee of old", unit_price="1", is_active=False)
    [row] = clerk.get("/admin/invoicing/product/pick/", {"q": "coff"}).json()["rows"]
    assert row["text"] == "قهوة | Coffee"
    assert (row["fill"]["unit_price"], row["fill"]["tax_rate"]) == ("86.125", "15")
    assert stranger.get("/admin/invoicing/product/pick/").json()["rows"] == []


def form(browser, page: str, **columns):
    opened = browser.get(page)
    tenant = opened.context["request"].tenant.pk
    initial = opened.context["adminform"].form.initial
    said = {name: value for name, value in initial.items() if value not in (None, False)}
    return browser.post(page, {**said, "_tenant": tenant, **columns}, follow=True)


def test_a_clerk_keeps_the_directory(clerk, viewer, najd):
    page = "/admin/invoicing/buyer/add/"
    assert "was added successfully" in words(form(clerk, page, country_code="SA", **HIJAZ))
    assert Buyer.objects.get().tenant == najd
    assert "Another buyer has this code" in words(form(clerk, page, country_code="SA", **HIJAZ))
    assert viewer.get(page).status_code == 403
    assert clerk.post(f"/admin/invoicing/buyer/{Buyer.objects.get().pk}/delete/").status_code == 403


def test_an_owner_keeps_the_series_and_a_clerk_looks(owner, clerk, najd):
    page = "/admin/invoicing/numberseries/add/"
    made = form(owner, page, pattern="{kind}-{yyyy}-{seq:05}", starts_at="1", resets_yearly="on")
    assert "was added successfully" in words(made)
    assert NumberSeries.objects.get().tenant == najd
    assert clerk.get(page).status_code == 403
    assert clerk.get("/admin/invoicing/numberseries/").status_code == 200


def test_a_series_that_cannot_count_is_refused_beside_its_field(owner):
    page = form(owner, "/admin/invoicing/numberseries/add/", pattern="A", starts_at="1")
    assert "Name {seq} once" in words(page)
    assert not NumberSeries.objects.exists()
