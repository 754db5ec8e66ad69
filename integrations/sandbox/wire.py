"""SOAP 1.1 as IMS speaks it: envelopes in and out, and faults with a .NET stack behind them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lxml import etree

from config.xml import XMLRefused, parse

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
OBJECTS = "http://ws.mgasystems.com/BusinessObjects"
ZERO = str(UUID(int=0))
PATHS = {
    "logon": "http://tempuri.org/IMSWebServices/Logon",
    "dataaccess": "http://tempuri.org/IMSWebServices/DataAccess",
    "insuredfunctions": "http://tempuri.org/IMSWebServices/InsuredFunctions",
    "producerfunctions": "http://tempuri.org/IMSWebServices/ProducerFunctions",
    "quotefunctions": "http://tempuri.org/IMSWebServices/QuoteFunctions",
    "invoicefactory": "http://tempuri.org/Invoicing/InvoiceFactory",
}


class Fault(Exception):
    """What IMS refuses with: HTTP 500 and a stack, whether the reason is business or not."""

    def __init__(self, message: str, kind: str = "System.InvalidOperationException") -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Call:
    """One operation asked for: `arguments` is the wrapper element, in the service's namespace."""

    service: str
    operation: str
    token: str
    arguments: etree._Element

    def text(self, name: str, default: str = "") -> str:
        """The first element of that name at any depth; blank where it was left out."""
        found = self.arguments.find(f".//{{*}}{name}")
        return default if found is None else (found.text or "").strip()

    def guid(self, name: str) -> str:
        """A GUID parameter; the zero GUID when left out, a fault when it is no GUID (or empty)."""
        found = self.arguments.find(f".//{{*}}{name}")
        if found is None:
            return ZERO
        try:
            return str(UUID((found.text or "").strip()))
        except ValueError:
            raise unreadable() from None


def unreadable() -> Fault:
    return Fault("There is an error in XML document.", "System.InvalidOperationException")


def read(service: str, body: bytes, action: str) -> Call:
    """Raises Fault: not an envelope, a SOAPAction of another operation, a foreign namespace."""
    try:
        root = parse(body)
    except XMLRefused:
        raise unreadable() from None
    wrapper = root.find(f"{{{SOAP}}}Body/*")
    if wrapper is None:
        raise unreadable()
    name = etree.QName(wrapper)
    namespace = PATHS[service]
    if name.namespace != namespace or action.strip('"') != f"{namespace}/{name.localname}":
        raise Fault(
            f"Server did not recognize the value of HTTP Header SOAPAction: {action}.",
            "System.Web.Services.Protocols.SoapException",
        )
    # The header belongs to the service: a token under another service's name is not seen.
    token = root.findtext(f"{{{SOAP}}}Header/{{{namespace}}}TokenHeader/{{{namespace}}}Token")
    return Call(service, name.localname, (token or "").strip().lower(), wrapper)


Tree = str | etree._Element | None | list[tuple[str, "Tree"]]


def answer(call: Call, result: Tree, inner: str = "") -> bytes:
    """The envelope round a result: text, nothing, or a tree of named children (in `inner`)."""
    namespace = PATHS[call.service]
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
    wrapper = etree.SubElement(
        body, f"{{{namespace}}}{call.operation}Response", nsmap=_default(namespace)
    )
    if result is not None:
        grow(wrapper, f"{call.operation}Result", result, namespace, inner or namespace)
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")


def grow(parent: etree._Element, name: str, value: Tree, namespace: str, inner: str = "") -> None:
    element = etree.SubElement(parent, f"{{{namespace}}}{name}", nsmap=_default(namespace))
    if isinstance(value, list):
        for child, content in value:
            grow(element, child, content, inner or namespace, inner or namespace)
    elif isinstance(value, str):
        element.text = value
    elif value is not None:
        element.append(value)


def _default(namespace: str) -> Any:
    """The map of the unprefixed namespace, whose key None the stubs of lxml do not know."""
    return {None: namespace}


def fault(error: Fault) -> bytes:
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
    element = etree.SubElement(body, f"{{{SOAP}}}Fault")
    etree.SubElement(element, "faultcode").text = "soap:Server"
    etree.SubElement(element, "faultstring").text = (
        "System.Web.Services.Protocols.SoapException: Server was unable to process request. "
        f"---> {error.kind}: {error}\n   at Ims.StandIn.Service.Invoke()\n"
        "   --- End of inner exception stack trace ---"
    )
    etree.SubElement(element, "detail")
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")


Row = dict[str, str | None]


def data_set(*tables: tuple[str, Row]) -> str:
    """The document inside ExecuteDataSetResult; a null column is left out, as .NET does."""
    root = etree.Element("Results")
    for table, row in tables:
        element = etree.SubElement(root, table)
        for column, value in row.items():
            if value is not None:
                etree.SubElement(element, column).text = value
    return etree.tostring(root, encoding="unicode")
