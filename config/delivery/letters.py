"""What a letter is, and who writes the letters of which kind: every app registers its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.delivery.models import MailMessage


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content: bytes
    kind: str  # such as application/pdf


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it is about to leave: title, plain and HTML text, attachments."""

    title: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()


Writer = Callable[["MailMessage"], Letter]
WRITERS: dict[str, Writer] = {}


def register(kind: str, writer: Writer) -> None:
    """Have `writer` write the letters of `kind` at the time of sending; from AppConfig.ready.

    It raises a Problem where the letter may not be written any more: the message is FAILED then.
    """
    WRITERS[kind] = writer
