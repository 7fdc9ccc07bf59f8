"""One character as generation sees it: an engine's stream, and its latents as frames.

Its cues are on its sheet (:mod:`.cue_sheet`): which prompt goes with the next latent, and whose the
frames are that a latent becomes. It can go back to before any latent that has not begun to play:
see :mod:`.mark`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flood_bridge.errors import FloodBridgeError
from flood_bridge.live.cue_sheet import CueSheet
from flood_bridge.live.engine_port import Chunk, Prompt, StreamState, poses_of
from flood_bridge.live.mark import AvatarSide, Mark, RobotSide
from flood_bridge.live.stillness import StillMemory, Stillness
from flood_bridge.live.stream_settings import StreamSettings
from flood_bridge.live.whereabouts import Place, Whereabouts
from flood_bridge.motion.frames import Frame, FrameFlags, RobotFrame
from flood_bridge.motion.smoothing import Smoothing
from flood_bridge.playout import Cut
from flood_bridge.resample import Resampler, Sample
from flood_bridge.timeline import Cue, TimelineMemory


@dataclass(frozen=True, slots=True)
class Ready:
    """A frame that waits to be played; it gets its sequence number and play time then."""

    frame: Frame
    starts: Cue | None = None
    """The cue whose receipt is due when this frame plays."""


class Character:
    """What one character's generation keeps between latents; touched by the engine thread only.

    Args:
        number: The character's number.
        state: The engine's stream, before its first frame.
        first: The cue to begin with; it gets no receipt.
        window_size: Latents in the engine's active window.
        smoothing: Of the poses as the model makes them.
        resampler: From the model's rate to the stream's.
        avatar: Retargeter to the avatar.
        robot: Retargeter to the robot, if there is one.
        stillness: Watches whether it moves.
        seed: Of the stream's noise.
    """

    def __init__(
        self,
        number: int,
        state: StreamState,
        first: Cue,
        *,
        window_size: int,
        smoothing: Smoothing,
        resampler: Resampler[Cue],
        avatar: AvatarSide,
        robot: RobotSide | None,
        stillness: Stillness,
        seed: int,
    ) -> None:
        self.number = number
        self.state = state
        self.seed = seed
        self.latents = 0
        """Latents made since the stream's start."""
        self.cues = CueSheet(first, window_size)
        """What it is told, and what of that its frames show."""
        self._smoothing = smoothing
        self._resampler = resampler
        self._avatar = avatar
        self.robot = robot
        self._stillness = stillness
        self.still = False
        """Whether it has not moved for so long that it may rest."""
        self._where = Whereabouts()
        self._settings = StreamSettings()

    @property
    def speed(self) -> float:
        """Seconds of motion that are played per second, from the next latent on."""
        return self._resampler.speed

    @speed.setter
    def speed(self, factor: float) -> None:
        self._resampler.speed = factor

    @property
    def smoothing_secs(self) -> float:
        """Time constant of the smoothing, from the next latent on; 0 is off."""
        return self._smoothing.secs

    @smoothing_secs.setter
    def smoothing_secs(self, secs: float) -> None:
        self._smoothing.secs = secs

    @property
    def settings(self) -> StreamSettings:
        """How the engine makes its stream, from the next latent on."""
        return self._settings

    @settings.setter
    def settings(self, settings: StreamSettings) -> None:
        self._settings = settings
        settings.put_on(self.state)

    def place(self, place: Place) -> None:
        """Put the root elsewhere with the first frame of the next latent."""
        self._where.place(place)

    def stir(self) -> None:
        """Begin to watch anew whether it moves, as it was asked for something."""
        self._stillness.reset()
        self.still = False

    def still_memory(self) -> StillMemory:
        """Return for how long it has not moved."""
        return self._stillness.memory()

    def mark(self) -> Mark:
        """Return all that the next latent depends on, to go back to."""
        return Mark(
            state=self.state.fork(),
            latents=self.latents,
            owners=self.cues.owners,
            last=self.cues.last,
            smoothing=self._smoothing.memory(),
            resampler=self._resampler.memory(),
            avatar=self._avatar.memory(),
            robot=None if self.robot is None else self.robot.memory(),
            where=self._where.memory(),
        )

    def take_up(
        self,
        mark: Mark,
        timeline: TimelineMemory[Prompt],
        still: StillMemory,
        *,
        seed: int,
        speed: float,
        smoothing_secs: float,
    ) -> None:
        """Go on from where another run of this character was."""
        self.seed, self.speed, self.smoothing_secs = seed, speed, smoothing_secs
        self._go_back(mark)
        self._where.recall(mark.where)
        self._settings = StreamSettings.of(self.state)
        self.cues.take_up(timeline)
        self._stillness.recall(still)

    def interrupt(self, cue: Cue, cut: Cut[Ready, Mark] | None) -> list[Cue]:
        """Give all that is not made for good to ``cue``; what was ``cut`` is to be made again.

        The engine's stream is for the caller to interrupt; what it was set to and its place are
        kept.
        Returns the cues that will now never be shown.
        """
        if cut is not None:
            self._go_back(cut.mark)
            self._where.go_back(cut.mark.where)
            self._settings.put_on(self.state)
        return self.cues.interrupt(cue, [] if cut is None else _started(cut.frames))

    def _go_back(self, mark: Mark) -> None:
        self.state, self.latents = mark.state, mark.latents
        self.cues.go_back(mark.owners, mark.last)
        self._smoothing.recall(mark.smoothing)
        self._resampler.recall(mark.resampler)
        self._avatar.recall(mark.avatar)
        if self.robot is not None and mark.robot is not None:
            self.robot.recall(mark.robot)

    def bind(self) -> Prompt:
        """Return the prompt for the engine's next call; it owns what enters the window there."""
        return self.cues.bind().prompt

    def take(self, chunk: Chunk) -> list[Sample[Cue]]:
        """Return the poses to be played of the latent just committed.

        Raises:
            FloodBridgeError: If a number of it is not finite.
        """
        arrays = (chunk.features, chunk.joints, chunk.velocities, chunk.heading_rad)
        if not all(np.isfinite(array).all() for array in arrays):
            raise FloodBridgeError(
                f"the model made numbers that are not finite for character {self.number}"
            )
        owner = self.cues.commit()
        self.latents += 1
        self.still = self._stillness.watch(chunk.joints)
        samples: list[Sample[Cue]] = []
        for pose in poses_of(chunk):
            samples += self._resampler.push(self._smoothing.smooth(pose, self.speed), owner)
        return samples

    def dress(
        self, samples: Sequence[Sample[Cue]], robots: Sequence[RobotFrame | None]
    ) -> list[Ready]:
        """Return the frames of the poses that :meth:`take` gave, and of the robot's for them."""
        return [self._ready(*each) for each in zip(samples, robots, strict=True)]

    def restart(self, state: StreamState, seed: int, dropped: Sequence[Ready]) -> list[Cue]:
        """Begin a new stream at the origin; ``dropped`` frames will never be played.

        Prompts stay, and so does all that the character was set to.

        The robot's joints are led to the new motion within their speeds.
        Returns the cues that will now never be shown.
        """
        self.state, self.seed, self.latents = state, seed, 0
        self._settings.put_on(self.state)
        self._smoothing.reset()
        self._resampler.reset()
        self._avatar.reset()
        if self.robot is not None:
            self.robot.relocate()
        self._where.reset()
        return self.cues.restart(_started(dropped))

    def _ready(self, sample: Sample[Cue], robot: RobotFrame | None) -> Ready:
        cue = sample.owner
        changed, due = self.cues.show(cue)
        flags = FrameFlags.INTERPOLATED if sample.interpolated else FrameFlags.NONE
        if changed:
            flags |= FrameFlags.PROMPT_CHANGED
        frame = Frame(
            character=self.number,
            sequence=0,
            play_time_secs=0.0,
            pose=sample.pose,
            avatar=self._avatar.retarget(sample.pose),
            robot=robot,
            prompt=cue.text,
            flags=flags,
        )
        return Ready(self._where.carry(frame), starts=cue if due else None)


def _started(frames: Sequence[Ready]) -> list[Cue]:
    """Return the cues that begin with one of these frames."""
    return [ready.starts for ready in frames if ready.starts is not None]
