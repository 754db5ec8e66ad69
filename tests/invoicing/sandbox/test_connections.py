"""Clients that overlap, idle, hang and leave."""

import json
import socket
import struct
import time
from urllib.parse import urlsplit

import requests

from tests.invoicing.sandbox.rawclient import receive
from tests.invoicing.sandbox.taxpayer import held


def test_two_of_the_same_under_way_overlap(authority, unit):
    document = unit.document()
    authority.control.script(document.number, delivery=1, fault="slow", seconds=30)
    parts = urlsplit(unit.base_url)

    with socket.create_connection((parts.hostname, parts.port)) as first:
        body = json.dumps(document.body).encode()
        request = requests.Request(
            "POST", unit.base_url, auth=unit.credentials, headers={"Accept-Version": "V2"}
        ).prepare()
        first.sendall(
            f"POST {parts.path}/invoices/reporting/single HTTP/1.1\r\nAccept-Version: V2\r\n"
            f"Authorization: {request.headers['Authorization']}\r\nClearance-Status: 0\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        wait_for(lambda: held(authority) == ["REPORTED"])
        again = unit.report(document)

    # The first client has left, so a third delivery comes alone.
    time.sleep(0.2)
    unit.report(document)

    assert again.status_code == 409
    overlaps = [row["overlap"] for row in authority.control.deliveries(document.number)]
    assert overlaps == [0, 1, 0]


def wait_for(condition) -> None:
    until = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_hanging_call_ends_with_its_client(authority, unit, meet):
    meet("hang_after", seconds=600, patience=0.1)

    started = time.monotonic()
    authority.stop()
    authority.start()

    assert time.monotonic() - started < 2.5


def test_an_idle_connection_does_not_hold_up_the_end(authority, unit):
    parts = urlsplit(unit.base_url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as idle:
        idle.sendall(b"GET /_control/health HTTP/1.1\r\n\r\n")
        assert receive(idle, 5).status == 200

        started = time.monotonic()
        authority.stop()
        authority.start()

        assert time.monotonic() - started < 2.5
        assert idle.recv(1) == b""


def test_a_client_that_breaks_off_harms_nobody(authority, unit):
    parts = urlsplit(unit.base_url)
    broken = socket.create_connection((parts.hostname, parts.port))
    broken.sendall(b"POST /compliance HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
    broken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    broken.close()

    assert unit.report(unit.document()).status_code == 200


def test_a_body_above_the_limit_is_not_read(authority, unit):
    answer = requests.post(
        f"{unit.base_url}/compliance", headers={"Content-Length": str(2**30)}, timeout=5
    )

    assert answer.status_code == 413
