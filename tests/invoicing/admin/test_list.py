"""The list of invoices: filters, search, badges, and what it costs."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from config import listing
from config.attention.models import Attention
from config.attention.services import raise_attention
from invoicing.models import Invoice
from tests.invoicing.admin.pages import INVOICES, words
from tests.invoicing.arranged import World, arranged
from tests.invoicing.payloads import credit_note, phase_1, simplified, standard

RIYADH = ZoneInfo("Asia/Riyadh")


def numbers(response) -> set[str]:
    return {row.invoice_number for row in response.context["cl"].result_list}


@arranged
def several(world: World) -> None:
    world.post(standard("INV-1", client_reference="SO-7781"))
    world.post(credit_note("CN-1"))
    world.post(simplified("S-1"))
    world.post(phase_1("P-1"))
    world.post(standard("INV-2"), "drop_after")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status__exact=FAILED", {"INV-2"}),
        ("zatca_status__exact=REPORTED", {"S-1"}),
        ("failure_class__exact=UNKNOWN_OUTCOME", {"INV-2"}),
        ("document_type=381", {"CN-1"}),
        ("form=simplified", {"S-1", "P-1"}),
        ("phase__exact=PHASE_1", {"P-1"}),
        ("q=SO-7781", {"INV-1"}),
        ("q=SO-77", set()),
        ("q=INV-", {"INV-1", "INV-2"}),
        ("q=شركة", {"INV-1", "INV-2", "CN-1"}),
    ],
)
def test_filters_and_search(viewer, several, query, found):
    assert numbers(viewer.get(f"{INVOICES}?{query}")) == found


def test_search_by_uuid(viewer, several):
    invoice = Invoice.objects.get(invoice_number="S-1")
    assert numbers(viewer.get(INVOICES, {"q": invoice.uuid})) == {"S-1"}


def test_by_day(viewer, post):
    invoice = post(simplified("S-1"))
    day = invoice.created_at.astimezone(RIYADH).date().isoformat()
    span = {"created_at_from": day, "created_at_to": day}
    assert numbers(viewer.get(INVOICES, span)) == {"S-1"}
    for end in ("from", "to"):
        extreme = "9999-12-31" if end == "from" else "0001-01-01"
        assert numbers(viewer.get(INVOICES, {f"created_at_{end}": extreme})) == set()
    assert numbers(viewer.get(INVOICES, {"created_at_from": "nonsense"})) == {"S-1"}


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-02-28T21:00:00+00:00", True),
        ("2026-02-28T20:59:59+00:00", False),
        ("2026-03-01T20:59:59+00:00", True),
        ("2026-03-01T21:00:00+00:00", False),
    ],
)
def test_a_day_begins_and_ends_at_riyadhs_midnight(viewer, najd, instant, day):
    raise_attention(tenant_id=najd.pk, kind="k", subject="s", reason="R.", next_action="N.")
    Attention.objects.update(last_seen=datetime.fromisoformat(instant))
    span = {"last_seen_from": "2026-03-01", "last_seen_to": "2026-03-01"}
    page = viewer.get("/admin/attention/attention/", span)
    assert page.context["cl"].result_count == int(day)


def test_words_and_amounts(viewer, several):
    page = words(viewer.get(INVOICES))
    assert "INV-1 cleared cleared Standard invoice شركة الحجاز 230.00 SAR till-1 1" in page
    assert "S-1 cleared reported Simplified invoice" in page
    assert "INV-2 failed unknown Standard invoice" in page


def test_its_queries_do_not_grow_with_its_rows(viewer, post, django_assert_max_num_queries):
    post(simplified("S-1"))
    with django_assert_max_num_queries(14):
        viewer.get(INVOICES)
    for n in range(2, 6):
        post(simplified(f"S-{n}"))
    with django_assert_max_num_queries(14):
        viewer.get(INVOICES)


def test_nothing_is_counted_beyond_the_cap(several):
    assert listing.capped_count(Invoice.objects.all(), cap=3) == 3
    assert listing.capped_count(Invoice.objects.all()) == 5
