"""What a state machine remembers of itself when a run ends, for the run that goes on from there.

What people told it of the present is not in it: a switch that was held and joints that were
measured in the run before say nothing about now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flood_bridge.safety.decision import Cause, State


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineMemory:
    """Where a :class:`~flood_bridge.safety.machine.SafetyMachine` is."""

    state: State
    cause: Cause
    reason: str
    age_secs: float
    """For how long the state holds."""
    blend_secs: float
    clutch: bool
    stopped: str | None
    """Why the emergency stop is latched; None if it is not."""
    told: tuple[State, Cause, str] | None
    """The last decision."""

    def plain(self) -> dict[str, Any]:
        """Return it as plain values."""
        told = self.told and [self.told[0].value, self.told[1].value, self.told[2]]
        return {
            "state": self.state.value,
            "cause": self.cause.value,
            "reason": self.reason,
            "age_secs": self.age_secs,
            "blend_secs": self.blend_secs,
            "clutch": self.clutch,
            "stopped": self.stopped,
            "told": told,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> MachineMemory:
        """Return what :meth:`plain` was made of.

        Raises:
            KeyError, TypeError, ValueError: If it was not.
        """
        told, stopped = plain["told"], plain["stopped"]
        return cls(
            state=State(plain["state"]),
            cause=Cause(plain["cause"]),
            reason=str(plain["reason"]),
            age_secs=float(plain["age_secs"]),
            blend_secs=float(plain["blend_secs"]),
            clutch=bool(plain["clutch"]),
            stopped=None if stopped is None else str(stopped),
            told=None if told is None else (State(told[0]), Cause(told[1]), str(told[2])),
        )
