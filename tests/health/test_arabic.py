"""Every finding about a bill is told in Arabic, too."""

import re
from pathlib import Path

import health
from health.arabic import OF_FIELDS, SENTENCES
from health.codes import MEANINGS
from tests.health.conftest import URL, bill, line, sample_of

# A Finding's code, where it is written out, or given to what writes one.
CODES = re.compile(r'"([A-Z]+(?:_[A-Z]+)+|required)"')
OF_DEEDS = {"CASH_LIMIT", "CANCELLED_AFTER_ITS_MONTH"}
ARITHMETIC = {"LINE_MISMATCH", "TOTALS_MISMATCH", "ROUNDOFF_TOO_LARGE"}


def test_every_code_of_a_finding_has_its_sentence():
    home = Path(health.__file__).parent
    found: set[str] = set()
    for name in ("gst.py", "findings.py", "services/checking.py", "services/picking.py"):
        found |= set(CODES.findall((home / name).read_text()))
    codes = (found | OF_DEEDS) - {"PRE_TAX", "POST_TAX"}

    assert codes - ARITHMETIC - {"VALIDATION_ERROR"} == set(SENTENCES)
    assert codes - {"VALIDATION_ERROR", "required"} == set(MEANINGS)
    assert all(
        re.search("[\u0600-\u06ff]", said) for said in (*SENTENCES.values(), *OF_FIELDS.values())
    )


def test_a_refusal_is_read_in_both_languages(lab_api, reference):
    sample = sample_of(reference)
    for said, field, arabic in (
        (sample | {"final_amount": 1121.51}, "final_amount",
         "يجب أن تكون قيمة final_amount: 1121.50؛ وهي 1121.51."),
        (sample | {"roundoff": 0.51}, "roundoff", "بحد أقصى 0.50"),
        (sample | {"final_amount": "1121.505"}, "final_amount", SENTENCES["NOT_PAISA_EXACT"]),
        (bill(items=[line(), line()]), "items[1].line_no", OF_FIELDS["line_no"]),
        (bill(items=[line(sgst_rate=9)]), "items[0].sgst_rate", SENTENCES["TAX_SPLIT_INVALID"]),
        (bill(invoice_date="2024-01-15", due_date="2024-01-14"), "due_date", OF_FIELDS["due_date"]),
        (bill(items=[line(panel_id=5)]), "items[0]", SENTENCES["MISSING_ITEM_REFERENCE"]),
        ({"items": [line()]}, "patient_name", SENTENCES["required"]),
    ):  # fmt: skip
        body = lab_api.post(URL, said).json()
        error = body["errors"][0]
        assert error["field"] == field
        assert arabic in error["message_ar"], field
        assert body["error"]["message_ar"] == error["message_ar"]
    told = lab_api.post(URL, sample).json()["data"]["warnings"]
    assert SENTENCES["ROUNDOFF_NOT_TO_RUPEE"] in [warning["message_ar"] for warning in told]
