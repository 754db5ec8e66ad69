"""What every answer carries, and which language it is in."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django_structlog.middlewares import RequestMiddleware
from django_structlog.signals import bind_extra_request_metadata

from config.addresses import is_api

HEADER = "X-Request-ID"
_SIGNED_LINK = re.compile(r"\A/p/[^/]+")
_SAFE = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")


class RequestIdMiddleware:
    """One id per request: in the logs, in error bodies, in log rows and in the answer's header.

    A caller's own id is kept when it is short and plain; anything else is replaced, since it will
    stand in log lines. Must come first, so that answers of other middleware carry it too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.META.get("HTTP_X_REQUEST_ID", "")
        chosen = sent if _SAFE.match(sent) else f"req_{uuid.uuid4().hex}"
        request.request_id = chosen
        response = self.get_response(request)
        response[HEADER] = chosen
        return response


def request_id(request: Any) -> str | None:
    """The id of this request; None outside of one."""
    return getattr(request, "request_id", None)


@receiver(bind_extra_request_metadata)
def _log_under_this_id(sender: type, request: HttpRequest, **kwargs: Any) -> None:
    # django-structlog has made an id of its own by now, or believed the caller's.
    structlog.contextvars.bind_contextvars(request_id=request_id(request))


class RequestLogMiddleware(RequestMiddleware):
    """django-structlog's lines without the query: people paste keys there, and search for names.

    Nor a signed link: whoever reads it may open the document.
    """

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {_SIGNED_LINK.sub('/p/…', request.path)}"


class OfficeLocaleMiddleware(LocaleMiddleware):
    """Django's own for the admin. The API always answers in both languages, so it never varies."""

    def process_request(self, request: HttpRequest) -> None:
        if is_api(request.path):
            translation.activate("en")
            request.LANGUAGE_CODE = "en"
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if is_api(request.path):
            return response
        return super().process_response(request, response)
