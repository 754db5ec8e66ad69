"""What the authority and the judge say beside the rules: schema, hash, stamp, QR code, permissions.

The codes are the authority's (zatca.md 8) and those of fatoora-rs, which names stages alike.
"""

from invoicing.zatca.rules.official.entry import Entries, Entry, ours

_SCHEMA = ours(
    "The document does not fit the schema (UBL 2.1).", "المستند لا يطابق المخطط (UBL 2.1)."
)
_HASH = ours(
    "The stated hash is not the hash of the document.", "البصمة المذكورة ليست بصمة المستند."
)
_STAMP = ours("The stamp does not belong to the document.", "الختم لا يخص المستند.")
_QR = ours("The QR code does not agree with the document.", "رمز الاستجابة لا يطابق المستند.")
_PIH = ours(
    "The hash of the previous document (PIH) is wrong.", "بصمة المستند السابق (PIH) غير صحيحة."
)
_TWICE = Entry(
    "invoice_number",
    "ZATCA has this document already.",
    "المستند موجود لدى الهيئة من قبل.",
)

CHECKS: Entries = {
    "XSD_INVALID": _SCHEMA,
    "XSD_ZATCA_INVALID": _SCHEMA,
    "invalid-invoice-hash": _HASH,
    "InvoiceHash-Errors": _HASH,
    "SIGNATURE_DIGEST": _HASH,
    "invalid-digital-signature": _STAMP,
    "SIGNATURE_VALUE": _STAMP,
    "QRCODE_INVALID": _QR,
    "PIH_FORMAT": _PIH,
    "PIH_MISMATCH": _PIH,
    "Duplicate-Invoice": _TWICE,
    "Invoice-Errors": _TWICE,
    "Invoice-Warning": _TWICE,
    "invalid-signing-certificate": Entry(
        "egs_unit",
        "The certificate of the stamp is not one of this taxpayer's at ZATCA.",
        "شهادة الختم ليست من شهادات هذا المكلف لدى الهيئة.",
    ),
    "invalid-certificate": Entry(
        "egs_unit",
        "The certificate of the stamp was not valid when it stamped.",
        "شهادة الختم لم تكن سارية وقت الختم.",
    ),
    "certificate-permissions": Entry(
        "egs_unit",
        "The unit's certificate is for another VAT number, or not for this kind of document.",
        "شهادة الوحدة تخص رقماً ضريبياً آخر أو لا تشمل هذا النوع من المستندات.",
    ),
    "XML-INVOICE-ERROR": Entry(
        "simplified",
        "A standard document went where simplified ones go, or the other way round.",
        "أُرسل مستند ضريبي إلى قناة المبسط أو العكس.",
    ),
}
