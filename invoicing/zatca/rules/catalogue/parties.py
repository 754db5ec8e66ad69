"""Sentences about seller and buyer."""

from invoicing.zatca.rules.finding import Rule

NAME = Rule("BR-06", "The name has 1 to 1000 characters.", "الاسم من 1 إلى 1000 حرف.")
BUYER_NAME = Rule(
    "BR-KSA-42",
    "A standard document needs the buyer's name, in 1 to 1000 characters.",
    "المستند الضريبي يحتاج اسم المشتري من 1 إلى 1000 حرف.",
)
BUYER_NAME_LENGTH = Rule(
    "BR-KSA-F-06-C12",
    "The buyer's name has at most 1000 characters.",
    "اسم المشتري لا يزيد على 1000 حرف.",
)
SELLER_NAME_QR = Rule(
    "BR-CL-KSA-14",
    "The seller's name is too long for the QR code.",
    "اسم البائع أطول مما يتسع له رمز الاستجابة السريعة.",
)
SELLER_VAT = Rule(
    "BR-KSA-40",
    "The seller's VAT number has 15 digits; the first and the last are 3.",
    "الرقم الضريبي للبائع 15 رقماً، أولها وآخرها 3.",
)
MEMBER_TIN = Rule(
    "DAFTAR-VAT-GROUP",
    "In a VAT group (eleventh digit 1) the organization unit is the member's 10-digit TIN.",
    "في المجموعة الضريبية (الرقم الحادي عشر 1) يكون اسم الوحدة الرقم المميز للعضو من 10 أرقام.",
)
BUYER_VAT = Rule(
    "BR-KSA-44",
    "The buyer's VAT number has 15 digits; the first and the last are 3.",
    "الرقم الضريبي للمشتري 15 رقماً، أولها وآخرها 3.",
)
SAME_VAT = Rule(
    "BR-CUSTOM-VALIDATION-01",
    "The buyer's VAT number must differ from the seller's.",
    "يجب أن يختلف الرقم الضريبي للمشتري عن رقم البائع.",
)
BUYER_ID_NEEDED = Rule(
    "BR-KSA-81",
    "A standard document needs the buyer's VAT number or another identification.",
    "المستند الضريبي يحتاج الرقم الضريبي للمشتري أو معرفاً آخر له.",
)
SELLER_SCHEME = Rule(
    "BR-KSA-08",
    "The seller needs one identification: CRN, MOM, MLS, SAG, OTH or 700, letters and digits.",
    "يحتاج البائع معرفاً واحداً من CRN أو MOM أو MLS أو SAG أو OTH أو 700 بأحرف وأرقام.",
)
BUYER_SCHEME = Rule(
    "BR-KSA-14",
    "The buyer's identification is one of TIN, CRN, MOM, MLS, 700, SAG, NAT, GCC, IQA, PAS, OTH, "
    "in letters and digits.",
    "معرف المشتري أحد TIN وCRN وMOM وMLS و700 وSAG وNAT وGCC وIQA وPAS وOTH بأحرف وأرقام.",
)
ID_FORMATS = {
    "CRN": Rule("BR-KSA-F-08", "A CRN has 10 digits.", "السجل التجاري 10 أرقام."),
    "700": Rule(
        "BR-KSA-F-09",
        "A 700 number has 10 digits and starts with 7.",
        "رقم 700 من 10 أرقام ويبدأ بـ 7.",
    ),
    "TIN": Rule(
        "BR-KSA-F-07",
        "A TIN has 10 digits and starts with 3.",
        "الرقم المميز 10 أرقام ويبدأ بـ 3.",
    ),
    "NAT": Rule(
        "BR-KSA-F-10",
        "A national ID has 10 digits and starts with 1.",
        "الهوية الوطنية 10 أرقام وتبدأ بـ 1.",
    ),
    "IQA": Rule(
        "BR-KSA-F-11",
        "An Iqama number has 10 digits and starts with 2.",
        "رقم الإقامة 10 أرقام ويبدأ بـ 2.",
    ),
}
PREDICTABLE_ID = Rule(
    "BR-KSA-F-13",
    "The identification looks made up: it holds a run or repetition of eight digits.",
    "يبدو المعرف غير حقيقي: يحتوي على تسلسل أو تكرار من ثمانية أرقام.",
)
NATIONAL_ID = Rule(
    "BR-KSA-49",
    "Private education and healthcare need the buyer's national ID (scheme NAT).",
    "التعليم الأهلي والرعاية الصحية الأهلية يحتاجان الهوية الوطنية للمشتري (NAT).",
)
NATIONAL_ID_NAME = Rule(
    "BR-KSA-25",
    "Private education and healthcare need the buyer's name.",
    "التعليم الأهلي والرعاية الصحية الأهلية يحتاجان اسم المشتري.",
)
SELLER_ADDRESS = Rule(
    "BR-KSA-09",
    "The seller's address needs street, building number, district, city and postal code.",
    "عنوان البائع يحتاج الشارع ورقم المبنى والحي والمدينة والرمز البريدي.",
)
BUYER_ADDRESS = Rule(
    "BR-KSA-10",
    "A standard document needs the buyer's address.",
    "المستند الضريبي يحتاج عنوان المشتري.",
)
SAUDI_ADDRESS = Rule(
    "BR-KSA-63",
    "An address in Saudi Arabia needs street, building number, district, city and postal code.",
    "العنوان داخل المملكة يحتاج الشارع ورقم المبنى والحي والمدينة والرمز البريدي.",
)
FOREIGN_ADDRESS = Rule(
    "BR-KSA-10",
    "An address abroad needs street and city.",
    "العنوان خارج المملكة يحتاج الشارع والمدينة.",
)
POSTAL_CODE = Rule(
    "BR-KSA-67",
    "A postal code in Saudi Arabia has 5 digits.",
    "الرمز البريدي داخل المملكة 5 أرقام.",
)
SELLER_POSTAL_CODE = Rule(
    "BR-KSA-66",
    "The seller's postal code has 5 digits.",
    "الرمز البريدي للبائع 5 أرقام.",
)
BUILDING_NUMBER = Rule(
    "BR-KSA-37",
    "A building number in Saudi Arabia has 4 digits.",
    "رقم المبنى داخل المملكة 4 أرقام.",
)
COUNTRY = Rule(
    "BR-CL-14",
    "The country must be a code of ISO 3166-1, two capital letters.",
    "يجب أن تكون الدولة رمزاً من ISO 3166-1 بحرفين كبيرين.",
)
ADDRESS_LENGTH = Rule(
    "BR-KSA-F-06",
    "This part of the address is too long.",
    "هذا الجزء من العنوان أطول من المسموح.",
)
