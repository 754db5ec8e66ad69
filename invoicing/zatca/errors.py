"""What this package raises. Everything else that escapes from it is a bug."""


class ZatcaError(Exception):
    """Root of the package's exceptions."""


class DocumentInvalid(ZatcaError, ValueError):
    """The document cannot be written at all; `rules.check` names such facts field by field."""


class CertificateInvalid(ZatcaError, ValueError):
    """The bytes given are not an X.509 certificate over a secp256k1 key."""


class KeyInvalid(ZatcaError, ValueError):
    """The text given is not an unencrypted secp256k1 private key in PEM."""


class QRInvalid(ZatcaError, ValueError):
    """A QR payload that cannot be written (value too long) or read (broken TLV)."""


class SealBroken(ZatcaError):
    """A sealed document contradicts itself: `fact` names the first thing found wrong."""

    def __init__(self, fact: str, expected: str = "", got: str = "") -> None:
        super().__init__(f"{fact}: expected {expected!r}, got {got!r}" if expected or got else fact)
        self.fact, self.expected, self.got = fact, expected, got


class SubjectInvalid(ZatcaError, ValueError):
    """A CSR subject that the authority would refuse; `field` is the name in `CSRSubject`."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.message = field, message


class OnboardingRefused(ZatcaError):
    """A CSID call that did not end in a CSID.

    `code` is the authority's word ("Invalid-OTP", "Missing-ComplianceSteps", …) or ours
    ("zatca_unavailable", "zatca_timeout", "unreadable_answer"); `http_status` is None when no
    answer arrived.
    """

    def __init__(self, code: str, message: str, http_status: int | None) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.http_status = code, message, http_status
