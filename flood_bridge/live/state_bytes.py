"""Snapshots to bytes and back: plain arrays and JSON, versioned, checked, nothing executed.

::

    "FLBR" u16 version, 16 bytes BLAKE2b of the rest; the rest is a NumPy .npz (never pickled):
    "about"  JSON: format, rate, of each character the seed, counters, prompts and who owns what
    "N/..."  arrays of character N: the engine's stream as its own bytes, what smoothing, resampler,
             avatar, robot and its guard remember, and the frames that wait

Prompts travel as texts and are read again by the model. Receipts that were due are not: whoever
waited for them is gone.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from flood_bridge.commands import SetSmoothing
from flood_bridge.errors import CommandError, ConfigError
from flood_bridge.live.character import Ready
from flood_bridge.live.engine_port import Engine
from flood_bridge.live.frame_arrays import frames_from_arrays, frames_to_arrays
from flood_bridge.live.guard_arrays import guard_from, guard_to_arrays, guard_to_plain
from flood_bridge.live.mark import Mark, Memory
from flood_bridge.live.snapshot import CharacterSnapshot
from flood_bridge.live.stillness import StillMemory
from flood_bridge.live.whereabouts import WhereMemory
from flood_bridge.motion.frames import Pose
from flood_bridge.motion.smoothing import BodyParts, SmoothingMemory
from flood_bridge.playout import PlayoutMemory
from flood_bridge.resample import ResamplerMemory
from flood_bridge.timeline import Cue, TimelineMemory

MAX_STATE_BYTES = 256 << 20
"""Largest state that is read: 1024 characters take about a third of it."""

_MAGIC, _VERSION = b"FLBR", 5
_HEADER = struct.Struct("<4sH16s")


@dataclass(slots=True)
class _Cues:
    """Numbers the cues of one character, each once."""

    numbers: dict[Cue, int] = field(default_factory=dict)

    def __call__(self, cue: Cue | None) -> int:
        return -1 if cue is None else self.numbers.setdefault(cue, len(self.numbers))


def state_to_bytes(snapshots: Sequence[CharacterSnapshot], engine: Engine, rate_hz: int) -> bytes:
    """Write snapshots of all characters."""
    arrays: dict[str, np.ndarray] = {}
    about = {
        "rate_hz": rate_hz,
        "characters": [_write(snapshot, engine, arrays) for snapshot in snapshots],
    }
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    body = buffer.getvalue()
    return _HEADER.pack(_MAGIC, _VERSION, _digest(body)) + body


def state_from_bytes(content: bytes, engine: Engine, rate_hz: int) -> list[CharacterSnapshot]:
    """Read what :func:`state_to_bytes` wrote.

    Raises:
        ConfigError: If it is damaged, of another version or rate.
        StateError: If it belongs to another model.
    """
    body = _checked(content)
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as loaded:
            arrays = {name: loaded[name] for name in loaded.files}
        about = json.loads(arrays["about"].tobytes())
        found_hz = about["rate_hz"]
        if found_hz == rate_hz:
            entries = about["characters"]
            return [_read(entry, _part(arrays, f"{entry['number']}/"), engine) for entry in entries]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, CommandError) as error:
        raise ConfigError(f"the content is not that of a state ({error!r})") from error
    raise ConfigError(f"it was made with --rate-hz {found_hz}, and now it is {rate_hz}")


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=16).digest()


def _checked(content: bytes) -> bytes:
    if len(content) < _HEADER.size:
        raise ConfigError(f"it has {len(content)} bytes, which is too short")
    magic, version, digest = _HEADER.unpack_from(content)
    if magic != _MAGIC:
        raise ConfigError("it is not a state of flood-bridge")
    if version != _VERSION:
        raise ConfigError(f"it has version {version}; this flood-bridge reads {_VERSION}")
    body = content[_HEADER.size :]
    if _digest(body) != digest:
        raise ConfigError("it is damaged: its checksum does not fit")
    return body


def _write(
    snapshot: CharacterSnapshot, engine: Engine, arrays: dict[str, np.ndarray]
) -> dict[str, Any]:
    """Put the arrays of one character into ``arrays`` and return the rest as JSON."""
    mark, line, playing, cue = snapshot.mark, snapshot.timeline, snapshot.playing, _Cues()
    start = f"{snapshot.number}/"
    ready = [*([] if playing.held is None else [playing.held]), *playing.waiting]
    parts: dict[str, Memory | None] = {
        "engine": {"bytes": np.frombuffer(engine.to_bytes(mark.state), np.uint8)},
        "avatar": mark.avatar,
        "robot": mark.robot,
        "smoothing": _smoothed(mark.smoothing),
        "resampler": _last_pose(mark.resampler),
        "still": {} if snapshot.still.where is None else {"where": snapshot.still.where},
        "frames": frames_to_arrays([each.frame for each in ready]),
        "guard": None if snapshot.guard is None else guard_to_arrays(snapshot.guard),
    }
    for name, memory in parts.items():
        arrays |= {f"{start}{name}/{key}": value for key, value in (memory or {}).items()}
    last = mark.resampler.last
    about = {
        "number": snapshot.number,
        "seed": snapshot.seed,
        "speed": snapshot.speed,
        "smoothing_secs": snapshot.smoothing_secs,
        "latents": mark.latents,
        "owners": [cue(each) for each in mark.owners],
        "last": cue(mark.last),
        "robot": mark.robot is not None,
        "resampler": [mark.resampler.due, cue(last[1] if last else None)],
        "where": mark.where.numbers(),
        "base": [cue(line.base), line.base_held],
        "queue": [[cue(each), latents] for each, latents in line.queue],
        "playing": [cue(line.playing), line.latents_left],
        "still": snapshot.still.held,
        "sequence": playing.sequence,
        "paused": playing.paused,
        "resting": playing.resting,
        "held": playing.held is not None,
        "guard": None if snapshot.guard is None else guard_to_plain(snapshot.guard),
    }
    return about | {"cues": [each.text for each in cue.numbers]}


def _read(about: dict[str, Any], arrays: Memory, engine: Engine) -> CharacterSnapshot:
    cues: list[Cue | None] = [Cue(text, engine.encode(text)) for text in about["cues"]]
    cues.append(None)  # number -1

    def cue(number: int) -> Cue:
        found = cues[number]
        if found is None:
            raise ValueError("a latent without an owner")
        return found

    due, leader = about["resampler"]
    mark = Mark(
        state=engine.from_bytes(arrays["engine/bytes"].tobytes()),
        latents=int(about["latents"]),
        owners=tuple(cue(number) for number in about["owners"]),
        last=cues[about["last"]],
        smoothing=_smoothing_of(_part(arrays, "smoothing/")),
        resampler=ResamplerMemory(int(due), _pose_of(_part(arrays, "resampler/"), cues[leader])),
        avatar=_part(arrays, "avatar/"),
        robot=_part(arrays, "robot/") if about["robot"] else None,
        where=WhereMemory.from_numbers(about["where"]),
    )
    timeline = TimelineMemory(
        cue(about["base"][0]),
        bool(about["base"][1]),
        tuple((cue(number), int(latents)) for number, latents in about["queue"]),
        cues[about["playing"][0]],
        int(about["playing"][1]),
    )
    ready = [Ready(f) for f in frames_from_arrays(_part(arrays, "frames/"), about["number"])]
    held = ready.pop(0) if about["held"] else None
    playing = PlayoutMemory(
        held,
        tuple(ready),
        int(about["sequence"]),
        bool(about["paused"]),
        bool(about["resting"]),
    )
    still = StillMemory(arrays.get("still/where"), int(about["still"]))
    plain = about["guard"]
    guard = None if plain is None else guard_from(plain, _part(arrays, "guard/"))
    return CharacterSnapshot(
        number=about["number"],
        seed=int(about["seed"]),
        speed=float(about["speed"]),
        smoothing_secs=SetSmoothing(secs=float(about["smoothing_secs"])).secs,
        mark=mark,
        timeline=timeline,
        still=still,
        playing=playing,
        guard=guard,
    )


def _part(arrays: Memory, start: str) -> Memory:
    return {name.removeprefix(start): v for name, v in arrays.items() if name.startswith(start)}


def _smoothed(memory: SmoothingMemory | None) -> Memory:
    if memory is None:
        return {}
    body, counts = memory.body, np.array([memory.secs, memory.lift_m])
    return {"counts": counts, "plain": body.plain, "directions": body.directions}


def _smoothing_of(memory: Memory) -> SmoothingMemory | None:
    if not memory:
        return None
    body = BodyParts(memory["plain"], memory["directions"])
    secs, lift_m = memory["counts"].tolist()
    return SmoothingMemory(secs, body, lift_m)


def _last_pose(resampler: ResamplerMemory[Cue]) -> Memory:
    if resampler.last is None:
        return {}
    pose, _, slope = resampler.last
    return {
        "joints": pose.joints,
        "velocities": pose.velocities,
        "contacts": pose.contacts,
        "heading": np.array(pose.heading_rad),
        "slope": slope,
    }


def _pose_of(memory: Memory, owner: Cue | None) -> tuple[Pose, Cue, np.ndarray] | None:
    if owner is None:
        return None
    pose = Pose(
        memory["joints"], memory["velocities"], memory["contacts"], float(memory["heading"])
    )
    return pose, owner, memory["slope"]
