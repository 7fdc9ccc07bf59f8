"""What a run obeyed, written down, makes the same frames again without a clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_bridge.commands import (
    ClearQueue,
    PlaceRoot,
    QueuePrompt,
    Reset,
    SetGuidance,
    SetHistory,
    SetPrompt,
    SetSmoothing,
    SetSpeed,
    SetSteps,
)
from flood_bridge.config import Config
from flood_bridge.errors import ConfigError
from flood_bridge.live.obeyed import CommandLog, Obeyed, read_log
from flood_bridge.motion.frames import Frame, FrameFlags
from flood_bridge.replay import TAIL_LATENTS, clip_of, make_again

MakeRig = Callable[..., Any]
KINDS = [
    "soft", "now", "queue", "append", "clear", "speed", "guidance", "history", "steps", "smoothing",
    "place", "reset", "pause", "resume",
]  # fmt: skip


def drive(rig: Any, asked: list[tuple[Any, int]]) -> None:
    """Ask all kinds of things at all kinds of times."""
    for n, (kind, ticks) in enumerate(asked):
        match kind:
            case "append":
                rig.ask(QueuePrompt(text=f"p{n}", duration_secs=0.5))
            case "clear":
                rig.ask(ClearQueue())
            case "reset":
                rig.ask(Reset(seed=n))
            case "speed":
                rig.ask(SetSpeed(factor=(0.3, 1.0, 2.7)[n % 3]))
            case "guidance":
                rig.ask(SetGuidance(scale=(0.0, 1.5)[n % 2]))
            case "history":
                rig.ask(SetHistory(latents=(6, 12, 30)[n % 3]))
            case "steps":
                rig.ask(SetSteps(steps=1 + n % 4))
            case "smoothing":
                rig.ask(SetSmoothing(secs=(0.5, 0.0, 0.1)[n % 3]))
            case "place":
                rig.ask(PlaceRoot(x_m=n, z_m=2.0, heading_rad=0.5 * n))
            case "pause" | "resume":
                rig.stage.pause(0, kind == "pause")
            case _:
                rig.ask(SetPrompt(text=f"p{n} runs" if n % 2 else f"p{n}", urgency=kind))
        rig.play(ticks / rig.config.rate_hz)
    rig.generation.note_end()


def moving(frames: list[Frame], character: int = 0) -> list[Frame]:
    own = [frame for frame in frames if frame.character == character]
    return [frame for frame in own if not frame.flags & FrameFlags.IDLE]


def assert_same(frames: list[Frame], others: list[Frame]) -> None:
    assert [f.prompt for f in frames] == [f.prompt for f in others]
    assert [f.flags for f in frames] == [f.flags for f in others]
    for frame, other in zip(frames, others, strict=True):
        assert np.array_equal(frame.pose.joints, other.pose.joints)


@settings(max_examples=30, deadline=None)
@given(
    rate_hz=st.sampled_from([20, 60]),
    asked=st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 40)), max_size=10),
)
def test_a_replay_makes_every_frame_that_was_played_and_no_other(
    make_rig: MakeRig, rate_hz: int, asked: list[tuple[Any, int]]
) -> None:
    rig = make_rig(rate_hz=rate_hz)
    drive(rig, asked)
    assert_same(make_again(rig.engine, rig.config, rig.obeyed), moving(rig.frames))


def test_each_character_is_replayed_for_itself(make_rig: MakeRig) -> None:
    rig = make_rig(characters=2, rate_hz=20)
    rig.play(1.0)
    rig.ask(SetPrompt(character=1, text="a person runs", urgency="now"))
    rig.play(1.0)
    rig.generation.note_end()
    for number in (0, 1):
        again = make_again(rig.engine, rig.config, rig.obeyed, number)
        assert_same(again, moving(rig.frames, number))
    with pytest.raises(ConfigError, match=r"\[0, 1\]"):
        make_again(rig.engine, rig.config, rig.obeyed, 2)


def test_the_log_comes_back_as_it_was_written(tmp_path: Path) -> None:
    config = Config(prompt="a person runs", seed=7, rate_hz=20)
    obeyed = [
        Obeyed(character=0, kind="set", latent=3, text="dance \u2603"),
        Obeyed(character=0, kind="queue", latent=5, text="x", latents=4),
        Obeyed(character=0, kind="now", latent=6, text="y", depth=2),
        Obeyed(character=0, kind="speed", latent=6, factor=1.5),
        Obeyed(character=0, kind="history", latent=6, factor=12),
        Obeyed(character=0, kind="steps", latent=6, factor=1),
        Obeyed(character=0, kind="smoothing", latent=6, factor=0.25),
        Obeyed(character=0, kind="place", latent=7, place=(1.0, -2.5, 0.1)),
        Obeyed(character=0, kind="reset", latent=8, seed=99, dropped=12),
        Obeyed(character=0, kind="end", latent=2, dropped=3),
    ]
    log = CommandLog(tmp_path / "log", config)
    for each in obeyed:
        log(each)
    log.close()
    log(obeyed[0])  # after the end: passed over
    assert read_log(tmp_path / "log") == (config, obeyed)
    with pytest.raises(ConfigError, match="exists already"):
        CommandLog(tmp_path / "log", config)


def test_a_log_that_a_kill_cut_short_replays_to_some_seconds_after_its_last_line(
    tmp_path: Path, make_rig: MakeRig
) -> None:
    rig = make_rig(rate_hz=20)
    log = CommandLog(tmp_path / "log", rig.config)
    log(Obeyed(character=0, kind="set", latent=3, text="a person runs"))
    log.close()
    with (tmp_path / "log").open("a") as file:
        file.write('{"character": 0, "ki')
    config, obeyed = read_log(tmp_path / "log")
    assert len(make_again(rig.engine, config, obeyed)) == 4 * (3 + TAIL_LATENTS) - 3


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ({"kind": "explode"}, "line 2: its kind is 'explode'; valid are spawn"),
        ({"latent": -1}, "line 2: its numbers"),
        ({"latent": "3"}, "line 2: its numbers"),
        ({"depth": 99}, "valid are 0 to 16"),
        ({"surprise": 1}, "line 2: an object with some of"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, edit: dict[str, Any], message: str) -> None:
    log = CommandLog(tmp_path / "log", Config())
    log.close()
    line = {"character": 0, "kind": "set", "latent": 1, "text": "x"} | edit
    with (tmp_path / "log").open("a") as file:
        file.write(json.dumps(line) + "\n")
    with pytest.raises(ConfigError, match=message):
        read_log(tmp_path / "log")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("hello\n", "no log of commands"),
        ('{"format": "flood-bridge-log/1"}\n', "the head lacks model"),
        ("\xff", "no log of commands|is empty"),
    ],
)
def test_what_is_no_log_is_called_that(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "log").write_text(content)
    with pytest.raises(ConfigError, match=message):
        read_log(tmp_path / "log")


def test_a_replay_beyond_all_bounds_is_refused(make_rig: MakeRig) -> None:
    rig = make_rig()
    end = Obeyed(character=0, kind="end", latent=3)
    with pytest.raises(ConfigError, match="at most 90000"):
        make_again(rig.engine, rig.config, [replace(end, latent=10**9)])


def test_a_log_of_a_model_with_a_longer_history_is_refused(make_rig: MakeRig) -> None:
    rig = make_rig()
    longer = Obeyed(character=0, kind="history", latent=0, factor=40)
    with pytest.raises(ConfigError, match=r"not for this model: the history is 40; .* 6 to 30"):
        make_again(rig.engine, rig.config, [longer])


def test_a_replay_becomes_a_clip_that_names_its_prompts(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=20, prompt="a")
    rig.play(1.0)
    rig.ask(SetPrompt(text="b", urgency="now"))
    rig.play(1.0)
    rig.generation.note_end()
    frames = make_again(rig.engine, rig.config, rig.obeyed)
    clip = clip_of(frames, rig.engine, 20)
    assert [text for _, text in clip.prompts] == ["a", "b"]
    assert clip.prompt_at(len(clip) - 1) == "b"
    assert len(clip) == len(frames)
