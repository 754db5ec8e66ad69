"""Numbers that were given and will stand on no bill."""

from health import ledger
from health.models import GivenUpNumber, Source, TestInvoice
from health.services.days import today
from health.writing import insert_rows


def give_up(invoice: TestInvoice) -> None:
    """Remember the number that an invoice outside of the books leaves behind; joins the
    transaction, which holds the books.

    It counts as cancelled on the invoice's own day, or today where that day is closed: what was
    told of a closed month stays told (GSTR-1, table 13).
    """
    tenant, day = invoice.tenant, invoice.local_date
    if ledger.locked_upto(tenant.pk, day, Source.TEST_INVOICE):
        day = today(tenant)
    number = {"tenant_id": tenant.pk, "number": invoice.invoice_number, "date": day}
    insert_rows(GivenUpNumber, [number])
