"""What a character's stream is made with, as long as nobody asks for something else."""

from __future__ import annotations

from dataclasses import dataclass

from flood_bridge.live.engine_port import StreamState


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """The wishes that the engine reads before each latent; None is the model's own."""

    guidance: float | None = None
    history: int | None = None
    steps: int | None = None

    @classmethod
    def of(cls, state: StreamState) -> StreamSettings:
        """Return what a stream is made with now."""
        return cls(state.guidance, state.history, state.steps)

    def put_on(self, state: StreamState) -> None:
        """Have a stream made so from its next latent on."""
        state.guidance, state.history, state.steps = self.guidance, self.history, self.steps
