"""Many drafts posted one after another; what cannot be posted stops none of the others."""

from collections.abc import Iterable, Iterator

from config.problems import Problem
from health.models import TestInvoice
from health.services.history import Who
from health.services.invoices import post_invoice


def post_each(
    invoices: Iterable[TestInvoice], who: Who
) -> Iterator[tuple[TestInvoice, Problem | None]]:
    """Post each and say what came of it: None, or why not. Commits once for each.

    A bug ends it where it happens; what was posted before stands.
    """
    for invoice in invoices:
        try:
            yield post_invoice(invoice, who), None
        except Problem as problem:
            yield invoice, problem
