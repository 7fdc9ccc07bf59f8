"""What a robot's guard remembers as arrays and plain values, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from flood_bridge.live.frame_arrays import robots_from_arrays, robots_to_arrays
from flood_bridge.live.mark import Memory
from flood_bridge.live.robot_guard import GuardMemory
from flood_bridge.safety.memory import MachineMemory

_CHAIN = "chain_"


def guard_to_arrays(memory: GuardMemory) -> Memory:
    """Return the arrays of a guard's memory."""
    frames = [each for each in (memory.blends_from, memory.usable) if each is not None]
    arrays = {f"{_CHAIN}{name}": value for name, value in memory.chain.items()}
    if memory.stood is not None:
        arrays["stood"] = memory.stood
    return {**arrays, **robots_to_arrays(frames)}


def guard_to_plain(memory: GuardMemory) -> dict[str, Any]:
    """Return the rest of it as plain values."""
    return {
        "names": list(memory.names),
        "machine": memory.machine.plain(),
        "anchor": list(memory.anchor),
        "blends": memory.blends_from is not None,
        "usable": memory.usable is not None,
    }


def guard_from(plain: dict[str, Any], arrays: Memory) -> GuardMemory:
    """Return what :func:`guard_to_plain` and :func:`guard_to_arrays` were given.

    Raises:
        KeyError, TypeError, ValueError: If they were not.
    """
    frames = robots_from_arrays(arrays)
    turn, x, y = map(float, plain["anchor"])
    if not np.isfinite((turn, x, y)).all():
        raise ValueError("an anchor is not finite")
    return GuardMemory(
        names=tuple(map(str, plain["names"])),
        machine=MachineMemory.from_plain(plain["machine"]),
        chain={n.removeprefix(_CHAIN): v for n, v in arrays.items() if n.startswith(_CHAIN)},
        anchor=(turn, x, y),
        blends_from=frames.pop(0) if plain["blends"] else None,
        usable=frames.pop(0) if plain["usable"] else None,
        stood=arrays.get("stood"),
    )
