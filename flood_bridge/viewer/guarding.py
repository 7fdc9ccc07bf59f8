"""The controls of the safety layer: the stop is for everybody, arming for who steers."""

from __future__ import annotations

from typing import Any, Protocol

from flood_bridge.commands import Arm, Command, Disarm, ResetStop
from flood_bridge.viewer.asking import Asks

_KINDS: dict[str, type[Command]] = {"arm": Arm, "disarm": Disarm, "clear stop": ResetStop}


class Stops(Protocol):
    """Who stops robots."""

    def stop(self, person: int) -> None:
        """Stop every robot at once, whoever asks."""
        ...


class _House(Asks, Stops, Protocol):
    """Both."""


class Guarding:
    """Hidden until the daemon tells of a safety layer."""

    def __init__(self, gui: Any, person: int, house: _House) -> None:
        self._state = gui.add_html("", visible=False)
        self._stop = gui.add_button(
            "Emergency stop",
            color="red",
            visible=False,
            hint="Stops every robot at once, whoever steers; it stays stopped until it is cleared.",
        )
        self._arming = gui.add_button_group(
            "Robot",
            tuple(_KINDS),
            visible=False,
            hint="arm lets the robot follow the motion. disarm leads it to its safe pose. clear"
            " stop ends an emergency stop; the robot has to be armed anew.",
        )
        self._stop.on_click(lambda _: house.stop(person))
        self._arming.on_click(lambda _: self._ask(house, person, _KINDS[self._arming.value]))

    def show(self, state: str, *, steering: bool) -> None:
        """Show what the layer does, as HTML; nothing hides all of it."""
        self._state.content = state
        self._state.visible = self._stop.visible = bool(state)
        self._arming.visible = bool(state) and steering

    def _ask(self, house: _House, person: int, kind: type[Command]) -> None:
        house.ask(person, lambda character, request: kind(character=character, request_id=request))
