"""What printing refuses."""

from config.problems import NotFound, Problem


class LogoUnfit(Problem):
    """The picture cannot stand on a document; the sentence says why."""

    code = "logo_unfit"

    def __init__(self, message: str, message_ar: str) -> None:
        super().__init__(message, message_ar=message_ar, param="logo")


class LinkInvalid(NotFound):
    """Not a link of ours, changed on its way, or for something that is gone: all one answer."""

    code = "link_invalid"
    message = "This link is not valid."
    message_ar = "هذا الرابط غير صالح."


class LinkExpired(Problem):
    """A link of ours whose time is over."""

    status, code, type = 410, "link_expired", "not_found"
    message = "This link has expired. Ask the sender for a new one."
    message_ar = "انتهت صلاحية هذا الرابط. اطلب من المرسل رابطًا جديدًا."
