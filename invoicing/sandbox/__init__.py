"""A stand-in for the tax authority, so that a bad day can be tried on a good one.

It speaks the authority's HTTP API at the authority's paths, from a store of its own, and says yes
only to what it has checked: it reads the CSR, issues certificates from its own CA, demands the
compliance documents, and of every submitted document it recomputes the hash, runs the official
rules, and verifies stamp and QR. Accepted hashes are remembered for 24 hours. Each fault that a
client has to survive is a row of `invoicing.sandbox.faults` and can be set off by rate, by a magic
invoice number, or by a script for the n-th delivery of a number.

It shares no code with `invoicing.zatca`: two readings of the same law check each other.

    with StandIn() as authority:
        base = authority.base_url("SANDBOX")
        authority.control.script("INV-7", delivery=1, fault="drop_after")
"""

from invoicing.sandbox.control import Control, ControlRefused
from invoicing.sandbox.standin import StandIn

__all__ = ["Control", "ControlRefused", "StandIn"]
