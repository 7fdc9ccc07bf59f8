"""Who listens and how they want it: the presets of ``--to``, one per kind of receiver.

What each receiver needs was read in its source or its documentation; ``docs/osc.md`` lists it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NoReturn

from flood_bridge.errors import ConfigError
from flood_bridge.protocol.axes import BLENDER, GLTF, ROS, UNITY, UNREAL_MESH, Axes
from flood_bridge.protocol.native import TOPICS, Topic
from flood_bridge.protocol.vmc import POSITIONS, VmcForm
from flood_bridge.protocol.vmc_placing import ROOT_POLICIES

Kind = Literal["native", "compact", "vmc", "vrchat"]

VMC_PORT = 39539
NATIVE_PORT = 9501
VRCHAT_PORT = 9000
UNREAL_PORT = 8000
RAW_PORT = 9502

MAX_RATE_HZ = 1000.0
HEIGHTS_M = (0.2, 5.0)

WORLDS: dict[str, Axes] = {
    "unity": UNITY,
    "unreal": UNREAL_MESH,
    "gltf": GLTF,
    "blender": BLENDER,
    "ros": ROS,
}
"""What ``axes=`` may name."""


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """One place to send to, and in which form."""

    kind: Kind
    port: int
    """With VMC and VRChat that of character 0; character n is sent to this port + n."""
    host: str = "127.0.0.1"
    rate_hz: float | None = None
    """Most frames per second; None sends all."""
    topics: tuple[Topic, ...] = TOPICS
    """Native messages."""
    axes: Axes = UNITY
    """The world of native messages."""
    form: VmcForm = field(default_factory=VmcForm)
    height_m: float | None = None
    """With VRChat: the user's real height."""


def _vmc(form: VmcForm | None = None) -> Receiver:
    return Receiver(kind="vmc", port=VMC_PORT, form=form or VmcForm())


PRESETS: dict[str, Receiver] = {
    "vmc": _vmc(),
    "evmc4u": _vmc(),
    "vrm4u": _vmc(),
    "vmclivelink": _vmc(VmcForm(root_bone=True)),
    "vmc4ue": _vmc(VmcForm(upper_chest=False)),
    "godot": _vmc(VmcForm(root_policy="hips")),
    "vseeface": _vmc(),
    "vrchat": Receiver(kind="vrchat", port=VRCHAT_PORT),
    "unity": Receiver(kind="native", port=NATIVE_PORT),
    "unreal": Receiver(kind="native", port=UNREAL_PORT, topics=("ue",), axes=UNREAL_MESH),
    "raw": Receiver(kind="native", port=RAW_PORT, topics=("root", "joints", "contact")),
    "crowd": Receiver(kind="compact", port=NATIVE_PORT),
}

KEYS: dict[str, tuple[Kind, ...]] = {
    "host": ("native", "compact", "vmc", "vrchat"),
    "port": ("native", "compact", "vmc", "vrchat"),
    "rate": ("native", "compact", "vmc", "vrchat"),
    "axes": ("native",),
    "root": ("vmc",),
    "positions": ("vmc",),
    "height": ("vrchat",),
}
"""What may be changed, and of which kinds."""


def read_receiver(text: str) -> Receiver:
    """Return the receiver that ``text`` names: ``PRESET`` or ``PRESET,KEY=VALUE,...``.

    Raises:
        ConfigError: If there is no such preset or key, or a value cannot be used.
    """
    name, *settings = text.split(",")
    receiver = PRESETS.get(name)
    if receiver is None:
        raise ConfigError(f"--to {name!r} is unknown; valid are {', '.join(PRESETS)}")
    for setting in settings:
        key, equals, value = setting.partition("=")
        valid = [each for each, kinds in KEYS.items() if receiver.kind in kinds]
        if key not in valid or not equals:
            raise ConfigError(
                f"--to {text}: {setting!r} is unknown; {name} takes"
                f" {', '.join(each + '=...' for each in valid)}"
            )
        try:
            receiver = _SETTERS[key](receiver, value)
        except ConfigError as error:
            raise ConfigError(f"--to {text}: {error}") from None
    return receiver


def _set_host(receiver: Receiver, value: str) -> Receiver:
    if not value or any(c.isspace() for c in value):
        raise ConfigError(f"host is {value!r}; a host name or address is needed")
    return replace(receiver, host=value)


def _set_port(receiver: Receiver, value: str) -> Receiver:
    return replace(receiver, port=int(_number("port", value, 1, 65535, whole=True)))


def _set_rate(receiver: Receiver, value: str) -> Receiver:
    return replace(receiver, rate_hz=_number("rate", value, 1, MAX_RATE_HZ))


def _set_height(receiver: Receiver, value: str) -> Receiver:
    return replace(receiver, height_m=_number("height", value, *HEIGHTS_M))


def _set_axes(receiver: Receiver, value: str) -> Receiver:
    if value not in WORLDS:
        _unknown("axes", value, tuple(WORLDS))
    return replace(receiver, axes=WORLDS[value])


def _set_root(receiver: Receiver, value: str) -> Receiver:
    if value not in ROOT_POLICIES:
        _unknown("root", value, ROOT_POLICIES)
    return replace(receiver, form=replace(receiver.form, root_policy=value))


def _set_positions(receiver: Receiver, value: str) -> Receiver:
    if value not in POSITIONS:
        _unknown("positions", value, POSITIONS)
    return replace(receiver, form=replace(receiver.form, positions=value))


_SETTERS: dict[str, Callable[[Receiver, str], Receiver]] = {
    "host": _set_host,
    "port": _set_port,
    "rate": _set_rate,
    "axes": _set_axes,
    "root": _set_root,
    "positions": _set_positions,
    "height": _set_height,
}


def _unknown(what: str, value: str, valid: tuple[str, ...]) -> NoReturn:
    raise ConfigError(f"{what} is {value!r}; valid are {', '.join(valid)}")


def _number(what: str, text: str, lowest: float, highest: float, *, whole: bool = False) -> float:
    kind: Any = int if whole else float
    try:
        value = kind(text)
    except ValueError:
        value = math.nan
    if not lowest <= value <= highest:
        raise ConfigError(f"{what} is {text!r}; valid are {lowest:g} to {highest:g}")
    return value
