"""The answering end of one connection: how an answer is sent, and every way it can fail to be."""

import os
import select
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from invoicing.sandbox.answers import Answer

Args = Mapping[str, Any]

POLL = 0.05


class Wire:
    """One accepted connection while one call is answered on it."""

    def __init__(self, connection: socket.socket, stopping: threading.Event) -> None:
        self._connection = connection
        self._stopping = stopping
        self.is_open = True

    def send(self, answer: Answer) -> None:
        """The whole answer at once; the connection stays open for the next call."""
        self.write(head(answer, length=len(answer.body)) + answer.body)

    def write(self, data: bytes) -> None:
        """Raises ConnectionError or another OSError when the client has gone."""
        self._connection.sendall(data)

    def trickle(self, data: bytes, *, interval: float) -> None:
        """One byte at a time, until all is sent or the client has had enough."""
        for position in range(len(data)):
            self.write(data[position : position + 1])
            if not self.wait(interval):
                return

    def wait(self, seconds: float) -> bool:
        """Do nothing for so long; False as soon as the client leaves or the stand-in stops."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self._stopping.is_set() or self._client_left():
                return False
            time.sleep(min(left, POLL))
        return True

    def close(self) -> None:
        """End the connection in an orderly way (FIN)."""
        self._connection.shutdown(socket.SHUT_RDWR)
        self.is_open = False

    def reset(self) -> None:
        """Break the connection (RST).

        The descriptor is closed under the file objects that share it: a plain close() waits for
        them, and the server would say FIN first.
        """
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self._connection.detach())
        self.is_open = False

    def _client_left(self) -> bool:
        readable, _, _ = select.select([self._connection], [], [], 0)
        if not readable:
            return False
        try:
            return self._connection.recv(1, socket.MSG_PEEK) == b""
        except ConnectionError:
            return True


def head(answer: Answer, *, length: int | None) -> bytes:
    """Status line and headers; without a length the body ends with the connection."""
    headers = {"Content-Type": answer.content_type} | dict(answer.headers)
    if length is None:
        headers["Connection"] = "close"
    else:
        headers["Content-Length"] = str(length)
    try:
        reason = HTTPStatus(answer.status).phrase
    except ValueError:
        reason = "Unknown"
    lines = [f"HTTP/1.1 {answer.status} {reason}", *(f"{k}: {v}" for k, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def send(wire: Wire, answer: Answer, args: Args) -> None:
    wire.send(answer)


def reset(wire: Wire, answer: Answer, args: Args) -> None:
    wire.reset()


def close(wire: Wire, answer: Answer, args: Args) -> None:
    wire.close()


def hang(wire: Wire, answer: Answer, args: Args) -> None:
    wire.wait(args["seconds"])
    wire.close()


def send_late(wire: Wire, answer: Answer, args: Args) -> None:
    if wire.wait(args["seconds"]):
        wire.send(answer)
    else:
        wire.close()


def send_half(wire: Wire, answer: Answer, args: Args) -> None:
    """Announce the whole body, send half of it, and end."""
    wire.write(head(answer, length=len(answer.body)) + answer.body[: len(answer.body) // 2])
    wire.close()


def reset_midway(wire: Wire, answer: Answer, args: Args) -> None:
    wire.write(head(answer, length=len(answer.body)) + answer.body[: len(answer.body) // 2])
    # The half must have left before the reset throws the send buffer away.
    wire.wait(POLL)
    wire.reset()


def drip_headers(wire: Wire, answer: Answer, args: Args) -> None:
    wire.trickle(head(answer, length=len(answer.body)), interval=args["interval"])
    wire.close()


def drip_body(wire: Wire, answer: Answer, args: Args) -> None:
    wire.write(head(answer, length=len(answer.body)))
    wire.trickle(answer.body, interval=args["interval"])
    wire.close()


def send_endlessly(wire: Wire, answer: Answer, args: Args) -> None:
    """A body without an end; `limit` bytes at most, for a client that never hangs up."""
    wire.write(head(answer, length=None))
    for chunk in _padding(args["limit"]):
        wire.write(chunk)
    wire.close()


def send_hugely(wire: Wire, answer: Answer, args: Args) -> None:
    """The right answer behind so many `bytes` of white space, which JSON allows."""
    wire.write(head(answer, length=args["bytes"] + len(answer.body)))
    for chunk in _padding(args["bytes"]):
        wire.write(chunk)
    wire.write(answer.body)


def _padding(size: int) -> Iterator[bytes]:
    chunk = b" " * 65_536
    for _ in range(size // len(chunk)):
        yield chunk
    yield b" " * (size % len(chunk))
