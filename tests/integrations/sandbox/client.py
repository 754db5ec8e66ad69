"""A caller that knows SOAP and nothing of the stand-in."""

import json
from datetime import date, timedelta
from typing import Any

import requests
from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
START = date.today() + timedelta(days=10)


class Refused(Exception):
    pass


class Client:
    def __init__(self, box: Any) -> None:
        self.box, self.token = box, ""
        self.log_on()

    def log_on(self) -> None:
        root = self.call("Logon", "LoginIMSUser", userName="standin",
                         tripleDESEncryptedPassword="c3RhbmQtaW4=")  # fmt: skip
        self.token = root.findtext(".//{*}Token")

    def call(self, service: str, operation: str, inside: str = "", **values: Any) -> Any:
        space = f"http://tempuri.org/IMSWebServices/{service}"
        inside += "".join(f"<{name}>{value}</{name}>" for name, value in values.items())
        body = (
            f'<s:Envelope xmlns:s="{SOAP}"><s:Header><TokenHeader xmlns="{space}">'
            f"<Token>{self.token}</Token></TokenHeader></s:Header><s:Body>"
            f'<{operation} xmlns="{space}">{inside}</{operation}></s:Body></s:Envelope>'
        )
        answer = requests.post(
            f"{self.box.url}{service.lower()}.asmx",
            body.encode(),
            headers={"SOAPAction": f'"{space}/{operation}"'},
            timeout=5,
        )
        if "html" in answer.headers["Content-Type"]:
            raise Refused(f"HTML {answer.status_code}")
        root = etree.fromstring(answer.content)
        if answer.status_code == 500:
            raise Refused(root.findtext(".//faultstring").split(": ", 3)[-1].split("\n")[0])
        return root

    def quote(self, operation: str, inside: str = "", **values: Any) -> str:
        root = self.call("QuoteFunctions", operation, inside, **values)
        return root.findtext(f".//{{*}}{operation}Result") or ""

    def run(self, procedure: str, **values: Any) -> dict[str, str]:
        words = [str(word) for pair in values.items() for word in pair]
        strings = "".join(f"<string><![CDATA[{word}]]></string>" for word in words)
        inside = f"<procedureName>{procedure}</procedureName><parameters>{strings}</parameters>"
        root = self.call("DataAccess", "ExecuteDataSet", inside)
        tables = etree.fromstring(root.findtext(".//{*}ExecuteDataSetResult"))
        return {column.tag: column.text for column in tables[-1]} if len(tables) else {}

    def insured(self) -> str:
        inside = (
            "<insured><BusinessTypeID>9</BusinessTypeID><CorporationName>Acme</CorporationName>"
            "<NameOnPolicy>Acme</NameOnPolicy></insured><location><Address1>1 A St</Address1>"
            "<City>Flint</City><State>MI</State><Zip>48502</Zip></location>"
        )
        root = self.call("InsuredFunctions", "AddInsuredWithLocation", inside)
        return str(root.findtext(".//{*}AddInsuredWithLocationResult"))

    def ready(self, opportunity: int = 1, start: date = START, premium: str = "5000") -> str:
        """A quote that only waits for its bind."""
        found = self.run("getProducerGuid", producer_email="pat.reed@example.com")
        user = self.run("getUserbyName", fullname="Casey Morgan")["UserGUID"]
        end = start + timedelta(days=365)
        inside = (
            f"<submission><Insured>{self.insured()}</Insured>"
            f"<ProducerContact>{found['ProducerContactGUID']}</ProducerContact>"
            f"<Underwriter>{user}</Underwriter>"
            f"<ProducerLocation>{found['ProducerLocationGUID']}</ProducerLocation></submission>"
            f"<quote><Line>{self.box.lines()['Primary']}</Line><StateID>MI</StateID>"
            f"<Effective>{start}</Effective><Expiration>{end}</Expiration><QuoteDetail>"
            "<ProducerCommission>0.20</ProducerCommission></QuoteDetail></quote>"
        )
        quote = self.quote("AddQuoteWithSubmission", inside)
        self.quote("AutoAddQuoteOptions", quoteGuid=quote)
        payload = {"transaction_type": "bind", "opportunity_id": opportunity, "policy_fee": 250,
                   "policy_number": f"P-{opportunity}", "gross_premium": premium}  # fmt: skip
        said = self.run("spProcessTritonPayload", QuoteGuid=quote,
                        full_payload_json=json.dumps(payload))  # fmt: skip
        assert said["Status"] == "Success"
        return quote

    def bound(self, opportunity: int = 1) -> str:
        quote = self.ready(opportunity)
        self.quote("BindQuote", quoteGuid=quote)
        return quote
