"""Turns on the spot, crouches, squats, picking up, raised arms, all made from standing bodies."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from flood_engine.features import FRAME_RATE_HZ
from flood_engine.training.bending import pick_up
from flood_engine.training.footwork import Lowering, lower_body, turn_on_the_spot
from flood_engine.training.limbs import bone_lengths
from flood_engine.training.mocap import Clip
from flood_engine.training.synthetic_source import Synthetic, piece, sources, synthetic
from flood_engine.training.waving import raise_arm
from flood_engine.training.windows import Window

_ALREADY_DOWN = 0.6
"""Share of crouches that are down from their first frame, as the middle of a crouch is needed."""

_AFTER_TURN_FRAMES = 16
LONGEST_FRAMES = 84
"""Standing of this length is enough for every motion that is made here."""


def turns_on_the_spot(
    clips: list[Clip], windows: list[Window], rng: np.random.Generator, count: int
) -> list[Synthetic]:
    """Turn standing bodies by a quarter (or so) and by half a circle, to both sides."""
    made = []
    for clip, standing in _standing(
        clips, windows, rng, count, (LONGEST_FRAMES, LONGEST_FRAMES + 1)
    ):
        around = rng.random() < 0.5
        degrees = rng.uniform(155.0, 190.0) if around else rng.uniform(75.0, 105.0)
        side = "left" if rng.random() < 0.5 else "right"
        rate = np.deg2rad(rng.uniform(60.0, 110.0)) / FRAME_RATE_HZ
        turn = np.deg2rad(degrees) * (1 if side == "left" else -1)
        joints = standing[: round(abs(turn) / rate) + _AFTER_TURN_FRAMES]
        turned = turn_on_the_spot(joints, turn, rate, bone_lengths(joints))
        kind = f"{'turn_around' if around else 'turn'}_{side}"
        made.append(synthetic(clip, turned, "turned on the spot", kind))
    return made


def crouches(
    clips: list[Clip], windows: list[Window], rng: np.random.Generator, count: int
) -> list[Synthetic]:
    """Lower standing bodies into a crouch: some on the way down, some there from the start."""
    made = []
    for clip, joints in _standing(clips, windows, rng, count, (60, 160)):
        down = rng.random() < _ALREADY_DOWN
        ramp = np.clip(np.arange(len(joints)) / rng.integers(10, 20), 0.0, 1.0)
        amount = np.ones(len(joints)) if down else ramp * ramp * (3 - 2 * ramp)
        lowered = lower_body(joints, amount, _lowering(rng, 0.36), bone_lengths(joints))
        made.append(synthetic(clip, lowered, "lowered", "crouch" if down else "crouch_down"))
    return made


def squats(
    clips: list[Clip], windows: list[Window], rng: np.random.Generator, count: int
) -> list[Synthetic]:
    """Lower and raise standing bodies again and again."""
    made = []
    for clip, joints in _standing(clips, windows, rng, count, (80, 160)):
        period = rng.uniform(1.4, 2.4) * FRAME_RATE_HZ
        amount = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(len(joints)) / period)
        lowered = lower_body(joints, amount, _lowering(rng, 0.30), bone_lengths(joints))
        made.append(synthetic(clip, lowered, "lowered", "squat"))
    return made


def raised_arms(
    clips: list[Clip], windows: list[Window], rng: np.random.Generator, count: int
) -> list[Synthetic]:
    """Put both arms of standing bodies up."""
    made = []
    for clip, joints in _standing(clips, windows, rng, count, (60, 160)):
        up = (rng.uniform(0.0, 0.5), 1.0, rng.uniform(-0.1, 0.3))
        raised = raise_arm(raise_arm(joints, "left", up), "right", up)
        made.append(synthetic(clip, raised, "arm replaced", "raise_arms"))
    return made


def pickings_up(
    clips: list[Clip], windows: list[Window], rng: np.random.Generator, count: int
) -> list[Synthetic]:
    """Let standing bodies pick something up, with one hand or both."""
    made = []
    for clip, joints in _standing(clips, windows, rng, count, (64, 80)):
        sides = (("left",), ("right",), ("left", "right"))[int(rng.integers(3))]
        picked = pick_up(joints, sides, bone_lengths(joints), rng)
        made.append(synthetic(clip, picked, "bent down", "pick_up"))
    return made


def _lowering(rng: np.random.Generator, least_m: float) -> Lowering:
    drop = rng.uniform(least_m, 0.48)
    return Lowering(drop, rng.uniform(0.8, 1.5) * drop, rng.uniform(0.2, 0.35) * drop)


def _standing(
    clips: list[Clip],
    windows: list[Window],
    rng: np.random.Generator,
    count: int,
    frames: tuple[int, int],
) -> Iterator[tuple[Clip, np.ndarray]]:
    """Give up to ``count`` stretches of standing, (T, 22, 3), T drawn from ``frames``."""
    found = sources(clips, windows, ("stand",), frames[0])
    for number in range(count if found else 0):
        window = found[int(rng.integers(len(found)))] if number >= len(found) else found[number]
        joints = piece(clips, window)
        length = int(min(len(joints), rng.integers(*frames)))
        begin = int(rng.integers(0, len(joints) - length + 1))
        yield clips[window.clip], joints[begin : begin + length]
