"""Payloads as Triton sends them, one of each form and type; names and numbers are invented."""

import copy
from typing import Any

TRANSACTION = "0b7d8c52-93a1-4a6e-8f57-2f0f6a1c9e44"
FLAT = {
    "bind": {
        "transaction_id": TRANSACTION,
        "prior_transaction_id": None,
        "transaction_type": "Bind",
        "transaction_date": "2026-01-12T16:40:00.123456+00:00",
        "source_system": "triton",
        "opportunity_id": 160042,
        "policy_number": "AAA0000295-2511",
        "opportunity_type": "New",
        "status": "bound",
        "effective_date": "02/01/2026",
        "expiration_date": "02/01/2027",
        "bound_date": "01/12/2026",
        "invoice_date": None,
        "insured_name": "Palm  Grove Care LLC ",
        "address_1": "12 Orchard Lane",
        "address_2": "",
        "city": "Tulsa",
        "state": "ok",
        "zip": "74103",
        "insured_state": "OK",
        "insured_zip": "74103-1122",
        "producer_name": " Dana  Field ",
        "producer_email": "dana@example.com, d.field@example.com",
        "underwriter_name": "Robin Vale",
        "program_name": "Home Care Excess",
        "class_of_business": "Home health",
        "market_segment_code": "WL",
        "limit_amount": "$1,000,000/$3,000,000",
        "deductible_amount": "$2,500",
        "gross_premium": 5000,
        "net_premium": 0,
        "base_premium": "4,750.00",
        "commission_rate": 20.0,
        "commission_percent": 30.0,
        "policy_fee": 250.0,
        "surplus_lines_tax": "",
        "terms": 30,
        "additional_insured": [{"name": "County", "address": "1 Main"}],
        "midterm_endt_premium": "",
    },
    "issue": {"policy_number": "AAA0000295-2511"},
    "unbind": {"opportunity_id": "160042"},
    "endorsement": {
        "opportunity_id": 160042,
        "midterm_endt_id": 6346,
        "midterm_endt_effective_from": "2026-04-01",
        "midterm_endt_premium": "-100.00",
        "midterm_endt_endorsement_number": 2,
    },
    "cancellation": {
        "opportunity_id": 160042,
        "effective_date": "02/01/2026",
        "policy_cancellation_date": "2026-03-01",
        "refund_amount": 812.5,
    },
    "reinstatement": {"opportunity_id": 160042, "reinstatement_reason": "Paid"},
}
NESTED = {
    "binding": {
        "effective_date": "2026-02-01",
        "expiration_date": "2027-02-01",
        "policy_number": "GAH-106050-250924",
        "is_renewal": True,
        "account": {
            "name": "Palm Grove Care LLC",
            "street_1": "12 Orchard Lane",
            "city": "Tulsa",
            "state": "OK",
            "zip": "74103",
        },
        "producer": {"first_name": "Dana", "last_name": "Field"},
        "program": {"name": "Home Care"},
        "underwriter": {"name": "Robin Vale"},
        "premium": {"annual_premium": 5000, "policy_fee": 250, "commission_rate": 20},
        "exposures": [
            {"program_class_name": "Home health", "limit": {"value": "1M/3M"}, "deductible": 2500}
        ],
    },
    "midterm_endorsement": {
        "policy_number": "GAH-106050-250924",
        "account": {"name": "Palm Grove Care LLC"},
        "endorsement": {
            "endorsement_number": "2",
            "effective_from": "04/01/2026",
            "premium": 100,
            "credit": True,
        },
    },
    "cancellation": {
        "policy_number": "GAH-106050-250924",
        "account": {"name": "Palm Grove Care LLC"},
        "cancellation_date": "2026-03-01",
        "cancellation_reason": "Non-payment",
        "flat_cancel": False,
        "return_premium_entries": [
            {"coverage": "General Liability", "premium": -600.25},
            {"coverage": "Property", "premium": "-212.25"},
        ],
    },
    "reinstatement": {
        "policy_number": "GAH-106050-250924",
        "account": {"name": "Palm Grove Care LLC"},
    },
}
ENTRY = {"transaction_id": TRANSACTION, "transaction_date": "2026-01-12T16:40:00+00:00"}


def flat(kind: str, **changes: Any) -> dict[str, Any]:
    return ENTRY | {"transaction_type": kind} | copy.deepcopy(FLAT[kind]) | changes


def nested(kind: str, **changes: Any) -> dict[str, Any]:
    return ENTRY | {"transaction_type": kind} | copy.deepcopy(NESTED[kind]) | changes


def without(payload: dict[str, Any], path: str) -> dict[str, Any]:
    """The payload with nothing at a dotted path."""
    return put(payload, path, None)


def put(payload: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(payload)
    *way, last = path.split(".")
    here: Any = changed
    for step in way:
        here = here[int(step)] if step.isdigit() else here.setdefault(step, {})
    here[last] = value
    return changed
