"""Several characters on robots of one kind, retargeted at once with equal results.

Each character has its own :class:`RobotRetargeter` and all that it remembers; who takes part may
change from call to call. What NumPy does is done for all of them in one go, so that its calls, most
of the price of one character, are paid once: see ``bench/retarget_stack.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from flood_bridge.errors import ConfigError, RetargetError
from flood_bridge.motion.frames import Pose, RobotFrame
from flood_bridge.retarget.robot import RobotRetargeter
from flood_bridge.retarget.together import Script, run_together

CROWD = 3
"""So many characters are retargeted at once; fewer gain nothing, and go one after the other."""


def retarget_together(
    asked: Sequence[tuple[RobotRetargeter, Sequence[Pose]]],
) -> list[list[RobotFrame] | RetargetError]:
    """Return what :meth:`RobotRetargeter.retarget` returns for the poses of each character.

    Args:
        asked: Each character's retargeter and its next poses, oldest first; the numbers of poses
            may differ. In which order the characters come does not matter.

    Returns:
        The frames of each character, or the error that its first pose raises; the others go on.

    Raises:
        ConfigError: If a retargeter is named twice, or their robots are not one.
    """
    makers = [maker for maker, _ in asked]
    if len(set(map(id, makers))) < len(makers):
        raise ConfigError("a character is asked for twice at once; its poses belong in one list")
    if len({id(maker.robot) for maker in makers}) > 1:
        raise ConfigError("robots of several kinds cannot be retargeted at once; valid is one kind")
    scripts = [_frames(*each) for each in asked]
    if len(scripts) >= CROWD:
        return run_together(scripts)
    return [result for script in scripts for result in run_together([script])]


def _frames(retargeter: RobotRetargeter, poses: Sequence[Pose]) -> Script[list[RobotFrame]]:
    frames = []
    for pose in poses:
        frames.append((yield from retargeter.script(pose)))
    return frames
