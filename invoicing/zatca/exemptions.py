"""Why a supply carries no VAT: the authority's VATEX codes with the text written into the document.

Codes and categories follow the code lists of the official rules (BR-KSA-CL-04, release 238-R3.4.8),
texts the XML implementation standard, paragraph 11.2.4. VATEX-SA-ROYALDECREE and VATEX-SA-32(bis)
are younger than the last published standard: their texts say what the portal says.
"""

from dataclasses import dataclass

from invoicing.zatca.documents import VatCategory

OUT_OF_SCOPE = "VATEX-SA-OOS"
HEALTH_AND_EDUCATION = frozenset({"VATEX-SA-EDU", "VATEX-SA-HEA"})
NOT_FOR_PREPAYMENTS = frozenset({"VATEX-SA-ROYALDECREE", "VATEX-SA-32(bis)"})


@dataclass(frozen=True, slots=True)
class Exemption:
    """One code of the list; an empty text means that the taxpayer words the reason."""

    category: VatCategory
    code: str
    english: str
    arabic: str

    @property
    def text(self) -> str:
        """Return the reason as the official samples write it: both languages, ` | ` between."""
        return f"{self.english} | {self.arabic}" if self.english else ""


_Z, _E, _O = VatCategory.Z, VatCategory.E, VatCategory.O

EXEMPTIONS: dict[str, Exemption] = {
    row.code: row
    for row in (
        Exemption(
            _E,
            "VATEX-SA-29",
            "Financial services mentioned in Article 29 of the VAT Regulations",
            "الخدمات المالية",
        ),
        Exemption(
            _E,
            "VATEX-SA-29-7",
            "Life insurance services mentioned in Article 29 of the VAT Regulations",
            "عقد تأمين على الحياة",
        ),
        Exemption(
            _E,
            "VATEX-SA-30",
            "Real estate transactions mentioned in Article 30 of the VAT Regulations",
            "التوريدات العقارية المعفاة من الضريبة",
        ),
        Exemption(_Z, "VATEX-SA-32", "Export of goods", "صادرات السلع من المملكة"),
        Exemption(_Z, "VATEX-SA-33", "Export of services", "صادرات الخدمات من المملكة"),
        Exemption(
            _Z, "VATEX-SA-34-1", "The international transport of Goods", "النقل الدولي للسلع"
        ),
        Exemption(
            _Z, "VATEX-SA-34-2", "international transport of passengers", "النقل الدولي للركاب"
        ),
        Exemption(
            _Z,
            "VATEX-SA-34-3",
            "services directly connected and incidental to a Supply of international passenger"
            " transport",
            "الخدمات المرتبطة مباشرة أو عرضياً بتوريد النقل الدولي للركاب",
        ),
        Exemption(
            _Z,
            "VATEX-SA-34-4",
            "Supply of a qualifying means of transport",
            "توريد وسائل النقل المؤهلة",
        ),
        Exemption(
            _Z,
            "VATEX-SA-34-5",
            "Any services relating to Goods or passenger transportation, as defined in article"
            " twenty five of these Regulations",
            "الخدمات ذات الصلة بنقل السلع أو الركاب، وفقاً للتعريف الوارد بالمادة الخامسة والعشرين"
            " من اللائحة التنفيذية لنظام ضريبة القيمة المضافة",
        ),
        Exemption(_Z, "VATEX-SA-35", "Medicines and medical equipment", "الأدوية والمعدات الطبية"),
        Exemption(_Z, "VATEX-SA-36", "Qualifying metals", "المعادن المؤهلة"),
        Exemption(
            _Z,
            "VATEX-SA-EDU",
            "Private education to citizen",
            "الخدمات التعليمية الخاصة للمواطنين",
        ),
        Exemption(
            _Z, "VATEX-SA-HEA", "Private healthcare to citizen", "الخدمات الصحية الخاصة للمواطنين"
        ),
        Exemption(
            _Z,
            "VATEX-SA-MLTRY",
            "supply of qualified military goods",
            "توريد السلع العسكرية المؤهلة",
        ),
        Exemption(
            _Z,
            "VATEX-SA-DIPLOMAT",
            "Qualified Supplies to Diplomatic Missions",
            "التوريدات المؤهلة للبعثات الدبلوماسية",
        ),
        Exemption(
            _Z,
            "VATEX-SA-DUTYFREE",
            "Qualified Supply of Goods in Duty Free area",
            "التوريد المؤهل للسلع في الأسواق الحرة",
        ),
        Exemption(
            _Z,
            "VATEX-SA-ROYALDECREE",
            "Supply on which the Government bears the VAT",
            "توريد تتحمل الدولة ضريبته",
        ),
        Exemption(
            _Z,
            "VATEX-SA-32(bis)",
            "Supply under Customs Suspension Arrangement",
            "توريد تحت وضع تعليق الرسوم الجمركية",
        ),
        Exemption(_O, OUT_OF_SCOPE, "", ""),
    )
}


def exemption_text(code: str, reason: str | None) -> str:
    """Return the TaxExemptionReason of `code`: the official text, or `reason` where none is."""
    known = EXEMPTIONS.get(code)
    return (known.text if known else "") or reason or ""


def codes_of(category: VatCategory) -> tuple[str, ...]:
    """Return the codes that `category` may carry, in the order of the list."""
    return tuple(code for code, row in EXEMPTIONS.items() if row.category == category)
