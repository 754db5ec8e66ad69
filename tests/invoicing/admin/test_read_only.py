"""What was written down stays as it is, whatever the role."""

import pytest

from invoicing.models import Attempt, Chain, Invoice, InvoiceLog
from tests.invoicing.traces import everything

MIRRORS = (Invoice, InvoiceLog, Attempt, Chain)


@pytest.mark.parametrize("model", MIRRORS)
def test_nobody_adds_changes_or_deletes(owner, rejected, zatca, model):
    before = everything(zatca)
    base = f"/admin/invoicing/{model._meta.model_name}/"
    row = model.objects.first()
    assert owner.post(f"{base}add/", {"status": "CLEARED"}).status_code == 403
    assert owner.post(f"{base}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    changed = owner.post(f"{base}{row.pk}/change/", {"status": "CLEARED", "last_icv": "7"})
    # The story answers with itself; there is no form behind it.
    assert changed.status_code == (200 if model is Invoice else 403)
    assert everything(zatca) == before


@pytest.mark.parametrize("model", MIRRORS)
def test_no_list_offers_to_delete(owner, rejected, model):
    page = owner.get(f"/admin/invoicing/{model._meta.model_name}/")
    assert "delete_selected" not in page.content.decode()


def test_a_unit_is_never_deleted(owner, unit):
    assert owner.post(f"/admin/invoicing/egsunit/{unit.pk}/delete/").status_code == 403
