"""Proposes the points of a robot that follow the human's joints, and the soles of its feet.

Hips and shoulders are where the axes of a limb's first hinges nearly meet, ankles and wrists those
of its last; knees and elbows lie on their own axis, next to the hip or shoulder. Where feet and
hands end no hinge tells (:mod:`.robot_ends`); what is guessed there is said in a note.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from flood_bridge.motion.rotations import conjugate, rotate
from flood_bridge.retarget.robot_ends import SOLE_RADIUS_M, forearm_end, sole_corners
from flood_bridge.retarget.robot_layout import Layout, centre
from flood_bridge.retarget.robot_limbs import Limb, Limbs
from flood_bridge.retarget.robot_model import SIDES, Joint, Point
from flood_bridge.retarget.robot_names import HEAD, words

_PARALLEL = 0.8
_ANKLE_SHARE = 0.4
"""Hinges within this share of the shank below the first hinge after the knee are the ankle's."""


@dataclass(slots=True)
class Proposal:
    """Points and soles, on their links."""

    points: dict[str, Point] = field(default_factory=dict)
    soles: list[np.ndarray] = field(default_factory=list)
    sole_radius: float = SOLE_RADIUS_M
    root_height: float = 0.0
    notes: list[str] = field(default_factory=list)


def propose(layout: Layout, limbs: Limbs) -> Proposal:
    """Return the points of a robot with these ``limbs``."""
    made = Proposal()
    pelvis = _mount(layout, limbs.legs) or layout.tree.root
    chest = _mount(layout, limbs.arms) or pelvis
    made.points["pelvis"] = Point(pelvis, np.zeros(3))
    made.points["chest"] = Point(chest, np.zeros(3))
    for side, limb in zip(SIDES, limbs.legs or (), strict=False):
        _leg(made, layout, limb, side, pelvis, limbs.facing)
    if made.soles:
        lowest = [
            layout.put(made.points[f"{side}_ankle"].link, sole)[:, 2].min()
            for side, sole in zip(SIDES, made.soles, strict=True)
        ]
        made.root_height = made.sole_radius - float(min(lowest))
    for side, limb in zip(SIDES, limbs.arms or (), strict=False):
        _arm(made, layout, limb, side, chest)
    head = _head(layout, chest)
    if head is not None:
        made.points["head"] = head
    return made


def _mount(layout: Layout, pair: tuple[Limb, Limb] | None) -> str | None:
    """Return the link on which both limbs hang."""
    if pair is None:
        return None
    parents = {joint.child: joint.parent for joint in layout.tree.joints}

    def way(link: str) -> list[str]:
        found = [link]
        while found[-1] in parents:
            found.append(parents[found[-1]])
        return found

    other = set(way(pair[1].joints[0].parent))
    return next(link for link in way(pair[0].joints[0].parent) if link in other)


def _on(layout: Layout, link: str, place: np.ndarray) -> Point:
    """Return the ``place`` (3,) or (k, 3) as a point on ``link``."""
    position, rotation = layout.frames[link]
    return Point(link, rotate(conjugate(rotation), place - position))


def _next_to(layout: Layout, joint: Joint, place: np.ndarray) -> np.ndarray:
    """Return the point of the axis of ``joint`` that is nearest to ``place``."""
    anchor, axis = layout.anchor(joint), layout.axis(joint)
    return anchor + axis * float((place - anchor) @ axis)


def _leg(
    made: Proposal, layout: Layout, limb: Limb, side: str, pelvis: str, facing: np.ndarray
) -> None:
    bend = limb.joints[limb.bend]
    start = layout.anchor(bend)
    after = limb.joints[limb.bend + 1 :]
    if after:
        first = layout.anchor(after[0])
        reach = _ANKLE_SHARE * float(np.linalg.norm(first - start))
        ankles = [j for j in after if np.linalg.norm(layout.anchor(j) - first) < reach]
        ankle, foot = centre(layout, ankles), ankles[-1].child
    else:
        foot = bend.child
        ends = layout.ends(foot)
        ankle = ends[ends[:, 2].argmin()]
        made.notes.append(f"the {side} leg has no ankle: the lowest place below the knee is taken")
    knee = _next_to(layout, bend, ankle)
    hip = _hip(layout, limb.joints[: limb.bend] or (bend,), knee, facing)
    leg = float(np.linalg.norm(knee - hip) + np.linalg.norm(ankle - knee))
    sole, known = sole_corners(layout, foot, ankle, leg, facing)
    if not known:
        made.notes.append(
            f"the {side} sole is not in the file (no shape but meshes): guessed by proportions;"
            " say [sole] in a TOML"
        )
    ahead = rotate(conjugate(facing), np.array([1.0, 0.0, 0.0]))
    toes = ankle + ahead * max(0.8 * float(((sole - ankle) @ ahead).max()), 0.05 * leg)
    toes[2] += 0.6 * float((sole[:, 2] - ankle[2]).min())
    made.points[f"{side}_hip"] = _on(layout, pelvis, hip)
    made.points[f"{side}_knee"] = _on(layout, bend.child, knee)
    made.points[f"{side}_ankle"] = _on(layout, foot, ankle)
    made.points[f"{side}_foot"] = _on(layout, foot, toes)
    made.soles.append(_on(layout, foot, sole).offset)


def _hip(
    layout: Layout, joints: Sequence[Joint], knee: np.ndarray, facing: np.ndarray
) -> np.ndarray:
    """Return where the thigh begins: on the hip's axis across the body, above the knee.

    Some hips have their other axes far inside; the thigh swings about this one in every step.
    """
    aside = rotate(conjugate(facing), np.array([0.0, 1.0, 0.0]))
    across = max(joints, key=lambda joint: abs(float(layout.axis(joint) @ aside)))
    if abs(float(layout.axis(across) @ aside)) < _PARALLEL:
        return centre(layout, joints)
    return _next_to(layout, across, knee)


def _arm(made: Proposal, layout: Layout, limb: Limb, side: str, chest: str) -> None:
    bend = limb.joints[limb.bend]
    shoulder = centre(layout, limb.joints[: limb.bend] or (bend,))
    elbow = _next_to(layout, bend, shoulder)
    wrist, known = _wrist(layout, limb, shoulder, elbow)
    if not known:
        made.notes.append(
            f"the end of the {side} forearm is not in the file: it is taken to be as long as the"
            " upper arm; say its wrist under [points] in a TOML"
        )
    made.points[f"{side}_shoulder"] = _on(layout, chest, shoulder)
    made.points[f"{side}_elbow"] = _on(layout, bend.child, elbow)
    made.points[f"{side}_wrist"] = _on(layout, bend.child, wrist)


def _wrist(
    layout: Layout, limb: Limb, shoulder: np.ndarray, elbow: np.ndarray
) -> tuple[np.ndarray, bool]:
    """Return where the hand begins: at the wrist's hinges, else where the forearm ends.

    Also returns whether that is of the file, and not guessed.
    """
    after = limb.joints[limb.bend + 1 :]
    upper = float(np.linalg.norm(elbow - shoulder))
    bending = []
    for joint in after:
        along = layout.anchor(joint) - elbow
        size = float(np.linalg.norm(along))
        if size > 0.3 * upper and abs(layout.axis(joint) @ along) < _PARALLEL * size:
            bending.append(joint)
    near = [
        j for j in bending
        if np.linalg.norm(layout.anchor(j) - layout.anchor(bending[0])) < 0.5 * upper
    ]  # fmt: skip
    if near:
        return centre(layout, near), True
    last = after[-1] if after else limb.joints[limb.bend]
    return forearm_end(layout, last, shoulder, elbow)


def _head(layout: Layout, chest: str) -> Point | None:
    """Return the highest place of a link or body whose name has the head, if there is one."""
    above = layout.frames[chest][0][2]
    named = [
        (layout.put(place.link, place.offset), place)
        for name, place in layout.tree.places.items()
        if words(name) & HEAD and place.link in layout.frames
    ]
    high = [(float(at[2]), place) for at, place in named if at[2] > above]
    return max(high, key=lambda pair: pair[0])[1] if high else None
