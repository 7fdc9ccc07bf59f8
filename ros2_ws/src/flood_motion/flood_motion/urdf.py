"""``ros2 run flood_motion urdf ROBOT``: a robot of flood_bridge as URDF, for RViz and TF.

Joints, limits and frames are the robot's own; links are drawn as sticks between joints, for the
meshes are the maker's. Masses are left out: this is for looking, not for simulating.
"""

import math
import sys
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import numpy as np

from flood_bridge.errors import FloodBridgeError
from flood_bridge.retarget.robot_model import RobotModel, load_robot

STICK_M = 0.02


def urdf_of(robot: RobotModel) -> str:
    """Return the URDF document of ``robot``."""
    root = Element("robot", name=robot.name)
    links = [robot.root, *(joint.child for joint in robot.joints)]
    ends = {link: [j.offset for j in robot.joints if j.parent == link] for link in links}
    for link in links:
        _link(root, link, ends[link])
    for index, joint in enumerate(robot.joints):
        each = SubElement(root, "joint", name=joint.name, type="revolute")
        rpy = _rpy(joint.rotation_wxyz)
        SubElement(each, "origin", xyz=_numbers(joint.offset), rpy=_numbers(rpy))
        SubElement(each, "parent", link=joint.parent)
        SubElement(each, "child", link=joint.child)
        SubElement(each, "axis", xyz=_numbers(joint.axis))
        SubElement(
            each,
            "limit",
            lower=f"{robot.lower[index]:.6g}",
            upper=f"{robot.upper[index]:.6g}",
            velocity=f"{robot.velocity_limits[index]:.6g}",
            effort="0",
        )
    indent(root)
    return tostring(root, encoding="unicode")


def _link(root: Element, name: str, ends: list[np.ndarray]) -> None:
    link = SubElement(root, "link", name=name)
    for end in ends:
        length = float(np.linalg.norm(end))
        if length < STICK_M:
            continue
        visual = SubElement(link, "visual")
        pitch, yaw = math.acos(end[2] / length), math.atan2(end[1], end[0])
        SubElement(
            visual, "origin", xyz=_numbers(end / 2), rpy=_numbers(np.array([0.0, pitch, yaw]))
        )
        shape = SubElement(visual, "geometry")
        SubElement(shape, "cylinder", radius=f"{STICK_M}", length=f"{length:.6g}")


def _rpy(wxyz: np.ndarray) -> np.ndarray:
    """Return the turns about the fixed x, then y, then z, (3,)."""
    w, x, y, z = wxyz
    roll = math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    pitch = math.asin(max(-1.0, min(1.0, 2 * (w * y - z * x))))
    yaw = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    return np.array([roll, pitch, yaw])


def _numbers(values: np.ndarray) -> str:
    return " ".join(f"{value:.6g}" for value in values)


def main() -> int:
    """Write the URDF to standard output; return the exit status."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: urdf ROBOT, for example: urdf unitree_g1\n")
        return 2
    try:
        sys.stdout.write(urdf_of(load_robot(sys.argv[1])) + "\n")
    except FloodBridgeError as error:
        sys.stderr.write(f"urdf: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
