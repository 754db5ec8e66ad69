"""Routes answer with and without a trailing slash, and neither redirects (contracts 3).

A redirected POST loses its body; the documents spell every path without the slash.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponseBase
from django.urls import URLPattern, path
from rest_framework.routers import SimpleRouter


def both(route: str, view: Callable[..., HttpResponseBase], name: str) -> list[URLPattern]:
    """`route` with and without a trailing slash; reverse() gives the one without."""
    # Of equal names reverse() takes the last.
    return [path(f"{route}/", view, name=name), path(route, view, name=name)]


class ApiRouter(SimpleRouter):
    """DRF's router for both spellings; a lookup may hold dots, as invoice numbers do."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.trailing_slash = "/?"
        self._default_value_pattern = "[^/]+"
