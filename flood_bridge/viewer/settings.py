"""What can be set while a character moves, as anybody has last asked for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flood_bridge.commands import (
    Command,
    SetGuidance,
    SetHistory,
    SetSmoothing,
    SetSpeed,
    SetSteps,
)
from flood_bridge.viewer.messages import About


@dataclass(frozen=True, slots=True)
class Settings:
    """Of one character; None is the model's own, which is not known before it is loaded."""

    speed: float = 1.0
    guidance: float | None = None
    history: int | None = None
    """Latents in sight of the model, those in the making included."""
    steps: int | None = None
    """Denoise steps of each latent."""
    smoothing_secs: float = 0.0

    def after(self, command: Command) -> Settings:
        """Return what holds once ``command`` is obeyed."""
        match command:
            case SetSpeed():
                return replace(self, speed=command.factor)
            case SetGuidance():
                return replace(self, guidance=command.scale)
            case SetHistory():
                return replace(self, history=command.latents)
            case SetSteps():
                return replace(self, steps=command.steps)
            case SetSmoothing():
                return replace(self, smoothing_secs=command.secs)
            case _:
                return self

    def of(self, model: About | None) -> Settings:
        """Return these with the numbers of ``model`` where its own hold."""
        if model is None:
            return self
        return replace(
            self,
            guidance=model.guidance if self.guidance is None else self.guidance,
            history=model.histories[-1] if self.history is None else self.history,
            steps=model.steps if self.steps is None else self.steps,
        )


def allows(model: About | None, command: Command) -> bool:
    """Return whether ``model`` can do what is asked for; if not, the daemon refuses it."""
    match command:
        case SetHistory():
            return model is None or command.latents in model.histories
        case SetSteps():
            return model is None or command.steps in model.step_counts
        case _:
            return True
