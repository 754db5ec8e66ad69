"""One error object for everything that goes wrong; only a bug is a 500, and it says nothing."""

import logging

import pytest

import config.idempotency.api  # noqa: F401  its codes are in the catalogue


def error_of(response):
    return response.json()["error"]


def test_every_wrong_field_is_named_with_its_path(api, probes):
    body = {
        "name": "x" * 201,
        "count": "many",
        "lines": [{"tax_rate": 15}, {}, {"tax_rate": "115"}],
    }

    response = api.post("/api/v1/probes", body, format="json")

    found = [(error["param"], error["code"]) for error in error_of(response)["errors"]]
    assert response.status_code == 400
    assert found == [
        ("name", "max_length"),
        ("amount", "required"),
        ("count", "invalid"),
        ("lines[1].tax_rate", "required"),
        ("lines[2].tax_rate", "max_value"),
    ]
    assert probes.count() == 0


def test_every_sentence_comes_in_english_and_arabic_whatever_the_caller_prefers(api, probes):
    body = {"name": "x" * 201, "amount": " 1"}

    response = api.post("/api/v1/probes", body, format="json", headers={"Accept-Language": "ar"})

    first, second = error_of(response)["errors"]
    assert first["message"] == "Ensure this field has no more than 200 characters."
    assert first["message_ar"] == "يجب ألا يتجاوز الطول 200."
    assert second["message"].startswith("A plain decimal number is required")
    assert second["message_ar"].startswith("يجب إدخال رقم عشري صريح")
    assert "Vary" not in response or "Accept-Language" not in response["Vary"]


def test_the_first_wrong_field_is_in_the_sentence_of_the_documents(api, probes):
    answer = api.post("/api/v1/probes", {}, format="json").json()

    assert answer["detail"] == "name: This field is required. (and 1 more)"
    assert answer["error"]["param"] == "name"
    assert answer["error"]["type"] == "invalid_request_error"
    assert answer["error"]["code"] == "invalid_request"


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("overflow", 400, "unprocessable_value"),
        ("data", 400, "unprocessable_value"),
        ("unicode", 400, "unprocessable_value"),
        ("recursion", 400, "unprocessable_value"),
        ("too-much", 400, "unprocessable_value"),
        ("multipart", 400, "invalid_request"),
        ("suspicious", 400, "invalid_request"),
        ("locked", 503, "database_unavailable"),
        ("lost", 503, "database_unavailable"),
        ("throttled", 429, "rate_limited"),
        ("denied", 403, "insufficient_scope"),
        ("foreign", 404, "not_found"),
        ("unauthenticated", 401, "unauthenticated"),
        ("failed-credential", 401, "unauthenticated"),
        ("conflict", 409, "conflict"),
        ("bug", 500, "internal_error"),
        ("no-table", 500, "internal_error"),
    ],
)
def test_an_exception_has_a_status_and_a_code(api, name, status, code):
    response = api.get(f"/api/v1/raises/{name}")

    assert (response.status_code, error_of(response)["code"]) == (status, code)
    assert response["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("name", "seconds"), [("throttled", "7"), ("locked", "5"), ("conflict", "3")]
)
def test_come_back_later_says_when(api, name, seconds):
    assert api.get(f"/api/v1/raises/{name}")["Retry-After"] == seconds


def test_a_missing_credential_is_challenged(api):
    assert api.get("/api/v1/raises/unauthenticated")["WWW-Authenticate"]


def test_what_the_refusal_is_about_stands_in_the_error(api):
    assert error_of(api.get("/api/v1/raises/conflict"))["invoice"] == {"id": 456}


def test_the_words_of_a_permission_reach_the_caller(api):
    assert api.get("/api/v1/raises/denied").json()["detail"] == "Not for clerks."


def test_a_bug_is_logged_once_with_its_trace_and_told_to_nobody(api, caplog):
    with caplog.at_level(logging.ERROR):
        response = api.get("/api/v1/raises/bug", headers={"X-Request-ID": "call-7"})

    assert b"secret-of-the-house" not in response.content
    assert error_of(response)["request_id"] == "call-7"
    traces = [record for record in caplog.records if record.exc_info]
    assert [record.exc_info[0] for record in traces] == [ZeroDivisionError]


def test_a_refusal_is_no_trace_in_the_log(api, caplog):
    api.get("/api/v1/raises/conflict")

    assert not [record for record in caplog.records if record.exc_info]


def test_the_laboratory_reads_its_envelope(api):
    body = api.get("/api/v1/health/raises/conflict").json()

    assert list(body) == ["success", "message", "errors", "error"]
    assert (body["success"], body["message"]) == (False, "Wait.")
    assert body["errors"][0]["code"] == "conflict"
    assert body["error"]["invoice"] == {"id": 456}


def test_an_absent_row_and_an_absent_route_have_one_body(api, probes):
    bodies = []
    for path in ("/api/v1/probes/999", "/api/v1/raises/foreign", "/api/v1/no-such-route"):
        response = api.get(path, headers={"X-Request-ID": "same"})
        assert response.status_code == 404
        bodies.append(response.content)
    assert len(set(bodies)) == 1


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("DELETE", "/api/v1/probes", {}, 405),
        ("GET", "/api/v1/probes", {"Accept": "text/html"}, 406),
    ],
)
def test_http_itself_is_refused_in_the_same_shape(api, probes, method, path, headers, status):
    response = api.generic(method, path, headers=headers)

    assert response.status_code == status
    assert error_of(response)["message_ar"]


def test_what_django_refuses_before_a_view_is_json_under_api(api):
    response = api.get("/api/v1/probes", headers={"Host": "evil.example"})

    assert (response.status_code, error_of(response)["code"]) == (400, "invalid_request")


def test_a_bug_outside_rest_is_json_under_api_and_a_page_elsewhere(api):
    assert error_of(api.get("/api/broken"))["code"] == "internal_error"
    assert api.get("/office/broken")["Content-Type"].startswith("text/html")


def test_every_answer_carries_a_request_id(api):
    kept = api.get("/healthz", headers={"X-Request-ID": "till-4.order_77"})
    made = api.get("/healthz", headers={"X-Request-ID": "two words"})
    long = api.get("/healthz", headers={"X-Request-ID": "x" * 65})

    assert kept["X-Request-ID"] == "till-4.order_77"
    for response in (made, long):
        assert response["X-Request-ID"].startswith("req_")
        assert len(response["X-Request-ID"]) == 36


def test_the_log_line_carries_the_same_id(api, caplog):
    with caplog.at_level(logging.INFO):
        response = api.get("/healthz", headers={"X-Request-ID": "two words"})

    ids = {record.msg["request_id"] for record in caplog.records if "request_id" in record.msg}
    assert ids == {response["X-Request-ID"]}


def test_a_code_has_a_page_and_the_error_points_at_it(api):
    error = error_of(api.get("/api/v1/raises/locked"))

    page = api.get(error["doc_url"]).json()
    assert (page["code"], page["status"]) == ("database_unavailable", 503)
    assert page["message"] == error["message"]


def test_the_catalogue_lists_every_code_once(api):
    codes = [entry["code"] for entry in api.get("/api/errors").json()]

    assert codes == sorted(set(codes))
    assert {"invalid_json", "idempotency_key_reused", "not_found", "internal_error"} <= set(codes)
    assert api.get("/api/errors/no-such-code").status_code == 404
