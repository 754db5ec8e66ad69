"""What goes wrong on demand: nothing does until a test turns a knob."""

import threading
from dataclasses import asdict, dataclass, field, fields
from typing import Any

MISHAPS = ("drop_before", "drop_after", "hang", "html_503", "slow", "expire_token", "fault")


@dataclass
class Mishap:
    """One kind of trouble for the n-th coming call of an operation or procedure ("*" is any).

    `calls` is how many in a row meet it; 0 is all from then on. `text` is the fault's sentence.
    """

    kind: str
    operation: str = "*"
    nth: int = 1
    calls: int = 1
    text: str = ""
    seconds: float = 0.0
    seen: int = 0

    def __post_init__(self) -> None:
        if self.kind not in MISHAPS:
            raise ValueError(f"{self.kind}: one of {', '.join(MISHAPS)}")

    def strikes(self, names: tuple[str, ...]) -> bool:
        if self.operation != "*" and self.operation not in names:
            return False
        self.seen += 1
        return self.seen >= self.nth and (not self.calls or self.seen < self.nth + self.calls)


@dataclass
class Knobs:
    """Latency, business settings and the mishaps ahead; safe to turn while calls are served."""

    latency: float = 0.0
    first_call_delay: float = 0.0
    token_seconds: float = 3600.0
    token_bound_to_address: bool = True
    invoice_after: int = 0
    backdate_days: int = 14
    debug_tables: bool = False
    mishaps: list[Mishap] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, kind: str, operation: str = "*", **how: Any) -> Mishap:
        """Raises ValueError for an unknown kind."""
        mishap = Mishap(kind, operation, **how)
        with self._lock:
            self.mishaps.append(mishap)
        return mishap

    def strike(self, names: tuple[str, ...]) -> Mishap | None:
        """The first mishap due for this call; every mishap counts the call."""
        with self._lock:
            due = [mishap for mishap in self.mishaps if mishap.strikes(names)]
        return due[0] if due else None

    def turn(self, settings: dict[str, Any]) -> None:
        """Raises ValueError for a knob there is none of, or a value of another type."""
        for name, value in settings.items():
            kind = type(self.values().get(name))
            if name == "mishaps" or kind is type(None):
                raise ValueError(f"{name}: no such knob")
            if kind is float and type(value) is int:
                value = float(value)
            if type(value) is not kind:
                raise ValueError(f"{name}: expected {kind.__name__}")
            setattr(self, name, value)

    def clear(self) -> None:
        with self._lock:
            self.mishaps.clear()

    def values(self) -> dict[str, Any]:
        """Every knob as it stands, ready for JSON."""
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name[0] != "_"}
        return plain | {"mishaps": [asdict(mishap) for mishap in self.mishaps]}
