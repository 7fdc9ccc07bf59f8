"""A robot's description as a MuJoCo model: links, hinges and sites, no meshes and no dynamics.

Only kinematics and Jacobians are taken from MuJoCo, so every link gets the same nominal mass.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from flood_bridge.retarget.robot_model import SIDES, Joint, RobotModel
from flood_bridge.retarget.robot_shape import capsules

_INERTIAL = '<inertial pos="0 0 0" mass="1" diaginertia="0.01 0.01 0.01"/>'


def point_site(name: str) -> str:
    """Return the name of the site at the robot's point ``name``."""
    return f"point/{name}"


def sole_site(side: str, index: int) -> str:
    """Return the name of the site at sole sphere ``index`` of the foot ``side`` (left, right)."""
    return f"sole/{side}/{index}"


def part_site(index: int, end: str) -> str:
    """Return the name of the site at an ``end`` (start, end) of the robot's part ``index``."""
    return f"part/{index}/{end}"


def hinge(index: int) -> str:
    """Return the name of joint ``index``; a user's own name might be one that MuJoCo needs."""
    return f"hinge/{index}"


def mjcf_text(robot: RobotModel) -> str:
    """Return the MJCF of ``robot``: a free root link and one hinge per joint."""
    sites = _sites_by_link(robot)
    body = "\n".join(_body_lines(robot, sites))
    return (
        '<mujoco>\n<compiler angle="radian" autolimits="true"/>\n'
        f'<worldbody>\n<body>\n<freejoint name="root"/>\n{_INERTIAL}\n'
        f"{sites.get(robot.root, '')}{body}\n</body>\n</worldbody>\n</mujoco>\n"
    )


def _sites_by_link(robot: RobotModel) -> dict[str, str]:
    sites: dict[str, str] = {}
    for name, point in robot.points.items():
        sites[point.link] = sites.get(point.link, "") + _site(point_site(name), point.offset)
    for side, sole in zip(SIDES, robot.soles, strict=True):
        if robot.has_legs:
            link = robot.points[f"{side}_ankle"].link
            for index, offset in enumerate(sole):
                sites[link] += _site(sole_site(side, index), offset)
    for index, part in enumerate(capsules(robot)):
        for end, point in (("start", part.start), ("end", part.end)):
            site = _site(part_site(index, end), point.offset)
            sites[point.link] = sites.get(point.link, "") + site
    return sites


def _site(name: str, offset: np.ndarray) -> str:
    return f'<site name="{name}" pos="{_numbers(offset)}"/>\n'


def _body_lines(robot: RobotModel, sites: dict[str, str]) -> Iterable[str]:
    children: dict[str, list[tuple[int, Joint]]] = {}
    for index, joint in enumerate(robot.joints):
        children.setdefault(joint.parent, []).append((index, joint))

    def lines(link: str) -> Iterable[str]:
        for index, joint in children.get(link, ()):
            limits = robot.lower[index], robot.upper[index]
            yield (
                f'<body pos="{_numbers(joint.offset)}" quat="{_numbers(joint.rotation_wxyz)}">\n'
                f'{_INERTIAL}\n<joint name="{hinge(index)}" type="hinge"'
                f' axis="{_numbers(joint.axis)}" range="{_numbers(limits)}"/>\n'
                f"{sites.get(joint.child, '')}"
            )
            yield from lines(joint.child)
            yield "</body>"

    return lines(robot.root)


def _numbers(values: Iterable[float]) -> str:
    return " ".join(repr(float(value)) for value in values)
