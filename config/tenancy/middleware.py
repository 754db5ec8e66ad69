"""The tenant of a staff session."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from config.addresses import is_api
from config.tenancy.authentication import bind_to_log
from config.tenancy.selectors import session_credential

SESSION_KEY = "tenant_id"


class ActiveTenantMiddleware:
    """Sets `request.credential` and `request.tenant`; both None without a session or a choice.

    The choice in the session is only a claim: the membership is read anew on every request.
    Programs send no cookie and cost nothing here; their tenant is `request.auth.tenant`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.credential = request.tenant = None
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            request.credential = session_credential(request.user, request.session.get(SESSION_KEY))
        if request.credential is not None:
            request.tenant = request.credential.tenant
            bind_to_log(request.credential)
            # The office reads its own clock; the API speaks UTC (contracts 12).
            if not is_api(request.path):
                with timezone.override(request.tenant.zone):
                    return self.get_response(request)
        return self.get_response(request)
