"""Columns that hold what was cleared, met with SQL of one's own."""

import pytest
from django.db import IntegrityError, connection, transaction

from invoicing.models import Invoice, Revision
from tests.invoicing.arranged import World, arranged
from tests.invoicing.payloads import standard

ATTACKS = [
    "UPDATE invoice_revisions SET cleared_xml = xml",
    "UPDATE invoice_revisions SET cleared_xml = NULL",
    "UPDATE invoice_revisions SET payload_sha256 = hash",
    "UPDATE invoice_revisions SET sealed_at = created_at",
    "UPDATE invoice_revisions SET sealed_at = NULL",
    "UPDATE invoice_revisions SET qr = ''",
    "UPDATE invoice_revisions SET outcome = ''",
    "UPDATE invoices SET total_amount = 1",
    "UPDATE invoices SET tax_amount = 0",
    "UPDATE invoices SET zatca_status = 'NOT_CLEARED'",
]


def stored() -> list[list[tuple]]:
    return [list(model.objects.values_list()) for model in (Invoice, Revision)]


@arranged
def cleared(world: World) -> None:
    assert world.post(standard()).status == "CLEARED"


@pytest.mark.parametrize("sql", ATTACKS, ids=lambda sql: sql.split("SET ")[1])
def test_what_was_cleared_stays_as_it_was(cleared, sql):
    before = stored()

    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)

    assert stored() == before
