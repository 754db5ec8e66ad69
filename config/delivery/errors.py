"""What the outbox refuses."""

from typing import TYPE_CHECKING

from config.problems import Conflict, Problem, Unavailable

if TYPE_CHECKING:
    from config.delivery.models import MailMessage


class ChangedMeanwhile(Exception):
    """Another process moved the message since it was read."""

    def __init__(self, message: "MailMessage") -> None:
        super().__init__(f"mail {message.pk} was changed meanwhile")


class NetworkInTransaction(RuntimeError):
    """A bug: mail must not be sent while a transaction is open."""


class MailNotConfigured(Unavailable):
    code = "mail_not_configured"
    message = "No mail server is configured (MAIL_URL), so nothing was sent."
    message_ar = "لم يُضبط خادم بريد (MAIL_URL)، ولذلك لم يُرسل شيء."


class NotFailed(Conflict):
    code = "mail_not_failed"
    message = "Only mail that failed for good is sent again from here."
    message_ar = "لا يُعاد من هنا إلا إرسال البريد الذي فشل نهائيًا."


class UnknownMail(Problem):
    """Never answered to a request: a message of a kind that no app registers any more."""

    status, code, type = 500, "mail_kind_unknown", "internal_error"
    message = "Nothing here knows how to write mail of this kind."
    message_ar = "لا يوجد ما يكتب بريدًا من هذا النوع."
