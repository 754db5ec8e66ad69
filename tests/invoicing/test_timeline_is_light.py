"""An invoice's story is told without reading documents, payloads or answers from the database."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.invoicing.payloads import LINE, standard
from tests.invoicing.traces import URL

HEAVY = (
    '"invoice_revisions"."xml"',
    '"invoice_revisions"."cleared_xml"',
    '"invoice_revisions"."payload"',
    '"invoice_attempts"."response"',
)


def told(api, pk: int) -> tuple[list[str], list[str]]:
    """The kinds of the events, and the SQL that found them."""
    with CaptureQueriesContext(connection) as captured:
        events = api.get(f"{URL}/{pk}/timeline").json()["events"]
    return [event["kind"] for event in events], [query["sql"] for query in captured]


def test_the_timeline_loads_no_bytes(api, unit, zatca):
    pk = api.post(URL, standard()).json()["id"]

    kinds, queries = told(api, pk)

    assert kinds == ["accepted", "sealed", "claimed", "answered", "settled"]
    assert any('FROM "invoice_attempts"' in sql for sql in queries)
    assert [sql for sql in queries if any(column in sql for column in HEAVY)] == []


def test_a_longer_story_takes_no_more_queries(api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="reject")
    pk = api.post(URL, standard()).json()["id"]
    _, short = told(api, pk)
    api.post(URL, standard(line_items=[{**LINE, "unit_price": "90.00"}]))

    kinds, queries = told(api, pk)

    assert kinds.count("answered") == 2
    assert len(queries) == len(short)
