"""Where the links and hinges of a robot's file are when every joint is at zero."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from flood_bridge.motion.rotations import rotate
from flood_bridge.retarget.robot_model import Joint
from flood_bridge.retarget.robot_tree import Tree


@dataclass(slots=True)
class Layout:
    """Where all is when every joint is at zero, from the root, as it stands in the file (z up).

    Attributes:
        frames: Link to position and rotation.
        joints: Link to the joints mounted on it.
    """

    tree: Tree
    frames: dict[str, tuple[np.ndarray, np.ndarray]]
    joints: dict[str, list[Joint]] = field(default_factory=dict)

    def anchor(self, joint: Joint) -> np.ndarray:
        """Return where the axis of ``joint`` is, (3,)."""
        return self.frames[joint.child][0]

    def axis(self, joint: Joint) -> np.ndarray:
        """Return where the axis of ``joint`` points, (3,)."""
        return rotate(self.frames[joint.child][1], joint.axis)

    def put(self, link: str, offset: np.ndarray) -> np.ndarray:
        """Return where the place ``offset`` on ``link`` is, (3,) or (k, 3)."""
        position, rotation = self.frames[link]
        return position + rotate(rotation if offset.ndim == 1 else rotation[None], offset)

    def below(self, joint: Joint) -> Iterator[Joint]:
        """Yield ``joint`` and all that hang on it."""
        waiting = [joint]
        while waiting:
            each = waiting.pop()
            yield each
            waiting += self.joints.get(each.child, [])

    def ends(self, link: str) -> np.ndarray:
        """Return where something of ``link`` is: its origin, places and shapes, (k, 3)."""
        found = [self.frames[link][0][None]]
        places = [p.offset for p in self.tree.places.values() if p.link == link]
        if places:
            found.append(self.put(link, np.array(places)))
        if link in self.tree.shapes:
            found.append(self.put(link, self.tree.shapes[link][:, :3]))
        if link in self.tree.masses:
            found.append(self.put(link, self.tree.masses[link])[None])
        return np.concatenate(found)


def centre(layout: Layout, joints: Sequence[Joint]) -> np.ndarray:
    """Return the point nearest to the axes of ``joints``, (3,).

    Parallel axes leave it open along them; it is then near the axes' middle.
    """
    anchors = np.array([layout.anchor(joint) for joint in joints])
    middle = anchors.mean(axis=0)
    matrix, vector = 1e-3 * np.eye(3), 1e-3 * middle
    for joint, anchor in zip(joints, anchors, strict=True):
        axis = layout.axis(joint)
        across = np.eye(3) - np.outer(axis, axis)
        matrix, vector = matrix + across, vector + across @ anchor
    return np.linalg.solve(matrix, vector)
