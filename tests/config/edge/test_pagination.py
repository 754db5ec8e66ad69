import math

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from config.pagination import COUNT_CAP, EnvelopePagination
from tests.config.edge.probe import Probe


def fill(probes, count):
    probes.bulk_create([Probe(name=f"n{i}", amount=i) for i in range(count)], batch_size=1000)


def test_a_page_and_its_numbers(api, probes):
    fill(probes, 7)

    page = api.get("/api/v1/probes?page=2&limit=3").json()

    assert [row["name"] for row in page.pop("probes")] == ["n3", "n2", "n1"]
    assert page == {
        "total": 7,
        "page": 2,
        "limit": 3,
        "total_pages": 3,
        "total_is_capped": False,
    }


@pytest.mark.parametrize(
    ("rows", "page", "total"), [(0, 1, 0), (7, 1, 7), (7, 2, 7), (7, 3, 7), (9, 3, 9), (7, 99, 7)]
)
def test_the_total_is_the_same_from_every_page(api, probes, rows, page, total):
    fill(probes, rows)

    answer = api.get(f"/api/v1/probes?page={page}&limit=3").json()

    assert (answer["total"], answer["total_pages"]) == (total, math.ceil(total / 3))
    assert len(answer["probes"]) == max(0, min(3, rows - 3 * (page - 1)))


def test_the_total_is_exact_up_to_the_cap_and_pages_beyond_are_answered(api, probes):
    fill(probes, COUNT_CAP)
    exact = api.get("/api/v1/probes?limit=100").json()
    assert (exact["total"], exact["total_is_capped"]) == (10_000, False)

    fill(probes, 150)
    capped = api.get("/api/v1/probes?limit=100").json()
    beyond = api.get("/api/v1/probes?limit=100&page=102").json()
    for answer in (capped, beyond):
        assert (answer["total"], answer["total_is_capped"]) == (10_000, True)
        assert answer["total_pages"] == 100
    assert len(beyond["probes"]) == 50


def test_counting_stops_at_the_cap(probes, django_assert_num_queries, api):
    fill(probes, 3)

    with django_assert_num_queries(2) as queries:
        api.get("/api/v1/probes?limit=2")
    assert "LIMIT 10001" in queries.captured_queries[-1]["sql"]


def test_rows_of_one_sort_key_never_change_places(probes):
    fill(probes, 4)
    paginator = EnvelopePagination()
    request = Request(APIRequestFactory().get("/?per_page=2"))

    rows = paginator.paginate_queryset(probes.order_by("kind"), request)

    assert [row.name for row in rows] == ["n3", "n2"]


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=x", "page=1.0", "page=", "limit=0", "limit=101", "limit=x"]
)
def test_a_number_that_makes_no_sense_is_refused(api, probes, query):
    response = api.get(f"/api/v1/probes?{query}")

    assert response.status_code == 400
    assert response.json()["error"]["param"] == query.partition("=")[0]


def test_the_laboratorys_list_has_its_envelope_and_takes_too_many_as_the_maximum(probes):
    fill(probes, 12)
    paginator = EnvelopePagination()
    request = Request(APIRequestFactory().get("/?per_page=5000"))

    rows = paginator.paginate_queryset(probes.all(), request)
    answer = paginator.get_paginated_response([row.name for row in rows]).data

    assert len(answer.pop("data")) == 12
    assert answer == {
        "success": True,
        "message": "Retrieved successfully",
        "total": 12,
        "page": 1,
        "per_page": 100,
        "total_pages": 1,
        "total_is_capped": False,
    }
