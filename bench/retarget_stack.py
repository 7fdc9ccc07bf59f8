"""What stacking several characters in retargeting would gain, stage by stage, side by side.

    python bench/retarget_stack.py

Prints microseconds of processor time for the normal equations, the bounded step and the lines and
frames of the targets, of 1 to 128 characters. The stacked step is NumPy's, which knows no bounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from flood_bridge.motion.rotations import normalise
from flood_bridge.retarget.human_lines import frames_of, lines_of
from flood_bridge.retarget.solver import bounded_step

ROWS, DOFS, ROUNDS = 51, 35, 9
WALL = np.full(DOFS, 9.0)
Work = Callable[[], object]


def spent_us(work: Work, times: int) -> float:
    """Return the median processor time of one call."""
    spent = []
    for _ in range(ROUNDS):
        began = time.thread_time_ns()
        for _ in range(times):
            work()
        spent.append((time.thread_time_ns() - began) / times / 1e3)
    return float(np.median(spent))


def stages(count: int) -> dict[str, tuple[Work, Work]]:
    """Return each stage of ``count`` characters, one after the other and at once."""
    random = np.random.default_rng(0)
    rows, errors = random.normal(size=(count, ROWS, DOFS)), random.normal(size=(count, ROWS))
    hessians = rows.swapaxes(1, 2) @ rows + np.eye(DOFS)
    gradients = random.normal(size=(count, DOFS))
    joints, stance = random.normal(size=(count, 22, 3)), np.full((count, 2), 0.5)

    def lines(at: np.ndarray, stands: np.ndarray) -> np.ndarray:
        made = lines_of(at)
        return frames_of(made, normalise(made), stands)

    return {
        "normal equations": (
            lambda: [(a.T @ a, e @ a) for a, e in zip(rows, errors, strict=True)],
            lambda: (rows.swapaxes(1, 2) @ rows, errors[:, None] @ rows),
        ),
        "step": (
            lambda: [
                bounded_step(h, g, -WALL, WALL) for h, g in zip(hessians, gradients, strict=True)
            ],
            lambda: np.linalg.solve(hessians, gradients[..., None]),
        ),
        "lines and frames": (
            lambda: [lines(at, stands) for at, stands in zip(joints, stance, strict=True)],
            lambda: lines(joints, stance),
        ),
    }


def main() -> None:
    """Print a table."""
    print(f"{'characters':>10s}  {'stage':18s}{'looped, us':>12s}{'stacked, us':>12s}")
    for count in (1, 3, 16, 128):
        for name, (looped, stacked) in stages(count).items():
            times = max(1, 60 // count)
            print(
                f"{count:10d}  {name:18s}{spent_us(looped, times):12.1f}"
                f"{spent_us(stacked, times):12.1f}"
            )


if __name__ == "__main__":
    main()
