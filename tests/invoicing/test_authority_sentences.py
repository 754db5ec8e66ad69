"""What the authority refuses is told in the caller's field names and in Arabic, too."""

import pytest

from tests.invoicing.payloads import LINE, standard
from tests.invoicing.traces import URL


@pytest.mark.parametrize(
    ("code", "lines", "param"),
    [
        ("BR-KSA-40", 1, "seller_tax_number"),
        ("BR-KSA-44", 1, "buyer_tax_number"),
        ("BR-KSA-84", 1, "line_items[0].tax_rate"),
        ("BR-KSA-84", 2, "line_items"),  # the authority does not say which
        ("BR-CO-15", 1, "total_amount"),
        ("BR-KSA-33", 1, None),
        ("invalid-invoice-hash", 1, None),
        ("certificate-permissions", 1, "egs_unit"),
        ("TIMESTAMP_QRCODE_INVALID", 1, None),
    ],
)
def test_a_refusal_names_the_field(api, unit, zatca, code, lines, param):
    zatca.control.script("INV-1", delivery=1, fault="reject", code=code, message="As arranged.")

    answer = api.post(URL, standard(line_items=[dict(LINE) for _ in range(lines)])).json()

    [error] = answer["errors"]
    assert (error["code"], error["message"], error["param"]) == (code, "As arranged.", param)
    assert any("\u0600" <= letter <= "\u06ff" for letter in error["message_ar"])


def test_a_code_that_nobody_knows_has_an_arabic_sentence_all_the_same(api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="reject", code="BR-KSA-4711", message="New.")

    [error] = api.post(URL, standard()).json()["errors"]

    assert (error["message"], error["param"]) == ("New.", None)
    assert error["message_ar"] == "لم تتحقق قاعدة الهيئة BR-KSA-4711."


def test_a_warning_is_told_likewise(api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="warn", code="BR-KSA-10", message="Street.")

    [warning] = api.post(URL, standard()).json()["warnings"]

    assert (warning["code"], warning["param"]) == ("BR-KSA-10", "buyer_address")
    assert warning["message_ar"] == "العنوان خارج المملكة يحتاج الشارع والمدينة."
