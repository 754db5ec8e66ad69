"""The payload as IMS's procedures read it: flat, canonical type, dates MM/DD/YYYY, exact numbers.

The procedures compare the type with lower-case words, and a database that minds case would leave
out the premium silently; so what goes there is written anew from the transaction.
"""

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import simplejson

from integrations.triton.transaction import Transaction

RATES = ("commission_rate", "commission_percent")
OURS = ("form", "is_renewal")


def payload_for_ims(transaction: Transaction) -> str:
    """JSON text; rates are percentages again, as the procedures expect them."""
    fields = {
        field.name: _plain(field.name, getattr(transaction, field.name))
        for field in dataclasses.fields(transaction)
        if field.name not in OURS
    }
    fields["opportunity_type"] = "Renewal" if transaction.is_renewal else "New"
    return simplejson.dumps(fields, use_decimal=True, ensure_ascii=False)


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, dt.date):
        return f"{value:%m/%d/%Y}"
    if isinstance(value, Decimal):
        return simplejson.RawJSON(f"{value * 100:f}" if name in RATES else f"{value:f}")
    return value
