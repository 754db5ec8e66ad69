"""Everything here speaks UTF-8, whatever a Content-Type says of its charset."""

import re
from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_CHARSET = re.compile(r";\s*charset\s*=\s*[^;]*", re.IGNORECASE)


def utf8_only(application: Application) -> Application:
    """A WSGI application that never sees a charset.

    Django decodes the query string with it while the request is still being made, where no handler
    can catch what a byte codec such as ``hex`` then raises: the caller gets the server's bare 500.
    """

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["CONTENT_TYPE"] = _CHARSET.sub("", environ.get("CONTENT_TYPE", ""))
        return application(environ, start_response)

    return wrapped
