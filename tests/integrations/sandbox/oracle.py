"""`python -m tests.integrations.sandbox.oracle FOLDER`: zeep reads every answer by FOLDER's WSDLs.

The WSDLs describe the vendor's service and are not ours to ship, so the folder is an argument.
"""

import sys
from pathlib import Path
from typing import Any

import zeep
from lxml import etree

from integrations.sandbox import SandboxIMS
from integrations.sandbox.operations import OPERATIONS
from tests.integrations.sandbox.client import Client, Refused

SERVICES = {"insuredfunctions": "InsuredFunctions", "producerfunctions": "ProducerFunctions"}
SERVICES |= {"quotefunctions": "QuoteFunctions"}


def main(folder: Path) -> int:
    bad: list[str] = []
    seen: set[str] = set()
    readers = {path.stem: zeep.Client(str(path)) for path in folder.glob("*.wsdl")}

    class Judged(Client):
        def call(self, service: str, operation: str, inside: str = "", **values: Any) -> Any:
            root = super().call(service, operation, inside, **values)
            binding = next(iter(readers[service].wsdl.bindings.values()))
            try:
                binding._operations[operation].process_reply(root)
                seen.add(operation)
            except Exception as error:
                bad.append(f"{operation}: {error!r} {etree.tostring(root)[-300:]!r}")
            return root

    with SandboxIMS() as box:
        ims = Judged(box)
        quote = ims.bound()
        held = box.store.all("quote")[0]
        guids = {"quoteGuid": quote, "insuredGuid": held["insured"], "zip": "48502"}
        guids |= {"insuredName": "Acme", "city": "Flint", "state": "MI", "searchString": "P"}
        guids |= {"contact": held["contact"], "controlNumber": held["control"], "statusID": 3}
        ends = {"effective": "2026-01-01", "expiration": "2027-01-01"}
        ends["endorsementDate"] = "2026-07-01"
        for service, operation in OPERATIONS:
            if operation in seen or service not in SERVICES:
                continue
            first = {"contact": held["contact"]} if "ByContact" in operation else {}
            try:
                ims.call(SERVICES[service], operation, **(first | guids | ends))
            except Refused as refused:
                print(f"{operation}: refused, {refused}")
        second = ims.ready(2)
        option = next(o for o in box.store.all("option") if o["quote"] == second)
        ims.quote("AddPremium", quoteOptionGuid=option["guid"], premium="1.00", officeID=-1)
        ims.quote("Bind", quoteOptionID=option["id"])
        third = ims.ready(3)
        ims.quote("BindQuoteWithInstallment", quoteGuid=third, companyInstallmentID=-1)
    print(f"read: {', '.join(sorted(seen))}")
    print(*bad, sep="\n")
    return len(bad)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
