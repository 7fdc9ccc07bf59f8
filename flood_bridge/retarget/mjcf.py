"""A robot's description as a MuJoCo model: links, hinges and sites, no meshes and no dynamics.

Only kinematics and Jacobians are taken from MuJoCo, so every link gets the same nominal mass.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from flood_bridge.retarget.robot_model import Joint, RobotModel

_INERTIAL = '<inertial pos="0 0 0" mass="1" diaginertia="0.01 0.01 0.01"/>'


def point_site(name: str) -> str:
    """Return the name of the site at the robot's point ``name``."""
    return f"point/{name}"


def sole_site(side: str, index: int) -> str:
    """Return the name of the site at sole sphere ``index`` of the foot ``side`` (left, right)."""
    return f"sole/{side}/{index}"


def mjcf_text(robot: RobotModel) -> str:
    """Return the MJCF of ``robot``: a free root link and one hinge per joint, in their order."""
    sites = _sites_by_link(robot)
    body = "\n".join(_body_lines(robot, sites))
    return (
        f'<mujoco model="{robot.name}">\n'
        '<compiler angle="radian" autolimits="true"/>\n'
        f'<worldbody>\n<body name="{robot.root}">\n<freejoint name="root"/>\n{_INERTIAL}\n'
        f"{sites.get(robot.root, '')}{body}\n</body>\n</worldbody>\n</mujoco>\n"
    )


def _sites_by_link(robot: RobotModel) -> dict[str, str]:
    sites: dict[str, str] = {}
    for name, point in robot.points.items():
        site = _site(point_site(name), point.offset)
        sites[point.link] = sites.get(point.link, "") + site
    for side in ("left", "right"):
        link = robot.points[f"{side}_ankle"].link
        for index, offset in enumerate(robot.sole_points):
            sites[link] += _site(sole_site(side, index), offset)
    return sites


def _site(name: str, offset: np.ndarray) -> str:
    return f'<site name="{name}" pos="{_numbers(offset)}"/>\n'


def _body_lines(robot: RobotModel, sites: dict[str, str]) -> Iterable[str]:
    children: dict[str, list[Joint]] = {}
    for joint in robot.joints:
        children.setdefault(joint.parent, []).append(joint)
    limits = dict(zip(robot.names, zip(robot.lower, robot.upper, strict=True), strict=True))

    def lines(link: str) -> Iterable[str]:
        for joint in children.get(link, ()):
            yield (
                f'<body name="{joint.child}" pos="{_numbers(joint.offset)}"'
                f' quat="{_numbers(joint.rotation_wxyz)}">\n{_INERTIAL}\n'
                f'<joint name="{joint.name}" type="hinge" axis="{_numbers(joint.axis)}"'
                f' range="{_numbers(limits[joint.name])}"/>\n{sites.get(joint.child, "")}'
            )
            yield from lines(joint.child)
            yield "</body>"

    return lines(robot.root)


def _numbers(values: Iterable[float]) -> str:
    return " ".join(repr(float(value)) for value in values)
