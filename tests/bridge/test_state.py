"""A run that is taken up from its saved state goes on as if nothing had happened."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_bridge.commands import (
    PlaceRoot,
    QueuePrompt,
    Reset,
    SetGuidance,
    SetHistory,
    SetPrompt,
    SetSmoothing,
    SetSpeed,
    SetSteps,
    Spawn,
)
from flood_bridge.config import Config
from flood_bridge.errors import ConfigError
from flood_bridge.live.keeping import Keeping
from flood_bridge.live.snapshot import take_snapshot
from flood_bridge.live.state_bytes import state_from_bytes, state_to_bytes
from flood_bridge.live.state_file import NAME, StateFile
from flood_bridge.motion.frames import Frame
from flood_engine import load_engine

MakeRig = Callable[..., Any]
ASKED = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "soft",
                "now",
                "append",
                "speed",
                "guidance",
                "history",
                "steps",
                "smoothing",
                "place",
                "reset",
                "pause",
            ]
        ),
        st.integers(0, 30),
    ),
    max_size=4,
)


def drive(rig: Any, asked: list[tuple[Any, int]]) -> None:
    for n, (kind, ticks) in enumerate(asked):
        match kind:
            case "append":
                rig.ask(QueuePrompt(text=f"a{n}", duration_secs=0.9))
            case "reset":
                rig.ask(Reset(seed=n))
            case "speed":
                rig.ask(SetSpeed(factor=(2.3, 0.4)[n % 2]))
            case "guidance":
                rig.ask(SetGuidance(scale=(0.0, 1.5)[n % 2]))
            case "history":
                rig.ask(SetHistory(latents=(6, 30)[n % 2]))
            case "steps":
                rig.ask(SetSteps(steps=1 + n))
            case "smoothing":
                rig.ask(SetSmoothing(secs=(0.3, 0.0)[n % 2]))
            case "place":
                rig.ask(PlaceRoot(x_m=n, z_m=-3.0, heading_rad=1.0))
            case "pause":
                rig.stage.pause(0, n % 2 == 0)
            case _:
                rig.ask(SetPrompt(text=f"runs {n}", urgency=kind))
        rig.play(ticks / rig.config.rate_hz)


def saved(rig: Any) -> Any:
    """Return the snapshots of a rig after a way through bytes."""
    snapshots = take_snapshot(rig.characters, rig.stage)
    content = state_to_bytes(snapshots, rig.engine, rig.config.rate_hz)
    return state_from_bytes(content, rig.engine, rig.config.rate_hz)


def assert_same(frames: list[Frame], others: list[Frame]) -> None:
    for one, two in zip(frames, others, strict=True):
        assert (one.sequence, one.prompt, one.flags) == (two.sequence, two.prompt, two.flags)
        assert np.array_equal(one.pose.joints, two.pose.joints)
        assert np.array_equal(one.pose.velocities, two.pose.velocities)


@settings(max_examples=15, deadline=None)
@given(before=ASKED, after=ASKED, rate_hz=st.sampled_from([20, 50]), characters=st.integers(1, 2))
def test_what_follows_a_resume_is_frame_by_frame_the_run_that_was_not_stopped(
    make_rig: MakeRig, before: Any, after: Any, rate_hz: int, characters: int
) -> None:
    settings = {"rate_hz": rate_hz, "characters": characters}
    rig = make_rig(**settings)
    rig.play(0.7)
    drive(rig, before)
    again = make_rig(saved(rig), **settings)
    told = len(rig.frames)
    # An interrupt may keep more of what is resumed, which has no marks; so none comes at once.
    for each in (rig, again):
        each.play(0.5)
        drive(each, [step for step in after if step[0] != "now"])
        each.play(1.0)
    assert_same(rig.frames[told:], again.frames)


def test_a_character_at_rest_is_taken_up_at_rest(make_rig: MakeRig) -> None:
    settings = {"prompt": "frozen", "rest_secs": 0.5, "rate_hz": 20}
    rig = make_rig(**settings)
    rig.play(2.0)
    again = make_rig(saved(rig), **settings)
    told, calls = len(rig.frames), again.engine.calls
    for each in (rig, again):
        each.play(1.0)
    assert_same(rig.frames[told:], again.frames)
    assert again.engine.calls == calls == 0


def test_the_bundled_model_goes_on_bit_for_bit(make_rig: MakeRig) -> None:
    engine = load_engine(threads=1)
    rig = make_rig(engine=engine, prompt="a person walks forward", rate_hz=20)
    rig.play(1.5)
    again = make_rig(saved(rig), engine=engine, rate_hz=20)
    told = len(rig.frames)
    for each in (rig, again):
        each.play(0.4)
        each.ask(SetPrompt(text="a person jumps", urgency="now", depth=2))
        each.play(1.0)
    assert again.frames[-1].prompt == "a person jumps"
    assert_same(rig.frames[told:], again.frames)


def damaged(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda content: b"", "has 0 bytes"),
        (lambda content: b"PK" + content[2:], "not a state of flood-bridge"),
        (lambda content: content[:4] + b"\x09" + content[5:], "has version 9"),
        (lambda content: damaged(content, 40), "damaged"),
        (lambda content: damaged(content, len(content) - 1), "damaged"),
        (lambda content: content[:-1], "damaged"),
    ],
)
def test_a_state_that_cannot_be_used_says_why(
    make_rig: MakeRig, spoil: Callable[[bytes], bytes], message: str
) -> None:
    rig = make_rig()
    content = state_to_bytes(take_snapshot(rig.characters, rig.stage), rig.engine, 60)
    with pytest.raises(ConfigError, match=message):
        state_from_bytes(spoil(content), rig.engine, 60)


def test_a_state_of_another_rate_names_both(make_rig: MakeRig) -> None:
    rig = make_rig(rate_hz=60)
    content = state_to_bytes(take_snapshot(rig.characters, rig.stage), rig.engine, 60)
    with pytest.raises(ConfigError, match="--rate-hz 60, and now it is 50"):
        state_from_bytes(content, rig.engine, 50)


def test_the_file_is_whole_whenever_it_is_looked_at(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "new" / "folder")
    contents = [bytes([n]) * 200_000 for n in range(40)]
    file.write(contents[0])
    writer = threading.Thread(target=lambda: [file.write(each) for each in contents])
    writer.start()
    seen = set()
    while writer.is_alive():
        seen.add(file.read())
    writer.join()
    assert seen <= set(contents)
    assert file.read() == contents[-1]
    assert [path.name for path in file.path.parent.iterdir()] == [NAME]


def test_a_folder_that_cannot_be_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written to"):
        Keeping(Config(state_dir=str(tmp_path / "file")))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"resume": True}, "needs the --state-dir"),
        ({"resume": True, "state_dir": "x", "record_commands": "y"}, "choose one"),
        ({"state_secs": 0.0}, "0.5"),
    ],
)
def test_settings_that_contradict_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Config(**settings)


def test_resuming_brings_back_whoever_moved_and_needs_a_state(
    make_rig: MakeRig, tmp_path: Path
) -> None:
    rig, config = make_rig(), Config(state_dir=str(tmp_path), resume=True)
    with pytest.raises(ConfigError, match="there is no flood-bridge"):
        Keeping(config).resume(rig.engine, rig.casting, rig.stage)
    keeping = Keeping(config)
    rig.ask(Spawn(character=5, text="a"))
    rig.play(1.0)
    keeping.finish(rig.generation, rig.engine)
    other = make_rig(characters=3)
    resumed = keeping.resume(other.engine, other.casting, other.stage)
    assert [each.number for each in resumed] == other.stage.numbers() == [0, 5]


def test_a_snapshot_is_due_once_per_interval_and_the_newest_is_written(
    make_rig: MakeRig, tmp_path: Path
) -> None:
    rig, keeping = make_rig(), Keeping(Config(state_dir=str(tmp_path), state_secs=2.0))
    assert [keeping.due(secs) for secs in (0.0, 1.9, 2.0, 2.1, 3.9, 4.0)] == [
        False, False, True, False, False, True,
    ]  # fmt: skip
    rig.play(1.0)
    rig.stage.ask_snapshot()
    rig.generation._keep = keeping.keep
    rig.play(0.2)
    writer = threading.Thread(target=lambda: keeping.run(rig.engine))
    writer.start()
    while not (tmp_path / NAME).exists():
        writer.join(0.01)
    keeping.close()
    writer.join()
    (snapshot,) = state_from_bytes((tmp_path / NAME).read_bytes(), rig.engine, 60)
    assert snapshot.mark.latents > 3
