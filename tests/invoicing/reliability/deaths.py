"""A process that ends in the middle of a request, as a power cut would end it, within a test."""

from types import ModuleType

import pytest


class Died(BaseException):
    """No bug of ours: nothing in the house may catch and record it."""


def die_at(monkeypatch: pytest.MonkeyPatch, module: ModuleType, point: str) -> None:
    """Let whatever passes failpoint `point` in `module` end there."""

    def reached(name: str) -> None:
        if name == point:
            raise Died

    monkeypatch.setattr(module, "reached", reached)
