"""The mail server: hands over one letter, and says what became of it."""

import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formataddr
from enum import StrEnum

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

from config.db.transactions import in_transaction
from config.delivery import errors
from config.delivery.letters import Letter
from config.delivery.server import MailServer

# For every step of the conversation; the lease of a message is many times that.
STEP_SECONDS = 15


class Fate(StrEnum):
    TAKEN = "taken"  # the server has it
    LATER = "later"  # not now; whether it has it may be unknown
    NEVER = "never"  # refused for good
    OURS = "ours"  # the server refuses us, whatever the letter


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of handing a letter over: for the row, in the server's own words."""

    fate: Fate
    code: str = ""
    message: str = ""


def hand_over(
    server: MailServer,
    letter: Letter,
    *,
    to: str,
    message_id: str,
    sender_name: str,
    reply_to: str = "",
) -> Handed:
    """Send one letter; whatever happens comes back as Handed, never as an exception.

    Raises NetworkInTransaction where a transaction is open.
    """
    if in_transaction():
        raise errors.NetworkInTransaction
    email = EmailMultiAlternatives(
        subject=letter.title,
        body=letter.text,
        from_email=formataddr((_one_line(sender_name), server.sender)),
        to=[to],
        reply_to=[reply_to] if reply_to else None,
        headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
        attachments=[(one.name, one.content, one.kind) for one in letter.attachments],
    )
    email.attach_alternative(letter.html, "text/html")
    try:
        with _connection(server) as connection:
            connection.send_messages([email])
    except smtplib.SMTPRecipientsRefused as refused:
        return _refused(*next(iter(refused.recipients.values())))
    except smtplib.SMTPAuthenticationError as refused:
        return Handed(Fate.OURS, f"smtp_{refused.smtp_code}", _words(refused.smtp_error))
    except smtplib.SMTPResponseException as refused:
        return _refused(refused.smtp_code, refused.smtp_error)
    except (smtplib.SMTPNotSupportedError, smtplib.SMTPHeloError) as refused:
        return Handed(Fate.OURS, "smtp_not_supported", str(refused))
    except (OSError, smtplib.SMTPException) as trouble:
        # Refused, reset, silent, closed in the middle: nobody knows whether it was taken.
        return Handed(Fate.LATER, "smtp_unreachable", str(trouble) or type(trouble).__name__)
    return Handed(Fate.TAKEN)


def _connection(server: MailServer) -> EmailBackend:
    return EmailBackend(
        host=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls=server.starttls,
        use_ssl=server.tls,
        timeout=STEP_SECONDS,
    )


def _refused(code: int, words: bytes | str) -> Handed:
    # 4yz asks to try again, 5yz not to (RFC 5321 §4.2.1); 530 is about us, not the letter.
    fate = Fate.OURS if code == 530 else Fate.NEVER if code >= 500 else Fate.LATER
    return Handed(fate, f"smtp_{code}", _words(words))


def _words(words: bytes | str | Mapping) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return "".join(c if c.isprintable() else " " for c in text)[:500]


def _one_line(name: str) -> str:
    return " ".join(name.split())
