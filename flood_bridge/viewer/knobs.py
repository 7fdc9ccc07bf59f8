"""The knobs of the panel: how motion is made and played.

A knob shows what holds, whoever has set it. One that has been turned is left alone for a moment:
what it asks for is on its way.
"""

from __future__ import annotations

from typing import Any

from flood_bridge.commands import (
    GUIDANCES,
    SMOOTHINGS,
    SPEEDS,
    STEPS,
    Command,
    SetGuidance,
    SetHistory,
    SetSmoothing,
    SetSpeed,
    SetSteps,
)
from flood_bridge.viewer.asking import Asks, maker
from flood_bridge.viewer.messages import About
from flood_bridge.viewer.settings import Settings


class Knobs:
    """Each says what it does as its hint; what depends on the model appears with it."""

    def __init__(self, gui: Any, person: int, asks: Asks) -> None:
        self._person = person
        self._asks = asks
        self._model: About | None = None
        self._stood: dict[int, float] = {}
        self._speed = gui.add_slider(
            "Speed", *SPEEDS, 0.05, 1.0, hint="Seconds of motion in each second."
        )
        self._guidance = gui.add_slider(
            "Guidance", *GUIDANCES, 0.1, 2.5,
            hint="How closely the text is followed. It begins with the model's own.",
        )  # fmt: skip
        self._history = gui.add_slider(
            "History", 1.0, 2.0, 0.2, 2.0, visible=False,
            hint="How many seconds of its own motion the model sees. It begins with all that it"
            " can; with fewer it forgets sooner.",
        )  # fmt: skip
        self._steps = gui.add_slider(
            "Steps", *STEPS, 1, 2, visible=False,
            hint="How often each piece of motion is denoised. It begins with the model's own;"
            " fewer are faster, more are finer.",
        )  # fmt: skip
        self._smoothing = gui.add_slider(
            "Smoothing", *SMOOTHINGS, 0.02, 0.0,
            hint="Over how many seconds the body is calmed; it lags behind by about as many."
            " 0 is off.",
        )  # fmt: skip
        self._listen()

    def show(self, now: Settings, model: About | None) -> None:
        """Set the knobs to what holds."""
        if model is not None and model != self._model:
            self._fit(model)
        self._put(self._speed, now.speed)
        self._put(self._smoothing, now.smoothing_secs)
        if model is None or now.guidance is None or now.history is None or now.steps is None:
            return
        self._put(self._guidance, now.guidance)
        self._put(self._history, self._secs(now.history, model))
        self._put(self._steps, now.steps)

    def _put(self, knob: Any, value: float) -> None:
        stands = knob.value
        if stands != self._stood.get(id(knob), stands):  # a hand has turned it since
            self._stood[id(knob)] = stands
            return
        if stands != value:
            knob.value = value
        self._stood[id(knob)] = knob.value

    def _fit(self, model: About) -> None:
        """Let the knobs offer what ``model`` can do, and nothing else."""
        self._model = model
        history, steps = self._history, self._steps
        history.step, history.precision = model.latent_secs, 2 - (model.latent_secs * 10 % 1 < 1e-6)
        history.max = self._secs(model.histories[-1], model)
        history.min = self._secs(model.histories[0], model)
        steps.min, steps.max = min(model.step_counts), max(model.step_counts)
        history.visible = len(model.histories) > 1
        steps.visible = len(model.step_counts) > 1

    def _listen(self) -> None:
        speed, guidance, smoothing = self._speed, self._guidance, self._smoothing
        speed.on_update(
            lambda event: self._turn(event, "speed", SetSpeed, factor=float(speed.value))
        )
        guidance.on_update(
            lambda event: self._turn(event, "guidance", SetGuidance, scale=float(guidance.value))
        )
        smoothing.on_update(
            lambda event: self._turn(event, "smoothing", SetSmoothing, secs=float(smoothing.value))
        )
        self._history.on_update(self._turn_history)
        self._steps.on_update(
            lambda event: self._turn(event, "steps", SetSteps, steps=round(self._steps.value))
        )

    def _turn_history(self, event: Any) -> None:
        if self._model is not None:
            latents = round(self._history.value / self._model.latent_secs)
            self._turn(event, "history", SetHistory, latents=latents)

    def _turn(self, event: Any, knob: str, kind: type[Command], **values: Any) -> None:
        if event.client is not None:  # else it is we who have set it
            self._asks.turn(self._person, knob, maker(kind, values))

    @staticmethod
    def _secs(latents: int, model: About) -> float:
        return round(latents * model.latent_secs, 3)
