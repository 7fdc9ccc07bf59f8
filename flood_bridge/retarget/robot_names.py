"""What the names of a robot's joints, links and places say: their side, and of which limb they are.

Names come in any spelling (``LHipPitch_link``, ``l_shoulder_roll``): they are taken word by word.
"""

from __future__ import annotations

import re

from flood_bridge.retarget.robot_model import Joint

LEFT, RIGHT = {"left", "l", "lf", "lft"}, {"right", "r", "rt", "rgt"}
LEG = {"hip", "thigh", "knee", "shin", "shank", "calf", "ankle", "foot", "leg", "toe", "sole"}
ARM = {
    "shoulder", "arm", "elbow", "forearm", "wrist", "hand", "gripper", "palm", "finger", "humerus",
    "clavicle", "upperarm",
}  # fmt: skip
BEND = {"leg": {"knee", "shin", "shank", "calf"}, "arm": {"elbow", "forearm"}}
"""Of the joint in the middle of a limb."""
NOT_BEND = {"hip", "ankle", "shoulder", "wrist", "foot", "hand", "toe", "thigh"}
"""Of the joints at its ends."""
HAND = {"hand", "wrist", "palm", "gripper", "tool", "tcp", "ee", "fist", "rubber", "flange"}
HEAD = {"head", "skull", "face"}

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def words(name: str) -> set[str]:
    """Return the words of a name, in small letters: ``LHipPitch_link`` has l, hip, pitch, link."""
    return {word.lower() for word in _WORDS.findall(name)}


def words_of(joint: Joint) -> set[str]:
    """Return the words of the names of a joint and of the link that it moves."""
    return words(joint.name) | words(joint.child)
