"""Amounts in words, as they stand on an Indian bill: lakh and crore. Pure."""

from decimal import Decimal

_SMALL = (
    *("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"),
    *("Eleven", "Twelve", "Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen"),
    *("Eighteen", "Nineteen"),
)
_TENS = ["Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety"]
_GROUPS = ((10_000_000, "Crore"), (100_000, "Lakh"), (1_000, "Thousand"), (100, "Hundred"))


def amount_in_words(amount: Decimal) -> str:
    """``Rupees One Thousand One Hundred Twenty-One and Fifty Paise Only``."""
    rupees, paise = divmod(int(abs(amount) * 100), 100)
    said = f"Rupees {_words(rupees)}"
    if paise:
        said += f" and {_words(paise)} Paise"
    return f"{'Minus ' if amount < 0 else ''}{said} Only"


def _words(number: int) -> str:
    if number < 20:
        return _SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens - 2] + (f"-{_SMALL[ones]}" if ones else "")
    size, name = next((size, name) for size, name in _GROUPS if number >= size)
    count, rest = divmod(number, size)
    return f"{_words(count)} {name}" + (f" {_words(rest)}" if rest else "")
