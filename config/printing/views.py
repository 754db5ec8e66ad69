"""What a signed link opens. No credential is asked: the link is one."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from config.printing.links import Link, opened, source_of
from config.problems import Problem
from config.routing import both

# The address is the key to the document: it is not passed on, kept, indexed or framed.
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store, private",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Content-Security-Policy": "default-src 'none'; img-src data:; "
    "style-src 'self' 'unsafe-inline'; font-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
}


def _of_link(show: Callable[[HttpRequest, Link, str], HttpResponse]) -> Callable[..., HttpResponse]:
    """Open the token and show; every refusal is one page that tells nothing of the document."""

    @wraps(show)
    def view(request: HttpRequest, token: str) -> HttpResponse:
        try:
            response = show(request, opened(token), token)
        except Problem as refusal:
            response = _refused(request, refusal)
        for name, value in HEADERS.items():
            response[name] = value
        return response

    return require_safe(view)


def _refused(request: HttpRequest, refusal: Problem) -> HttpResponse:
    is_over = refusal.code == "link_expired"
    return render(
        request, "printing/refused.html", {"is_over": is_over}, status=410 if is_over else 404
    )


@_of_link
def page(request: HttpRequest, link: Link, token: str) -> HttpResponse:
    template, context = source_of(link).page(link)
    context["pdf_url"] = reverse("signed-pdf", args=[token])
    return render(request, template, context)


@_of_link
def pdf(request: HttpRequest, link: Link, token: str) -> HttpResponse:
    content, name = source_of(link).pdf(link)
    return HttpResponse(content, content_type="application/pdf", headers=attachment(name))


def attachment(name: str) -> dict[str, str]:
    """The header that saves an answer under `name`, whatever script it is written in."""
    return {"Content-Disposition": content_disposition_header(True, name) or ""}


urlpatterns = [
    *both("p/<str:token>", page, "signed-page"),
    *both("p/<str:token>/pdf", pdf, "signed-pdf"),
]
