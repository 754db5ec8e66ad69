"""The authority's three worlds: their addresses and the template each wants in a CSR."""

from enum import StrEnum


class Environment(StrEnum):
    SANDBOX = "SANDBOX"
    SIMULATION = "SIMULATION"
    PRODUCTION = "PRODUCTION"

    @property
    def base_url(self) -> str:
        """Where the API of this environment lives, without a slash at the end."""
        return BASE_URLS[self]

    @property
    def certificate_template(self) -> str:
        """The certificate template name that a CSR for this environment asks for."""
        return CERTIFICATE_TEMPLATES[self]


_GATEWAY = "https://gw-fatoora.zatca.gov.sa/e-invoicing"

BASE_URLS = {
    Environment.SANDBOX: f"{_GATEWAY}/developer-portal",
    Environment.SIMULATION: f"{_GATEWAY}/simulation",
    Environment.PRODUCTION: f"{_GATEWAY}/core",
}
CERTIFICATE_TEMPLATES = {
    Environment.SANDBOX: "TSTZATCA-Code-Signing",
    Environment.SIMULATION: "PREZATCA-Code-Signing",
    Environment.PRODUCTION: "ZATCA-Code-Signing",
}
