"""No page holds a key or a secret, in any form in which we keep it."""

import base64

from invoicing.models import Attempt, Chain, InvoiceLog
from tests.invoicing.admin.pages import INVOICES, story


def secrets_of(chain: Chain) -> list[str]:
    pem = chain.private_key()
    body = "".join(line for line in pem.splitlines() if "-----" not in line)
    sealed = [bytes(chain.private_key_sealed), bytes(chain.secret_sealed)]
    kept = [base64.b64encode(item).decode() for item in sealed] + [item.hex() for item in sealed]
    return ["PRIVATE KEY", body, body[:40], chain.secret(), *kept]


def test_no_page_shows_one(owner, failed, rejected, unit):
    chain = unit.active_chain()
    pages = ["/admin/", INVOICES, story(failed), story(rejected)]
    pages += [f"/admin/invoicing/{name}/" for name in ("invoicelog", "attempt", "egsunit", "chain")]
    pages += [f"/admin/invoicing/egsunit/{unit.pk}/{name}/" for name in ("change", "onboard")]
    pages += [f"/admin/invoicing/chain/{chain.pk}/change/"]
    for model in (InvoiceLog, Attempt):
        name = model._meta.model_name
        pages += [f"/admin/invoicing/{name}/{row.pk}/change/" for row in model.objects.all()]
    for page in pages:
        text = owner.get(page).content.decode()
        assert not [secret for secret in secrets_of(chain) if secret in text], page
