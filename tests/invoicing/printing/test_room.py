"""What is reckoned beforehand of a text is never less than what the typesetter then takes."""

import json
import random

import pytest
import typst
from django.conf import settings

from config.printing.fonts import covered, fonts
from config.printing.texts import in_own_direction, widest
from invoicing.printing import wording as w
from invoicing.printing.wording import Words

PROBE = """#import "/printing/base.typ": *
#show: house.with()
#context [#metadata(data.asked.map(((size, weight, words)) => {
  measure(text(size: size * 1pt, weight: weight, words)).width.pt()
})) <wide>]
"""
EM = 9


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """How wide typst sets texts, in points, each given with its size and weight."""
    root = tmp_path_factory.mktemp("probe")
    (root / "printing").symlink_to(settings.BASE_DIR / "templates" / "printing")
    (root / "probe.typ").write_text(PROBE)

    def measured(asked: list[tuple[float, str, str]]) -> list[float]:
        data = json.dumps({"asked": asked, "brand": {"accent": "#000000"}})
        answer = typst.query(
            str(root / "probe.typ"), "<wide>", field="value", one=True, root=str(root),
            font_paths=fonts(), ignore_system_fonts=True,
            sys_inputs={"data": data, "attachment": ""},
        )  # fmt: skip
        return json.loads(answer)

    return measured


def test_no_text_is_wider_than_reckoned(measured):
    chance, letters = random.Random(3), sorted(covered() - {"\n", "\t"})
    arabic = [letter for letter in letters if "ء" <= letter <= "ي"]
    texts = ["".join(chance.choices(letters, k=12)) for _ in range(300)]
    texts += ["".join(chance.choices([*arabic, " "], k=30)) for _ in range(300)]
    texts += ["صصص ضضض سسس ششش", "WWWMMM@@@", "لا إله إلا الله", "خدمات استشارية تقنية"]
    wide = measured([(EM, "regular", text) for text in texts])
    too_wide = [t for t, taken in zip(texts, wide, strict=True) if taken > widest([t]) * EM]
    assert not too_wide
    common = [*map(widest, ([text] for text in texts[300:]))]
    assert max(common) < 40  # these are reckoned, not given up


def test_the_widest_line_counts_and_no_line_takes_no_room():
    assert widest(["1", "111", "11"]) == widest(["111"])
    assert widest([]) == 0


def test_a_plain_number_gets_no_mark_and_a_sentence_does():
    assert in_own_direction(["1,234.50", "INV-7"]) == "1,234.50\nINV-7"
    assert in_own_direction(["7-1"]) == "\u20687-1\u2069"


def test_our_own_labels_fit_where_no_second_line_is_left_for_them(measured):
    def rooms(labels: list[Words], size: float, weight: str) -> list[float]:
        taken = measured([(size, weight, words.ar) for words in labels])
        taken += measured([(size * 0.85, weight, words.en) for words in labels])
        return [round(points * 25.4 / 72, 1) for points in taken]

    sums = [w.LINES_TOTAL, w.ALLOWANCES, w.CHARGES, w.EXCLUSIVE, w.TOTAL_VAT, w.INCLUSIVE]
    half = rooms([*sums, w.PREPAID, w.ROUNDING], 9, "regular")
    gap = 0.5 * 9 * 25.4 / 72
    assert max(a + b + gap for a, b in zip(half[:8], half[8:], strict=True)) <= 57
    # Column by column of templates/invoicing/print/a4.typ, 4 mm of each left free.
    heads = {
        w.QUANTITY: 13, w.PRICE: 18, w.DISCOUNT: 14.5, w.TAXABLE: 22, w.VAT_RATE: 18, w.VAT: 18,
        w.WITH_VAT: 20.5,
    }  # fmt: skip
    taken = rooms(list(heads), 7.5, "bold")
    for words, room, ar, en in zip(heads, heads.values(), taken[:7], taken[7:], strict=True):
        assert max(ar, en) <= room - 4, words
