"""An IMS to try against: honest state, IMS's own refusals, and trouble on a switch. No Django."""

from integrations.sandbox.knobs import Knobs, Mishap
from integrations.sandbox.standin import SandboxIMS

__all__ = ["Knobs", "Mishap", "SandboxIMS"]
