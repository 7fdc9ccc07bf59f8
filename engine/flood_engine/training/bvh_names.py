"""Which joints of a foreign skeleton are the 22 of ours: by their names, as the tools write them.

Known: CMU (cgspeed and Daz), Mixamo and HumanIK, LAFAN1, Unreal's mannequin, Rokoko, Xsens MVN,
Perception Neuron, 3ds Max Biped, OptiTrack Motive, VRM and SMPL.  Case, separators, digits and a
prefix that all joints share do not count; a side is a leading or trailing left, right, l or r.

Three names mean different joints in different tools, and the others beside them decide: "foot"
is the ball where there is an "ankle", else the ankle; "shoulder" is the collar bone where there
is an "arm", else the upper arm's joint; "hand" is the wrist unless there is a "wrist".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from flood_engine.errors import DataError
from flood_engine.humanml import JOINTS
from flood_engine.training.bvh import BvhJoint

_LIMBS: dict[str, tuple[str, ...]] = {
    "hip": ("upleg", "upperleg", "thigh", "thighbend", "uleg", "hip"),
    "knee": ("leg", "lowerleg", "lowleg", "shin", "calf", "knee"),
    "ankle": ("ankle", "foot"),
    "foot": ("toe", "toebase", "toes", "ball", "foot"),
    "collar": ("collar", "clavicle", "shoulder"),
    "shoulder": ("arm", "upperarm", "uparm", "uarm", "shldr", "shldrbend", "shoulder"),
    "elbow": ("forearm", "lowerarm", "lowarm", "farm", "forearmbend", "elbow"),
    "wrist": ("wrist", "hand"),
}
"""Names without side, the surest first.  A joint is given once, in the order of this table but
collars last: a "shoulder" that the arm did not take is a collar bone."""
_ORDER = ("hip", "knee", "ankle", "foot", "shoulder", "elbow", "wrist", "collar")
_PELVIS = ("hips", "hip", "pelvis", "chips")
_NECK = ("neck", "necklower", "cneck")
_HEAD = ("head", "chead")
_PREFIX = re.compile(r"^(?:mixamorig|character|robot|model|skeleton|bip|def|jbip)+")
_SIDES = {"left": ("left", "l"), "right": ("right", "r")}


@dataclass(frozen=True, slots=True)
class BodyMap:
    """Indices of the joints that stand for ours; -1 where the skeleton has none."""

    pelvis: int
    spine: tuple[int, ...]
    """Joints between pelvis and neck, from below; may be empty."""
    neck: int
    head: int
    limbs: dict[str, int]
    """From "left_hip" to "right_wrist"; only collars may be -1."""
    is_ours: bool
    """Whether the file has all 22 joints by their names here, so that none is derived."""


def map_body(joints: Sequence[BvhJoint]) -> BodyMap:
    """Find our joints.

    Raises:
        DataError: If a joint has no counterpart; names it and the joints there are.
    """
    plain = _plain_names(joints)
    pelvis = _find(plain, _PELVIS)
    pelvis = 0 if pelvis < 0 else pelvis
    neck, head = _find(plain, _NECK), _find(plain, _HEAD)
    if head < 0 <= neck:
        head = _end_below(joints, neck)
    limbs = dict(_limbs(joints, plain))
    missing = [name for name, index in {"neck": neck, "head": head, **limbs}.items() if index < 0]
    missing = [name for name in missing if not name.endswith("collar")]
    if missing:
        names = ", ".join(joint.name for joint in joints if joint.channels)
        raise DataError(f"no joint can be taken for {', '.join(missing)}; there are: {names}")
    spine = _between(joints, pelvis, neck)
    is_ours = len(spine) == 3 and {joint.name.lower() for joint in joints} >= set(JOINTS)
    return BodyMap(pelvis, spine, neck, head, limbs, is_ours)


def _plain_names(joints: Sequence[BvhJoint]) -> list[str]:
    """Return names in small letters alone; end sites have none."""
    names = [joint.name for joint in joints if joint.channels]
    first, last = min(names), max(names)  # what these two share, all share
    pairs = zip(first, last, strict=False)
    shared = next((at for at, (one, other) in enumerate(pairs) if one != other), 0)
    return [_plain(joint.name[shared:]) if joint.channels else "" for joint in joints]


def _plain(name: str) -> str:
    letters = re.sub(r"[^a-z]", "", name.rpartition(":")[2].lower())
    return _PREFIX.sub("", letters)


def _limbs(joints: Sequence[BvhJoint], plain: list[str]) -> Iterator[tuple[str, int]]:
    for side in _SIDES:
        found: dict[str, int] = {}
        for part in _ORDER:
            names = [name for base in _LIMBS[part] for name in _with_side(base, side)]
            index = _find(plain, names, found.values())
            if index < 0 and part == "foot":
                index = _end_below(joints, found["ankle"])
            found[part] = index
            yield f"{side}_{part}", index


def _with_side(base: str, side: str) -> list[str]:
    return [name for word in _SIDES[side] for name in (word + base, base + word)]


def _find(plain: list[str], names: Sequence[str], taken: Collection[int] = ()) -> int:
    """Return the joint with the first of ``names`` that occurs, the one nearest to the root."""
    for name in names:
        if name in plain and plain.index(name) not in taken:
            return plain.index(name)
    return -1


def _end_below(joints: Sequence[BvhJoint], ankle: int) -> int:
    """Return the end site of the ankle: the toes of skeletons that have no joint there."""
    ends = (
        index
        for index, joint in enumerate(joints)
        if joint.parent == ankle >= 0 and not joint.channels
    )
    return next(ends, -1)


def _between(joints: Sequence[BvhJoint], pelvis: int, neck: int) -> tuple[int, ...]:
    path = []
    index = joints[neck].parent
    while index >= 0 and index != pelvis:
        path.append(index)
        index = joints[index].parent
    return tuple(reversed(path)) if index == pelvis else ()
