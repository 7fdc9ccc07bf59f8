"""A robot's URDF or MJCF as MuJoCo understands it, bare of all that kinematics do not need.

Meshes are left out before MuJoCo would look for their files; so are drives, sensors and looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from flood_bridge.errors import ConfigError, MissingDependencyError
from flood_bridge.retarget import robot_body
from flood_bridge.retarget.robot_xml import RobotXml

STATED_MASS = 1.0
"""Tells the bodies whose centre of mass is known from the others, whose mass is another."""

_NOT_KINEMATIC = (
    "keys", "sensors", "actuators", "tendons", "equalities", "pairs", "excludes", "skins", "flexes",
    "numerics", "texts", "tuples", "cameras", "lights", "meshes", "hfields", "materials",
    "textures", "plugins",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compiled:
    """A robot's file as MuJoCo understands it."""

    model: Any
    followers: frozenset[str]
    """Joints of an MJCF that follow another joint, or that the file holds at one angle."""


def compiled(xml: RobotXml, origin: str) -> Compiled:
    """Return MuJoCo's model of a robot's file; ``origin`` names it in messages.

    Bodies whose centre of mass the file states have :data:`STATED_MASS`, and no others.

    Raises:
        ConfigError: If MuJoCo cannot read it.
        MissingDependencyError: If MuJoCo is not installed.
    """
    mujoco = robot_body.mujoco
    if mujoco is None:
        raise MissingDependencyError(
            f"the robot {origin}", "mujoco", "pip install 'flood-bridge[robots]'"
        )
    listener = mujoco.get_mju_user_warning()
    mujoco.set_mju_user_warning(lambda _: None)  # else it writes a file into the working folder
    try:
        spec = mujoco.MjSpec.from_string(xml.text)
        meshes = {
            mujoco.mjtGeom.mjGEOM_MESH,
            mujoco.mjtGeom.mjGEOM_HFIELD,
            mujoco.mjtGeom.mjGEOM_SDF,
        }
        for geom in list(spec.geoms):
            geom.material = ""
            if geom.type in meshes or geom.meshname:
                spec.delete(geom)
        followers = _followers(mujoco, spec)
        for kind in _NOT_KINEMATIC:
            for each in list(getattr(spec, kind, ())):
                spec.delete(each)
        for body in spec.bodies:
            body.gravcomp = 0.0
            _give_mass(body)
        spec.compiler.fusestatic = False
        return Compiled(spec.compile(), followers)
    except (ValueError, mujoco.FatalError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ConfigError(f"{origin} cannot be read as a robot: {reason}") from error
    finally:
        mujoco.set_mju_user_warning(listener)


def _followers(mujoco: Any, spec: Any) -> frozenset[str]:
    """Return the first joint of each equality of joints: the second leads it, or none does."""
    return frozenset(
        str(each.name1)
        for each in spec.equalities
        if each.type == mujoco.mjtEq.mjEQ_JOINT and each.active
    )


def _give_mass(body: Any) -> None:
    """Replace the inertia, which many files state wrongly and nobody here needs."""
    stated = bool(body.explicitinertial)
    body.explicitinertial = True
    body.mass = STATED_MASS if stated else 2.0
    body.fullinertia = np.full(6, np.nan)
    body.inertia = np.full(3, 0.01)
    if not stated:
        body.ipos = np.zeros(3)
