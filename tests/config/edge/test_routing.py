import pytest
from django.urls import reverse


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/api/v1/numbers", {"numbers": []}),
        ("/api/v1/numbers/INV-1", {"number": "INV-1"}),
        ("/api/v1/numbers/A.1", {"number": "A.1"}),
        ("/api/v1/numbers/A.1/status", {"status_of": "A.1"}),
        ("/api/v1/numbered/A.1/2024/status", {"status_of": "A.1/2024"}),
    ],
)
def test_both_spellings_answer_alike_and_neither_redirects(api, path, answer):
    for spelling in (path, f"{path}/"):
        response = api.get(spelling)
        assert (response.status_code, response.json()) == (200, answer)


def test_a_post_with_a_slash_keeps_its_body(api, probes):
    body = {"name": "Najd", "amount": 1}

    assert api.post("/api/v1/probes/", body, format="json").status_code == 201


def test_links_have_the_documents_spelling():
    assert reverse("probe", args=[7]) == "/api/v1/probes/7"
    assert reverse("number-detail", args=["A.1"]) == "/api/v1/numbers/A.1"
