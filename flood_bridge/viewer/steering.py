"""The controls of who steers: prompts, when they begin, and how they are played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flood_bridge.commands import (
    MAX_SEED,
    ClearQueue,
    Command,
    Kill,
    Pause,
    PlaceRoot,
    QueuePrompt,
    Reset,
    Resume,
    SetPrompt,
    Stop,
)
from flood_bridge.viewer import markup
from flood_bridge.viewer.asking import Asks, maker
from flood_bridge.viewer.knobs import Knobs
from flood_bridge.viewer.messages import About
from flood_bridge.viewer.settings import Settings
from flood_bridge.viewer.vocabulary import GROUPS

SOFT, NOW, AFTER, QUEUE = "soon", "at once", "after the queue", "queue it"
WHEN = {SOFT: "soft", NOW: "now", AFTER: "queue"}
_WHEN_HINT = (
    "soon: in about a second, smoothly. at once: within a quarter of a second. after the queue:"
    " when what is queued has played. queue it: for some seconds, then the next one."
)
PAUSE, RESUME = "pause", "resume"


@dataclass(frozen=True, slots=True)
class Controls:
    """What the controls show of the one who is steered."""

    history: tuple[str, ...]
    characters: tuple[int, ...]
    character: int
    paused: bool
    settings: Settings
    model: About | None
    """None before it is loaded."""


class Steering:
    """The controls, each with what it does as its hint."""

    def __init__(self, gui: Any, person: int, asks: Asks, seed: int) -> None:
        self._gui = gui
        self._person = person
        self._asks = asks
        self._first_seed = min(seed, MAX_SEED)
        self._model: About | None = None
        self._all: list[Any] = []
        self._history: tuple[str, ...] = ()
        self._characters: tuple[int, ...] = ()
        self._paused = False
        self._add_prompt()
        self._add_vocabulary()
        self._add_transport()
        self._add_settings()

    def visible(self, visible: bool) -> None:
        """Show or hide all of it."""
        for each in self._all:
            each.visible = visible
        self._show_when()

    def show(self, now: Controls) -> None:
        """Bring the lists and knobs up to date."""
        if now.paused != self._paused:
            self._paused = now.paused
            self._play.options = (RESUME if now.paused else PAUSE, "stand", "reset")
        if now.history != self._history and now.history:
            self._history = now.history
            self._again.options = (_PICK, *now.history)
        if now.characters != self._characters and now.characters:
            self._characters = now.characters
            self._who.options = tuple(map(str, now.characters))
        if now.character in now.characters:
            self._who.value = str(now.character)
        if now.model is not None and now.model != self._model:
            self._model = now.model
            self._about.content = markup.about(now.model)
        self._knobs.show(now.settings, now.model)

    def _add_prompt(self) -> None:
        gui = self._gui
        form = gui.add_form(None)
        with form:
            self._text = gui.add_text("Prompt", "", hint="What the person does. Enter sends it.")
            self._when = gui.add_dropdown("When", (SOFT, NOW, AFTER, QUEUE), hint=_WHEN_HINT)
            self._secs = gui.add_slider(
                "Seconds", 1, 30, 0.5, 4, visible=False, hint="How long a queued prompt holds."
            )
            self._depth = gui.add_slider(
                "Sharpness", 0, 5, 1, 3, visible=False,
                hint="How much of the motion under way is given up: 5 turns at once, 0 slowly.",
            )  # fmt: skip
            send = gui.add_button("Send", hint="The same as Enter in the prompt.")
        form.on_submit(lambda _: self._say(self._text.value))
        send.on_click(lambda _: form.submit())
        self._when.on_update(lambda _: self._show_when())
        self._again = gui.add_dropdown(
            "Again", (_PICK,), hint="Sends a prompt again that was sent before."
        )
        self._again.on_update(lambda _: self._repeat())
        self._all += [form, self._again]

    def _add_vocabulary(self) -> None:
        for heading, words in GROUPS.items():
            texts = dict(words)
            group = self._gui.add_button_group(
                heading, tuple(texts), hint="Sends this prompt, when and how it is set above."
            )
            group.on_click(lambda _, group=group, texts=texts: self._say(texts[group.value]))
            self._all.append(group)

    def _add_transport(self) -> None:
        group = self._play = self._gui.add_button_group(
            "Play", (PAUSE, "stand", "reset"),
            hint="pause holds the pose. resume goes on from it. stand empties the queue and stands"
            " still. reset begins anew at the origin, with the seed below.",
        )  # fmt: skip
        group.on_click(lambda _: self._transport(group.value))
        queue = self._gui.add_button_group(
            "Queue", ("clear",), hint="Forgets what is queued; what plays ends in its time."
        )
        queue.on_click(lambda _: self._ask(ClearQueue))
        self._all += [group, queue]

    def _add_settings(self) -> None:
        gui = self._gui
        folder = gui.add_folder("Settings", expand_by_default=False)
        with folder:
            self._knobs = Knobs(gui, self._person, self._asks)
            self._seed = gui.add_number(
                "Seed", self._first_seed, min=0, max=MAX_SEED, step=1,
                hint="Of the noise, from the next reset on.",
            )  # fmt: skip
            self._who = gui.add_dropdown("Character", ("0",), hint="Who is steered and looked at.")
            crowd = gui.add_button_group(
                "Crowd", ("add", "remove", "to origin"),
                hint="add begins another character. remove ends the chosen one. to origin puts it"
                " back to the middle of the floor.",
            )  # fmt: skip
            self._about = gui.add_html("")
        self._who.on_update(self._choose)
        crowd.on_click(lambda _: self._crowd(crowd.value))
        self._all.append(folder)

    def _show_when(self) -> None:
        self._secs.visible = self._when.value == QUEUE
        self._depth.visible = self._when.value == NOW

    def _say(self, text: str) -> None:
        when = self._when.value
        if not text.strip():
            return
        if when == QUEUE:
            self._ask(QueuePrompt, text=text, duration_secs=float(self._secs.value))
            return
        depth = int(self._depth.value) if when == NOW else None
        self._ask(SetPrompt, text=text, urgency=WHEN[when], depth=depth)

    def _repeat(self) -> None:
        if self._again.value != _PICK:
            self._say(self._again.value)
            self._again.value = _PICK

    def _transport(self, what: str) -> None:
        if what == "reset":
            self._ask(Reset, seed=int(self._seed.value))
        else:
            self._ask({PAUSE: Pause, RESUME: Resume, "stand": Stop}[what])

    def _crowd(self, what: str) -> None:
        if what == "add":
            self._asks.spawn(self._person)
        elif what == "remove":
            self._ask(Kill)
        else:
            self._ask(PlaceRoot, x_m=0.0, z_m=0.0, heading_rad=0.0)

    def _ask(self, kind: type[Command], **values: Any) -> None:
        self._asks.ask(self._person, maker(kind, values))

    def _choose(self, event: Any) -> None:
        if event.client is not None:
            self._asks.choose(self._person, int(self._who.value))


_PICK = "earlier prompts"
