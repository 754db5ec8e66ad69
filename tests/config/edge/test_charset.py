"""A charset in Content-Type changes nothing: Django alone answers some of these with a bare 500."""

import io
import json

import pytest
from django.core.handlers.wsgi import WSGIHandler

from config.charset import utf8_only


def post(application, content_type: str, body: bytes) -> tuple[str, bytes]:
    seen: list[str] = []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/echo",
        "QUERY_STRING": "search=%41%C3%A9",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
    }
    answer = application(environ, lambda status, headers: seen.append(status))
    return seen[0], b"".join(answer)


@pytest.mark.parametrize("charset", ["hex", "bz2_codec", "rot13", "idna", "utf-16", "UTF-8", '"x"'])
def test_query_and_body_are_read_as_utf_8(charset):
    content_type = f"application/json; charset={charset}; a=b"

    status, body = post(utf8_only(WSGIHandler()), content_type, '{"name": "é"}'.encode())

    assert status == "200 OK"
    assert json.loads(body) == {"query": {"search": "Aé"}, "body": {"name": "é"}}
