"""The state machine: what is told to it, and one decision per tick.

What stops the robot has an order: the emergency stop comes first, then whatever forbids any motion
(the enabling switch is not held, the robot is not measured, does not follow), then the way to the
safe pose (disarmed, or no motion comes), then what merely waits (the clutch).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flood_bridge.errors import CommandError
from flood_bridge.safety.decision import Cause, Decision, Sight, State
from flood_bridge.safety.memory import MachineMemory
from flood_bridge.safety.options import SafetyOptions
from flood_bridge.safety.watches import Heartbeat, Measurement, Persistence, farthest

Because = tuple[State, Cause, str]


class SafetyMachine:
    """Decides about one robot.

    Args:
        names: Its joints, in the order of every array.
        options: Times and distances.
    """

    def __init__(self, names: Sequence[str], options: SafetyOptions) -> None:
        self._names = tuple(names)
        self._options = options
        self._measurement = Measurement(names)
        self._deadman = Heartbeat(options.deadman_secs)
        self._frames = Heartbeat(options.hold_secs)
        self._strayed = Persistence(options.strayed_secs)
        self._clutch = True
        self._stopped: str | None = None
        self._leaving: tuple[Cause, str, float] | None = None
        self._state = State.IDLE if options.enabled else State.LIVE
        self._why: tuple[Cause, str] = (Cause.OFF, "not armed")
        self._led = False  # since it was let go of the last time
        self._since_secs = 0.0
        self._blend_secs = options.enter_blend_secs
        self._told: Because | None = None

    @property
    def state(self) -> State:
        """What is done with the robot now."""
        return self._state

    def memory(self, now_secs: float) -> MachineMemory:
        """Return all that the next decision depends on, but for what is told anew all the time."""
        return MachineMemory(
            state=self._state,
            cause=self._why[0],
            reason=self._why[1],
            age_secs=now_secs - self._since_secs,
            blend_secs=self._blend_secs,
            clutch=self._clutch,
            stopped=self._stopped,
            told=self._told,
        )

    def recall(self, memory: MachineMemory, now_secs: float) -> None:
        """Go on from where the machine of another run was.

        A robot that was led is not led on: it must be armed again, by somebody who looks at it. An
        emergency stop stays latched. What was told to this machine already, while the model loaded,
        is kept: a stop, and a clutch that is off.
        """
        self._clutch = self._clutch and memory.clutch
        self._stopped = self._stopped or memory.stopped
        self._leaving = None
        if self._options.enabled and memory.stopped is None and memory.state is not State.IDLE:
            self._enter(now_secs, State.IDLE, Cause.RESUMED, "the run was resumed; not armed")
            return
        since_secs = now_secs - memory.age_secs
        self._enter(since_secs, memory.state, memory.cause, memory.reason)
        self._blend_secs, self._told = memory.blend_secs, memory.told

    def measured(self, now_secs: float) -> np.ndarray | None:
        """Return where the robot's joints are, (n,); None if that is not known."""
        _, age_secs = self._measurement.oldest(now_secs)
        return self._measurement.positions.copy() if self._is_recent(age_secs) else None

    # What is told.

    def measure(self, now_secs: float, names: Sequence[str], positions: Sequence[float]) -> None:
        """Note where the real robot's joints are.

        Raises:
            CommandError: If they are not the robot's.
        """
        self._measurement.take(now_secs, names, positions)

    def arm(self, now_secs: float) -> None:
        """Let the robot join the motion when it may.

        Raises:
            CommandError: If the stop is latched or the robot is not measured.
        """
        if self._stopped is not None:
            raise CommandError("the emergency stop is latched; reset it first")
        missing = self._unmeasured(now_secs)
        if missing is not None:
            raise CommandError(f"the robot cannot be armed: {missing}")
        if self._state in (State.IDLE, State.BLEND_OUT):
            self._leaving = None
            self._enter(now_secs, State.ARMED, Cause.NO_MOTION, "armed")

    def disarm(self) -> None:
        """Lead the robot to its safe pose, then let go of it."""
        self._leave(Cause.DISARMED, "disarmed", self._options.disarm_blend_secs)

    def clutch(self, engaged: bool) -> None:
        """Take the motion up or let go of it."""
        self._clutch = engaged

    def deadman(self, now_secs: float, held: bool) -> None:
        """Note the enabling switch."""
        if held:
            self._deadman.beat(now_secs)
        else:
            self._deadman.stop()

    def stop(self, reason: str) -> None:
        """Stop at once and for good; a second stop keeps the first one's reason."""
        if self._stopped is None:
            self._stopped = reason or "emergency stop"

    def reset(self, now_secs: float) -> None:
        """End the stop.

        Raises:
            CommandError: If nothing is stopped.
        """
        if self._stopped is None:
            raise CommandError("there is no emergency stop to reset")
        self._stopped = self._leaving = None
        if self._options.enabled:
            self._enter(now_secs, State.IDLE, Cause.RESET, "the stop was reset; not armed")
        else:
            self._blend_secs = self._options.resume_blend_secs
            self._enter(now_secs, State.BLEND_IN, Cause.RESET, "the stop was reset")

    # One tick.

    def tick(self, now_secs: float, sight: Sight) -> Decision:
        """Return what is to be done now."""
        late_secs = self._frames.silent_secs(now_secs)
        if sight.fresh:
            self._frames.beat(now_secs)
        strayed = self._straying(now_secs, sight)
        state, cause, reason = self._next(now_secs, sight, late_secs, strayed)
        if state is not self._state:
            self._enter(now_secs, state, cause, reason)
        self._why = cause, reason
        entered, self._told = state is not (self._told and self._told[0]), (state, cause, reason)
        blends = state in (State.BLEND_IN, State.BLEND_OUT)
        share = (now_secs - self._since_secs) / self._blend_secs if blends else 0.0
        return Decision(state, cause, reason, min(share, 1.0), entered)

    def _next(self, now: float, sight: Sight, late_secs: float, strayed: str | None) -> Because:
        if self._stopped is not None:
            return State.ESTOP, Cause.STOPPED, self._stopped
        if not self._options.enabled:
            return self._unguarded(now)
        if self._state in (State.IDLE, State.ESTOP):
            return State.IDLE, self._why[0], self._why[1]
        forbidden = self._forbidden(now, strayed)
        if self._state is State.ARMED:
            return self._armed(now, sight, late_secs, forbidden)
        return self._active(now, sight, late_secs, forbidden)

    def _active(
        self, now: float, sight: Sight, late_secs: float, forbidden: tuple[Cause, str] | None
    ) -> Because:
        if forbidden is not None:
            return State.HOLD, *forbidden
        self._note_absence(late_secs)
        if self._leaving is not None:
            return self._left(sight)
        if not self._clutch:
            return State.HOLD, Cause.CLUTCH, "the clutch is off"
        if late_secs >= self._options.hold_secs:
            return State.HOLD, Cause.NO_MOTION, _absent(late_secs)
        return self._followed(now)

    def _unguarded(self, now: float) -> Because:
        if self._state is State.BLEND_IN and now - self._since_secs < self._blend_secs:
            return State.BLEND_IN, Cause.NONE, "on the way to the motion"
        return State.LIVE, Cause.NONE, "follows the motion; the safety layer is off"

    def _armed(
        self, now: float, sight: Sight, late_secs: float, forbidden: tuple[Cause, str] | None
    ) -> Because:
        if self._leaving is None and now - self._since_secs >= self._options.armed_secs:
            waited = f"armed for {self._options.armed_secs:g} s and never near the motion"
            self._leave(Cause.WAITED, waited, self._options.disarm_blend_secs)
        if self._leaving is not None and self._led:  # it was armed again on the way to the pose
            return self._active(now, sight, late_secs, forbidden)
        if self._leaving is not None:
            return State.IDLE, *self._leaving[:2]
        obstacle = forbidden or self._obstacle(sight)
        if obstacle is not None:
            return State.ARMED, *obstacle
        self._blend_secs = self._options.enter_blend_secs
        return State.BLEND_IN, Cause.NONE, "on the way to the motion"

    def _left(self, sight: Sight) -> Because:
        assert self._leaving is not None
        cause, reason, secs = self._leaving
        if self._state is State.BLEND_OUT and sight.at_safe_pose:
            self._leaving = None
            return State.IDLE, cause, f"{reason}; at the safe pose"
        self._blend_secs = secs
        return State.BLEND_OUT, cause, reason

    def _followed(self, now: float) -> Because:
        if self._state is State.HOLD:
            self._blend_secs = self._options.resume_blend_secs
            return State.BLEND_IN, Cause.NONE, "on the way back to the motion"
        if self._state is State.BLEND_IN and now - self._since_secs < self._blend_secs:
            return State.BLEND_IN, self._why[0], self._why[1]
        return State.LIVE, Cause.NONE, "follows the motion"

    def _note_absence(self, late_secs: float) -> None:
        if late_secs >= self._options.leave_secs and self._leaving is None and self._clutch:
            secs = self._options.leave_blend_secs
            self._leave(Cause.NO_MOTION, _absent(self._options.leave_secs), secs)

    def _leave(self, cause: Cause, reason: str, secs: float) -> None:
        if self._state not in (State.IDLE, State.ESTOP):
            self._leaving = cause, reason, secs

    def _enter(self, now: float, state: State, cause: Cause, reason: str) -> None:
        self._state, self._since_secs, self._why = state, now, (cause, reason)
        if state is not State.ARMED:
            self._led = state is not State.IDLE

    # What is in the way.

    def _forbidden(self, now: float, strayed: str | None) -> tuple[Cause, str] | None:
        """Return why the robot may not move at all."""
        if self._options.needs_deadman and not self._deadman.is_given(now):
            return Cause.NO_DEADMAN, "the enabling switch is not held"
        missing = self._unmeasured(now)
        if missing is not None:
            return Cause.NO_MEASUREMENT, missing
        return None if strayed is None else (Cause.STRAYED, strayed)

    def _obstacle(self, sight: Sight) -> tuple[Cause, str] | None:
        """Return why the robot may not join the motion."""
        if not self._clutch:
            return Cause.CLUTCH, "the clutch is off"
        if not sight.fresh or sight.wanted is None or sight.sent is None:
            return Cause.NO_MOTION, "no motion comes"
        here = self._measurement.positions if self._options.needs_measurement else sight.sent
        name, gap = farthest(self._names, here, sight.wanted)
        if gap > self._options.gate_rad:
            return Cause.FAR, (
                f"{name} is {gap:.2f} rad from the motion; at most {self._options.gate_rad:g}"
            )
        return None

    def _straying(self, now: float, sight: Sight) -> str | None:
        if sight.sent is None or not self._options.needs_measurement:
            self._strayed.is_so(now, False)
            return None
        name, gap = self._measurement.farthest(sight.sent)
        _, age_secs = self._measurement.oldest(now)
        far = gap > self._options.strayed_rad and self._is_recent(age_secs)
        if not self._strayed.is_so(now, far):
            return None
        return f"{name} is {gap:.2f} rad from where it was sent"

    def _unmeasured(self, now: float) -> str | None:
        if not self._options.needs_measurement:
            return None
        name, age_secs = self._measurement.oldest(now)
        if self._is_recent(age_secs):
            return None
        if age_secs == float("inf"):
            return f"{name} has not been measured"
        return f"{name} was not measured for {self._options.measured_secs:g} s"

    def _is_recent(self, age_secs: float) -> bool:
        return age_secs <= self._options.measured_secs


def _absent(secs: float) -> str:
    if secs == float("inf"):
        return "no frame of the motion has come"
    return f"no frame of the motion for {1000 * secs:.0f} ms"
