"""From which day on money may move, by what has moved before (health.md 3.5).

Vouchers are entered in any order of their dates; asked here, no account of a patient has the wrong
sign on any day in between. Everything is read under the lock of the tenant's books.
"""

from datetime import date

from django.db.models import Max, Q, QuerySet

from health.models import Allocation, Payment, Source, TestInvoice, Voucher


def received_on(payment: Payment) -> date:
    """From when its money is in the books: a gateway's may be later than it was offered."""
    return payment.voucher.date if payment.voucher else payment.date


def spendable_from(payment: Payment) -> date:
    """From when its advance is all there: it grows by nothing but what invoices gave back."""
    released = payment.allocations.filter(amount__lt=0)
    return _last(payment.tenant_id, _about(released), received_on(payment))


def releasable_from(payment: Payment, invoice: TestInvoice) -> date:
    """From when the books know both of them and all that moved between them."""
    between = _about(payment.allocations.filter(invoice=invoice))
    return _last(payment.tenant_id, between, received_on(payment), invoice.local_date)


def payable_from(invoice: TestInvoice) -> date:
    """From when it is owed what it is owed now: from its own day, or the last time that money left
    it again. Before that another payment had paid it.
    """
    released = _about(invoice.allocations.filter(amount__lt=0))
    undone = _about_money(invoice) & Q(reverses__isnull=False)
    return _last(invoice.tenant_id, released | undone, invoice.local_date)


def settled_on(invoice: TestInvoice) -> date:
    """The last day on which money or a credit note moved what is owed of it."""
    credited = invoice.credit_notes.aggregate(last=Max("date"))["last"]
    days = (invoice.local_date, credited or invoice.local_date)
    return _last(invoice.tenant_id, _about_money(invoice), *days)


def _about(allocations: QuerySet[Allocation]) -> Q:
    return Q(reference_type=Source.ALLOCATION, reference_id__in=allocations.values("pk"))


def _about_money(invoice: TestInvoice) -> Q:
    """The vouchers of all that pays it or has paid it."""
    payments = invoice.allocations.values("payment")
    receipts = Q(reference_type=Source.PAYMENT, reference_id__in=payments)
    return receipts | _about(invoice.allocations.all())


def _last(tenant_id: int, about: Q, *days: date) -> date:
    vouchers = Voucher.objects.filter(about, tenant_id=tenant_id)
    last = vouchers.aggregate(last=Max("date"))["last"]
    return max(filter(None, (*days, last)))
