"""Views that answer with a file: asked for by the file's own media type, or by JSON's."""

from typing import Any, ClassVar

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.utils.mediatypes import media_type_matches, order_by_precedence


class FileAnswers:
    """`Accept` may name one of `file_types`; what is refused is told in JSON all the same.

    `accepted_file` is the type that was asked for where JSON was not.
    """

    file_types: ClassVar[tuple[str, ...]]
    accepted_file: str | None = None

    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        negotiate: Any = super().perform_content_negotiation  # type: ignore[misc]
        try:
            return negotiate(request, force)
        except NotAcceptable:
            self.accepted_file = _accepted(request, self.file_types)
            if self.accepted_file is None:
                raise
            return negotiate(request, force=True)


def _accepted(request: Request, types: tuple[str, ...]) -> str | None:
    """The most exact of what is accepted, in the order of the view's own types."""
    for equals in order_by_precedence(DefaultContentNegotiation().get_accept_list(request)):
        for one in types:
            if any(media_type_matches(one, accepted) for accepted in equals):
                return one
    return None
