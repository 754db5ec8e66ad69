"""The client against real sockets: what it sends, and what it makes of every way to fail."""

import gzip
import json
import threading
import time
from base64 import b64decode, b64encode
from dataclasses import dataclass

import pytest

from config import transport
from config.transport import Event, Reached
from invoicing.zatca.client import Client, Credentials
from invoicing.zatca.environments import Environment
from invoicing.zatca.errors import OnboardingRefused
from tests.invoicing.zatca.faulty import (
    JSON_OK,
    Server,
    answers,
    drips,
    endless,
    free_port,
    hangs,
    http,
    resets,
    serving,
    tls_contexts,
)

DEADLINE = 0.4
CREDENTIALS = Credentials("TOKEN", "SECRET")
CSID = {
    "requestID": 1234567890123,
    "dispositionMessage": "ISSUED",
    "binarySecurityToken": "VE9LRU4=",
    "secret": "s3cret",
}


@dataclass(frozen=True)
class Parcel:
    xml: bytes = b"<Invoice>\xd8\xb4</Invoice>"
    invoice_hash: str = "HASH"
    uuid: str = "8e6000cf-1a98-4174-b3e7-b5d5954bc10d"


def client_of(url, **limits):
    return Client(url, **({"deadline": DEADLINE, "connect_timeout": 0.2} | limits))


def report(server, **limits):
    return client_of(server.url, **limits).report(CREDENTIALS, Parcel())


def headers_of(request):
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return dict(line.split(": ", 1) for line in lines)


@pytest.mark.parametrize(
    ("method", "path", "clearance_status"),
    [
        ("report", "/invoices/reporting/single", "0"),
        ("clear", "/invoices/clearance/single", "1"),
        ("check_compliance", "/compliance/invoices", None),
    ],
)
def test_a_document_goes_out_as_its_exact_bytes(method, path, clearance_status):
    with serving(answers(http("200 OK", JSON_OK))) as server:
        answer = getattr(client_of(server.url + "/core/"), method)(CREDENTIALS, Parcel())

    (request,) = server.requests
    headers = headers_of(request)
    sent = json.loads(request.partition(b"\r\n\r\n")[2])
    assert request.startswith(f"POST /core{path} HTTP/1.1\r\n".encode())
    assert sent.keys() == {"invoiceHash", "uuid", "invoice"}
    assert b64decode(sent["invoice"]) == Parcel.xml
    assert (sent["invoiceHash"], sent["uuid"]) == (Parcel.invoice_hash, Parcel.uuid)
    assert headers["Authorization"] == f"Basic {b64encode(b'TOKEN:SECRET').decode()}"
    assert headers["Accept-Version"] == "V2"
    assert headers["Accept-Language"] == "en"
    assert headers.get("Clearance-Status") == clearance_status
    assert (answer.http_status, answer.body) == (200, JSON_OK)
    assert (answer.event, answer.reached) == ("", "YES")


@pytest.mark.parametrize(
    ("environment", "path"),
    [("SANDBOX", "developer-portal"), ("SIMULATION", "simulation"), ("PRODUCTION", "core")],
)
def test_each_environment_has_its_address(environment, path):
    url = Environment(environment).base_url

    assert url == f"https://gw-fatoora.zatca.gov.sa/e-invoicing/{path}"


def test_a_refusal_comes_back_with_its_headers():
    refusal = http("429 Too Many", b"slow down", "Retry-After: 7", "Content-Type: text/plain")
    with serving(answers(refusal)) as server:
        answer = report(server)

    assert (answer.http_status, answer.body, answer.event) == (429, b"slow down", "")
    assert answer.headers == {"Retry-After": "7", "Content-Type": "text/plain"}


BOMB = gzip.compress(bytes(20_000_000))
DRIPPED_HEADERS = b"HTTP/1.1 200 OK\r\n" + b"X-Slow: 1\r\n" * 50 + b"\r\n{}"


@pytest.mark.parametrize(
    ("behave", "event"),
    [
        (drips(DRIPPED_HEADERS), Event.TIMEOUT),
        (drips(http("200 OK", JSON_OK * 20)), Event.TIMEOUT),
        (drips(b"HTTP/1.1 200 OK\r\n\r\n" + JSON_OK * 20), Event.TIMEOUT),
        (hangs, Event.TIMEOUT),
        (endless, Event.TOO_LARGE),
        (resets, Event.RESET),
        (answers(b""), Event.RESET),
        (answers(http("200 OK", JSON_OK)[:-5]), Event.TRUNCATED),
        (
            answers(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}"),
            Event.TRUNCATED,
        ),
        (answers(b"SSH-2.0-OpenSSH\r\n\r\n"), Event.MALFORMED),
        (answers(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70000 + b"\r\n\r\n"), Event.MALFORMED),
        (answers(b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n{}"), Event.MALFORMED),
        (answers(http("200 OK", b"no gzip", "Content-Encoding: gzip")), Event.TRUNCATED),
        (answers(http("200 OK", BOMB, "Content-Encoding: gzip")), Event.TOO_LARGE),
    ],
    ids=[
        "dripping headers",
        "dripping body",
        "dripping body without length",
        "hanging",
        "endless body",
        "reset",
        "closed without a word",
        "truncated",
        "truncated chunk",
        "another protocol",
        "endless header",
        "two lengths",
        "false gzip",
        "gzip bomb",
    ],
)
def test_a_broken_exchange_has_its_word_and_ends_in_time(behave, event):
    with serving(behave) as server:
        started = time.monotonic()
        answer = report(server, max_bytes=200_000)
        elapsed = time.monotonic() - started

    assert answer.event == event
    assert answer.reached == Reached.MAYBE
    assert len(server.requests) == 1
    assert len(answer.body) <= 200_000
    assert elapsed < DEADLINE * 5


def test_what_arrived_before_it_broke_is_kept():
    with serving(answers(http("200 OK", JSON_OK)[:-5])) as server:
        answer = report(server)

    assert (answer.http_status, answer.body) == (200, JSON_OK[:-5])


def test_an_endless_body_is_not_kept_whole():
    with serving(endless) as server:
        answer = report(server, max_bytes=500_000)

    assert answer.body == b"x" * 65536


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary"])
def test_no_redirect_is_followed(status):
    with serving(answers(http("200 OK", JSON_OK))) as elsewhere:
        location = f"Location: {elsewhere.url}/stolen"
        with serving(answers(http(status, b"", location))) as server:
            answer = report(server)

    assert answer.http_status == int(status[:3])
    assert elsewhere.requests == []
    assert len(server.requests) == 1


def test_nobody_listens():
    answer = client_of(f"http://127.0.0.1:{free_port()}").report(CREDENTIALS, Parcel())

    assert (answer.event, answer.reached) == (Event.CONNECT_FAILED, Reached.NO)
    assert (answer.http_status, answer.body) == (None, b"")
    assert answer.elapsed < DEADLINE * 5


def test_a_name_that_does_not_resolve_is_not_reached():
    answer = client_of("http://zatca.invalid").report(CREDENTIALS, Parcel())

    assert (answer.event, answer.reached) == (Event.CONNECT_FAILED, Reached.NO)


def test_connecting_is_tried_again_within_the_deadline():
    port = free_port()
    servers = []

    def open_late():
        servers.append(Server(answers(http("200 OK", JSON_OK)), port=port))

    threading.Timer(0.1, open_late).start()
    answer = client_of(f"http://127.0.0.1:{port}", deadline=2).report(CREDENTIALS, Parcel())
    servers[0].stop()

    assert (answer.event, answer.http_status) == ("", 200)
    assert len(servers[0].requests) == 1


def test_a_server_without_a_trusted_certificate_gets_nothing(tmp_path):
    server_side, _ = tls_contexts(tmp_path)
    with serving(answers(http("200 OK", JSON_OK)), tls=server_side) as server:
        answer = report(server, deadline=2)

    assert (answer.event, answer.reached) == (Event.TLS_FAILED, Reached.NO)
    assert server.requests == []


@pytest.mark.parametrize(
    ("behave", "event"),
    [
        (answers(http("200 OK", JSON_OK)), ""),
        (drips(http("200 OK", JSON_OK * 20)), "timeout"),
        (hangs, "timeout"),
        (answers(http("200 OK", JSON_OK)[:-5]), "truncated"),
    ],
)
def test_the_same_holds_inside_tls(behave, event, tmp_path, monkeypatch):
    server_side, client_side = tls_contexts(tmp_path)
    monkeypatch.setattr(transport, "_tls", lambda: client_side)
    with serving(behave, tls=server_side) as server:
        started = time.monotonic()
        answer = report(server)

    assert answer.event == event
    assert time.monotonic() - started < DEADLINE * 5
    assert len(server.requests) == 1


def test_a_trusted_certificate_for_another_host_is_not_enough(tmp_path, monkeypatch):
    server_side, client_side = tls_contexts(tmp_path)
    monkeypatch.setattr(transport, "_tls", lambda: client_side)
    with serving(answers(http("200 OK", JSON_OK)), tls=server_side) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        answer = client_of(url, deadline=2).report(CREDENTIALS, Parcel())

    assert (answer.event, answer.reached) == (Event.TLS_FAILED, Reached.NO)
    assert server.requests == []


def test_a_handshake_that_never_ends_has_sent_nothing():
    with serving(hangs) as server:
        started = time.monotonic()
        answer = client_of(server.url.replace("http:", "https:")).report(CREDENTIALS, Parcel())

    assert (answer.event, answer.reached) == (Event.CONNECT_FAILED, Reached.NO)
    assert time.monotonic() - started < DEADLINE * 5


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{free_port()}")
    with serving(answers(http("200 OK", JSON_OK))) as server:
        assert report(server).http_status == 200


def test_one_client_serves_many_threads():
    answered = []
    with serving(answers(http("200 OK", JSON_OK))) as server:
        client = client_of(server.url, deadline=5)

        def send():
            answered.append(client.report(CREDENTIALS, Parcel()).http_status)

        threads = [threading.Thread(target=send) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert answered == [200] * 16
    assert len(server.requests) == 16


def test_no_timer_outlives_its_exchange():
    before = threading.active_count()
    with serving(answers(http("200 OK", JSON_OK))) as server:
        report(server, deadline=60)
    time.sleep(0.05)

    assert threading.active_count() <= before


def csid(server):
    return client_of(server.url).compliance_csid("-----BEGIN CERTIFICATE REQUEST-----\n", "123345")


def test_a_compliance_csid_costs_a_csr_and_a_password():
    with serving(answers(http("200 OK", json.dumps(CSID).encode()))) as server:
        answer = csid(server)

    (request,) = server.requests
    assert request.startswith(b"POST /compliance HTTP/1.1\r\n")
    assert headers_of(request)["OTP"] == "123345"
    assert "Authorization" not in headers_of(request)
    sent = json.loads(request.partition(b"\r\n\r\n")[2])
    assert b64decode(sent["csr"]) == b"-----BEGIN CERTIFICATE REQUEST-----\n"
    assert (answer.request_id, answer.disposition) == ("1234567890123", "ISSUED")
    assert answer.credentials == Credentials("VE9LRU4=", "s3cret")
    assert "s3cret" not in repr(answer)
    assert "s3cret" not in repr(answer.credentials)


def test_a_production_csid_costs_the_request_id():
    with serving(answers(http("200 OK", json.dumps(CSID).encode()))) as server:
        client_of(server.url).production_csid(CREDENTIALS, "77")

    (request,) = server.requests
    assert request.startswith(b"POST /production/csids HTTP/1.1\r\n")
    assert json.loads(request.partition(b"\r\n\r\n")[2]) == {"compliance_request_id": "77"}
    assert headers_of(request)["Authorization"].startswith("Basic ")


def test_a_renewal_may_end_in_new_compliance_checks():
    not_compliant = CSID | {"dispositionMessage": "NOT_COMPLIANT"}
    body = json.dumps({"value": not_compliant}).encode()
    with serving(answers(http("428 Precondition Required", body))) as server:
        answer = client_of(server.url).renew_csid(CREDENTIALS, "CSR", "123345")

    assert server.requests[0].startswith(b"PATCH /production/csids HTTP/1.1\r\n")
    assert answer.disposition == "NOT_COMPLIANT"


@pytest.mark.parametrize(
    ("behave", "code", "http_status"),
    [
        (
            answers(http("400 Bad", b'{"errors": [{"code": "Invalid-OTP", "message": "no"}]}')),
            "Invalid-OTP",
            400,
        ),
        (
            answers(http("400 Bad", b'{"code": "Missing-ComplianceSteps", "message": "do"}')),
            "Missing-ComplianceSteps",
            400,
        ),
        (answers(http("200 OK", b"<html>")), "zatca_unreadable", 200),
        (answers(http("200 OK", b'{"secret": "x"}')), "zatca_unreadable", 200),
        (answers(http("502 Bad Gateway", b"<html>")), "zatca_unavailable", 502),
        (hangs, "zatca_timeout", None),
        (resets, "zatca_unavailable", None),
    ],
)
def test_a_csid_that_is_not_issued_says_why(behave, code, http_status):
    with serving(behave) as server, pytest.raises(OnboardingRefused) as refused:
        csid(server)

    assert (refused.value.code, refused.value.http_status) == (code, http_status)
