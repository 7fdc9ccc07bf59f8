"""One character's robot: what it is sent, frame by frame, as the state machine decides.

:mod:`flood_bridge.safety` says whether the robot may follow; the output chain
(:mod:`flood_bridge.retarget.limit_chain`) bounds how. The root's path is laid so that it begins
where the robot stands, each time the robot joins the motion: a robot is not carried elsewhere.

A run that is resumed goes on with a free robot, or a stopped one, exactly; one that was led stands
where it was sent last, and nothing is sent to it until it is armed.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np

from flood_bridge.errors import CommandError
from flood_bridge.live.mark import Memory
from flood_bridge.motion.frames import RobotFrame
from flood_bridge.retarget.limit_chain import OutputChain, is_usable
from flood_bridge.retarget.limit_root import Anchor, blend, ease
from flood_bridge.retarget.limit_safe import SafePose
from flood_bridge.safety.decision import STOPPED, Decision, Sight, State
from flood_bridge.safety.machine import SafetyMachine
from flood_bridge.safety.memory import MachineMemory

_ARRIVED_RAD, _ARRIVED_RAD_S = 0.01, 0.05
_OUTSIDE_RAD = 0.05
"""So far outside its range a measured joint may be when its robot is armed: what is published then
begins at the range's end."""


@dataclass(frozen=True, slots=True)
class GuardMemory:
    """Where a robot and its guard are."""

    names: tuple[str, ...]
    machine: MachineMemory
    chain: Memory
    anchor: tuple[float, ...]
    blends_from: RobotFrame | None
    usable: RobotFrame | None
    """The last frame of the motion that could be followed."""
    stood: np.ndarray | None
    """(n,) where it was sent before it was let go of; None if it was led since."""


class RobotGuard:
    """Stands between the motion and one robot.

    Args:
        machine: Decides; commands and measurements are for its caller to pass on.
        chain: Bounds what is sent.
        safe: Where the robot is led when it is to be left alone.
        free: The safety layer is off: the robot begins in the first frame's pose, and its root
            goes where the motion's does, jumps included.
    """

    def __init__(
        self, machine: SafetyMachine, chain: OutputChain, safe: SafePose, *, free: bool
    ) -> None:
        self.machine = machine
        self._chain = chain
        self._safe = safe
        self._free = free
        self._anchor = Anchor()
        self._from: RobotFrame | None = None
        self._usable: RobotFrame | None = None
        self._stood: np.ndarray | None = None
        self._ticked_secs = 0.0
        self.decision: Decision | None = None
        """Of the last tick."""

    def arm(self, now_secs: float) -> None:
        """Let the robot join the motion when it may.

        Raises:
            CommandError: If the stop is latched, or the robot is not measured or stands so that its
                first step would be a jump.
        """
        measured = None if self._chain.begun else self.machine.measured(now_secs)
        if measured is not None:
            name, beyond = self._chain.outside(measured)
            if beyond > _OUTSIDE_RAD:
                raise CommandError(
                    f"the robot cannot be armed: {name} is {beyond:.2f} rad outside the range that"
                    f" motions are given; at most {_OUTSIDE_RAD:g}: bring it inside first"
                )
        self.machine.arm(now_secs)

    def publish(
        self, now_secs: float, wanted: RobotFrame, *, fresh: bool, jumped: bool
    ) -> RobotFrame | None:
        """Return what the robot is sent this tick; None if nothing.

        Args:
            now_secs: The daemon's clock.
            wanted: The motion.
            fresh: Whether ``wanted`` is what the motion is now, not what it was when it failed.
            jumped: Whether its root is elsewhere than the frame before leads to.
        """
        self._ticked_secs = now_secs
        usable = is_usable(wanted)
        if usable:
            self._usable = wanted
        wanted = self._usable or wanted
        sent = self._chain.frame() if self._chain.begun else None
        sight = Sight(
            fresh=fresh and usable,
            wanted=wanted.positions,
            sent=None if sent is None else sent.positions,
            at_safe_pose=sent is not None and self._is_safe(sent),
        )
        decision = self.decision = self.machine.tick(now_secs, sight)
        if decision.state is State.IDLE or self._usable is None:
            self._let_go()
            return None
        if not self._chain.begun:
            return None if decision.state is State.ESTOP else self._begin(now_secs, wanted)
        if jumped and decision.state not in STOPPED:
            self._jump(wanted)
        return self._move(decision, self._anchor.carry(wanted))

    def memory(self) -> GuardMemory:
        """Return all that the next frame depends on, but for what is told anew all the time."""
        return GuardMemory(
            self.names,
            self.machine.memory(self._ticked_secs + self._chain.period_secs),
            self._chain.memory(),
            astuple(self._anchor),
            self._from,
            self._usable,
            self._stood,
        )

    def recall(self, memory: GuardMemory, now_secs: float) -> None:
        """Go on from where the guard of another run of this robot was.

        Args:
            memory: Where that was.
            now_secs: When the next tick is, about.

        Raises:
            ValueError: If it was that of another robot.
        """
        self._chain.recall(memory.chain)
        self.machine.recall(memory.machine, now_secs)
        self._anchor = Anchor(*memory.anchor)
        self._from, self._usable = memory.blends_from, memory.usable
        self._stood = memory.stood
        if self.machine.state is State.IDLE:
            self._let_go()

    @property
    def names(self) -> tuple[str, ...]:
        """The robot's joints."""
        return self._chain.names

    def _let_go(self) -> None:
        """Send nothing more; where the robot was sent is where it begins if it is not measured."""
        if self._chain.begun:
            self._stood = self._chain.frame().positions
        self._chain.forget()

    def _begin(self, now_secs: float, wanted: RobotFrame) -> RobotFrame:
        self._anchor = Anchor()
        if self._free:
            return self._chain.begin(wanted)
        measured = self.machine.measured(now_secs)
        joints, self._stood = self._stood if measured is None else measured, None
        stand = self._safe if joints is None else self._safe.with_joints(joints)
        return self._chain.begin(stand.at(wanted))

    def _jump(self, wanted: RobotFrame) -> None:
        if self._free:
            self._chain.jump(wanted)
        else:
            self._anchor = Anchor.that_brings(wanted, self._chain.frame())

    def _move(self, decision: Decision, wanted: RobotFrame) -> RobotFrame:
        if decision.entered:
            self._from = self._chain.frame()
            if decision.state is State.BLEND_IN and not self._free:
                joining = Anchor.that_brings(wanted, self._from)
                self._anchor = self._anchor.then(joining)
                wanted = joining.carry(wanted)
        if decision.state in STOPPED:
            return self._chain.brake()
        if decision.state is State.LIVE or self._from is None:
            return self._chain.follow(wanted)
        if decision.state is State.BLEND_OUT:
            wanted = self._safe.at(self._from)
        return self._chain.follow(blend(self._from, wanted, ease(decision.share)))

    def _is_safe(self, sent: RobotFrame) -> bool:
        near = np.abs(sent.positions - self._safe.positions).max() < _ARRIVED_RAD
        return bool(near and np.abs(sent.velocities).max() < _ARRIVED_RAD_S)
