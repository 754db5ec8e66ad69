"""The second opinion: judges that share no code with the package that builds and stamps.

`official_verdict` runs the authority's own rule set (fatoora-rs), `verify_stamp` checks a stamp
with signxml. Used by the gate before a document costs a number of the chain, on what comes back
cleared, by the stand-in authority and by the tests.
"""

from invoicing.judge.finding import RuleFinding
from invoicing.judge.official import (
    JudgeUnavailable,
    Verdict,
    available,
    official_verdict,
)
from invoicing.judge.stamp import StampBroken, signing_time, verify_stamp

__all__ = [
    "JudgeUnavailable",
    "RuleFinding",
    "StampBroken",
    "Verdict",
    "available",
    "official_verdict",
    "signing_time",
    "verify_stamp",
]
