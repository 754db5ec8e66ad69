"""A client on a bare socket, that sees every byte and how the connection ended."""

import json
import socket
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

from tests.invoicing.sandbox.taxpayer import Paper, Unit


@dataclass
class Seen:
    """What came over the wire, byte by byte, and how the connection ended."""

    data: bytes
    end: str  # "closed", "reset" or "silent"

    @property
    def status(self) -> int:
        return int(self.data.split(b" ", 2)[1])

    @property
    def head(self) -> dict[str, str]:
        lines = self.data.split(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        return dict(line.split(": ", 1) for line in lines)

    @property
    def body(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[2]


def send_raw(
    unit: Unit, document: Paper, *, call: str = "reporting", patience: float = 1.0
) -> Seen:
    """Submit over a bare socket and read for as long as `patience` says, or 100 kB."""
    parts = urlsplit(unit.base_url)
    body = json.dumps(document.body).encode()
    request = requests.Request(
        "POST",
        f"{unit.base_url}/invoices/{call}/single",
        auth=unit.credentials,
        headers={"Accept-Version": "V2", "Clearance-Status": "1" if call == "clearance" else "0"},
    ).prepare()
    head = f"POST {request.path_url} HTTP/1.1\r\nHost: {parts.netloc}\r\n" + "".join(
        f"{name}: {value}\r\n"
        for name, value in request.headers.items()
        if name != "Content-Length"
    )
    head += f"Content-Length: {len(body)}\r\n\r\n"
    with socket.create_connection((parts.hostname, parts.port), timeout=patience) as connection:
        connection.sendall(head.encode() + body)
        return receive(connection, patience)


def receive(connection: socket.socket, patience: float) -> Seen:
    data, until = b"", time.monotonic() + patience
    while time.monotonic() < until and len(data) < 100_000:
        try:
            chunk = connection.recv(65_536)
        except TimeoutError:
            break
        except ConnectionResetError:
            return Seen(data, "reset")
        if not chunk:
            return Seen(data, "closed")
        data += chunk
        if b"\r\n\r\n" in data and is_whole(Seen(data, "silent")):
            break
    return Seen(data, "silent")


def is_whole(seen: Seen) -> bool:
    length = seen.head.get("Content-Length")
    return length is not None and len(seen.body) >= int(length)
