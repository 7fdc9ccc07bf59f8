"""The controls of one browser. What they ask for is checked in the room: here is only the look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import viser

from flood_bridge.viewer import markup
from flood_bridge.viewer.asking import Asks
from flood_bridge.viewer.guarding import Guarding, Stops
from flood_bridge.viewer.lease import PATIENCE_SECS
from flood_bridge.viewer.saving import KINDS
from flood_bridge.viewer.steering import Controls, Steering
from flood_bridge.viewer.view import View

_LEASE_HINT = (
    "One person steers. Who asks is next when the owner hands over, leaves, or does nothing for"
    f" {PATIENCE_SECS:.0f} seconds."
)


class House(Asks, Stops, Protocol):
    """What a panel may ask of the room."""

    def press_lease(self, person: int) -> None:
        """Ask for the controls, hand them over or let them go, as the button says."""
        ...

    def save(self, person: int, suffix: str) -> None:
        """Send the last half minute."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """All that a panel shows, made by the room for one person."""

    state: str
    who: str
    steering: bool
    lease_button: str
    """Empty: there is nothing to press."""
    strip: str
    meters: str
    controls: Controls
    safety: str
    """What the safety layer does with the robot; empty without one."""


class Panel:
    """Builds the controls and keeps them true.

    Args:
        client: The browser.
        person: Its number.
        house: Who is asked.
        seed: With which the motion began.
        beside: Whether a robot stands beside the human.
    """

    def __init__(
        self,
        client: viser.ClientHandle,
        person: int,
        house: House,
        seed: int = 0,
        *,
        beside: bool = False,
    ) -> None:
        gui = client.gui
        gui.set_panel_label("flood_bridge")
        self.view = View(client, beside=beside)
        self._texts: dict[str, str] = {}
        self._headline = gui.add_html("")
        self._lease = gui.add_button("Take over", visible=False, hint=_LEASE_HINT)
        self._lease.on_click(lambda _: house.press_lease(person))
        self._strip = gui.add_html("")
        self._guarding = Guarding(gui, person, house)
        # On a phone a panel is a row that opens at a touch: the body is seen whole until then.
        folds = self.view.narrow and hasattr(gui, "add_panel")
        tabs = gui.add_panel() if folds else gui.add_tab_group()
        with tabs.add_tab("Steer"):
            self._steering = Steering(gui, person, house, seed)
            self._watching = gui.add_html(
                markup.page("You watch. The controls come when it is your turn."), visible=False
            )
        with tabs.add_tab("Measure"):
            self._meters = gui.add_html("")
        with tabs.add_tab("Save"):
            self._add_saving(gui, person, house)
        with tabs.add_tab("View"):
            self._add_view(gui)

    def show(self, shown: Shown) -> None:
        """Bring the panel up to date; what has not changed is not sent."""
        self._put(
            "headline", markup.headline(shown.state, shown.who, steering=shown.steering),
            lambda html: setattr(self._headline, "content", html),
        )  # fmt: skip
        self._put("lease", shown.lease_button, self._show_lease)
        self._put("strip", shown.strip, lambda html: setattr(self._strip, "content", html))
        self._put("meters", shown.meters, lambda html: setattr(self._meters, "content", html))
        self._put(
            "safety",
            f"{shown.safety}{shown.steering}",
            lambda _: self._guarding.show(shown.safety, steering=shown.steering),
        )
        self._put("steering", str(shown.steering), lambda _: self._show_steering(shown.steering))
        self._steering.show(shown.controls)

    def _put(self, name: str, text: str, put: Callable[[str], None]) -> None:
        if self._texts.get(name) != text:
            self._texts[name] = text
            put(text)

    def _show_lease(self, label: str) -> None:
        self._lease.visible = bool(label)
        if label:
            self._lease.label = label

    def _show_steering(self, steering: bool) -> None:
        self._steering.visible(steering)
        self._watching.visible = not steering

    def _add_saving(self, gui: Any, person: int, house: House) -> None:
        gui.add_html(
            markup.page("The last 30 seconds of the character that is steered, as a file.")
        )
        for label, (suffix, hint) in KINDS.items():
            button = gui.add_button(label, hint=hint)
            button.on_click(lambda _, suffix=suffix: house.save(person, suffix))

    def _add_view(self, gui: Any) -> None:
        follow = gui.add_checkbox(
            "Follow",
            True,
            hint="The character stays in the middle; the mouse still turns the view.",
        )
        dark = gui.add_checkbox("Dark", False, hint="Dark colours, on this page only.")
        follow.on_update(lambda _: setattr(self.view, "follows", bool(follow.value)))
        dark.on_update(lambda _: self.view.dress(dark=bool(dark.value)))
        gui.add_html(
            markup.page(
                "Drag to turn, scroll to come nearer, drag with the right button to shift.<br>"
                "Orange is the body's left, blue its right. Discs lie where feet touch the ground."
            )
        )
