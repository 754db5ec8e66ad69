import pytest
from django.test import RequestFactory

from config.preferences import prefer


@pytest.mark.parametrize(
    ("header", "understood"),
    [
        # RFC 7240 §2 and its examples.
        ("respond-async", {"respond-async": ""}),
        ("Respond-Async, wait=10", {"respond-async": "", "wait": "10"}),
        ('handling = "strict"; a=b', {"handling": "strict"}),
        ("handling=lenient, handling=strict", {"handling": "lenient"}),
        ("", {}),
        (",;=,,", {}),
    ],
)
def test_preferences_are_read(header, understood):
    assert prefer(RequestFactory().get("/", headers={"Prefer": header})) == understood


def test_an_unknown_parameter_is_ignored_unless_strictness_is_preferred(api, probes):
    path = "/api/v1/probes?limit=5&page=1&kind=A&search=x&since=&colour=red"
    assert api.get(path).status_code == 200

    refused = api.get(path, headers={"Prefer": "handling=strict"})

    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (400, "unknown_parameter")
    assert [entry["param"] for entry in error["errors"]] == ["colour"]
