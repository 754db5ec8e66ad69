"""How the catalogue of official rules is written down."""

from dataclasses import dataclass

from invoicing.zatca.rules.finding import Rule


@dataclass(frozen=True, slots=True)
class Entry:
    """An official rule in our words, and the field of the request that its breach is about.

    `param` is the field's path, ``[]`` standing for whichever item it is (``line_items[].name``);
    None for what Daftar writes itself, where no field of the caller's is at fault.
    """

    param: str | None
    message: str
    message_ar: str


Entries = dict[str, Entry]

OURS = "Daftar writes this itself: please report it, it is no mistake of yours."
OURS_AR = "يكتبه النظام بنفسه: نرجو الإبلاغ عنه، فليس الخطأ منك."


def about(param: str | None, rule: Rule) -> Entry:
    """The sentence of a request rule, for the official rule that it stands for."""
    return Entry(param, rule.message, rule.message_ar)


def ours(message: str, message_ar: str) -> Entry:
    """What no request can cause."""
    return Entry(None, f"{message} {OURS}", f"{message_ar} {OURS_AR}")


def too_long(param: str, what: str, what_ar: str, longest: int, shortest: int = 0) -> Entry:
    """A limit of length, BR-KSA-F-06-C1 to C40."""
    if shortest:
        return Entry(
            param,
            f"{what} has {shortest} to {longest} characters.",
            f"{what_ar}: من {shortest} إلى {longest} حرفاً.",
        )
    return Entry(
        param,
        f"{what} has at most {longest} characters.",
        f"{what_ar}: لا يزيد على {longest} حرفاً.",
    )


def decimals(param: str | None, what: str, what_ar: str) -> Entry:
    """Two decimals at most, BR-DEC-01 to 28 and BR-KSA-DEC."""
    return Entry(
        param,
        f"{what} has at most two decimals.",
        f"{what_ar}: منزلتان عشريتان على الأكثر.",
    )
