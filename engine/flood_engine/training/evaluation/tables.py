"""The tables that an evaluation prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flood_engine.training.evaluation.jerk import PER_SECOND_CUBED
from flood_engine.training.evaluation.obedience import GOAL, GROUP_GOAL, REQUIRED, Tally
from flood_engine.training.evaluation.validate import Confusion


def obedience_lines(tallies: Sequence[Tally], errors: dict[str, Any] | None) -> Iterable[str]:
    """Give one line per canonical prompt, with the judge's own errors on recorded motion."""
    heads = f"{'prompt':26s} {'passed':>9s} {'share':>6s}  {'judge finds, false':20s}"
    yield f"{heads} weakest wording"
    for each in tallies:
        mark = "*" if each.group in REQUIRED and each.share < GROUP_GOAL else " "
        weakest = min(each.by_wording, key=lambda text: each.by_wording[text])
        hint = "" if each.passed == each.asked else f"{each.by_wording[weakest]}: {weakest}"
        count = f"{each.passed}/{each.asked}"
        yield (
            f"{each.group[:26]:26s} {count:>9s} {each.share:6.0%}{mark} "
            f"{_judge_errors(each.action, errors):20s} {hint}"
        )
    passed, asked = sum(t.passed for t in tallies), sum(t.asked for t in tallies)
    yield f"{'all':26s} {f'{passed}/{asked}':>9s} {passed / asked:6.1%}  goal {GOAL:.0%}"
    low = [t.group for t in tallies if t.group in REQUIRED and t.share < GROUP_GOAL]
    if low:
        yield f"* under {GROUP_GOAL:.0%}, which each of these must reach: {', '.join(low)}"


def _judge_errors(action: str, errors: dict[str, Any] | None) -> str:
    """Return how many recorded stretches the judge finds and how often it errs on others."""
    if errors is None:
        return ""
    rows = [split[action] for split in errors.values() if action in split]
    asked, found, _, others, _, false = (sum(column) for column in zip(*rows, strict=True))
    return f"{found}/{asked}, {false / max(1, others):.1%}" if asked else "no recordings"


def transition_lines(mode: str, figures: dict[str, Any], jerk: dict[str, Any]) -> Iterable[str]:
    """Give the table of one way of changing."""
    yield (
        f"{mode}: {figures['came']} of {figures['counted']} changes came ({figures['pairs']} made,"
        f" {figures['already_shown']} already looked like it,"
        f" {figures['first_not_shown']} did not show the first action)"
    )
    yield (
        f"  onset median {_secs(figures['onset_median_secs'])}, 90 % by"
        f" {_secs(figures['onset_p90_secs'])}; known median {_secs(figures['known_median_secs'])}"
    )
    for name, row in figures["by_target"].items():
        came = f"{row['came']}/{row['counted']}"
        yield f"    to {name:16s} {came:>7s}  onset median {_secs(row['onset_median_secs'])}"
    yield (
        f"  jerk (m/frame^3; x{PER_SECOND_CUBED:.0f} m/s^3): peak {jerk['peak']:.4f}"
        f" ({jerk['peak_against_real']:.2f} x real), area {jerk['area']:.3f},"
        f" own peaks p95 {jerk['sample_peak_p95']:.3f} ({jerk['sample_peak_against_real']:.2f} x)"
    )
    yield (
        f"  jumps at the change, p95: root {1e3 * figures['root_jump_p95_m']:.0f} mm,"
        f" worst joint {1e3 * figures['joint_jump_p95_m']:.0f} mm"
    )


def reference_lines(reference: dict[str, Any]) -> Iterable[str]:
    """Give recorded motion's jerk and jumps, to be read beside the changes."""
    jerk, jumps = reference["jerk"], reference["jumps_m"]
    yield (
        f"recorded motion: jerk mean {jerk['mean']:.4f}, peak {jerk['peak']:.4f}, area"
        f" {jerk['area']:.3f}, own peaks p95 {jerk['sample_peak_p95']:.3f} m/frame^3; jumps p99:"
        f" root {1e3 * jumps['root_p99']:.0f} mm, worst joint {1e3 * jumps['joint_p99']:.0f} mm"
    )


def _secs(value: float | None) -> str:
    return "never" if value is None else f"{value:.2f} s"


def drift_lines(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    """Give one line per long stream."""
    yield (
        f"{'prompt':36s} {'min':>4s} {'outside':>8s} {'foot':>7s} {'drift':>7s} {'bones':>7s}"
        f" {'root m/s':>9s} {'way m':>6s}  verdict"
    )
    for row in rows:
        verdict = ", ".join(row["failed"]) or "passed"
        yield (
            f"{row['prompt'][:36]:36s} {row['minutes']:4.1f} {row['outside_range']:8.3%}"
            f" {1e3 * row['foot_median_m']:4.0f} mm {1e3 * row['foot_drift_m']:4.0f} mm"
            f" {1e3 * row['bone_drift_m']:4.0f} mm {row['root_speed_mean']:9.3f}"
            f" {row['net_way_m']:6.1f}  {verdict}"
        )


def feet_lines(made: dict[str, Any], recorded: dict[str, Any]) -> Iterable[str]:
    """Give each motion's feet beside recorded ones."""
    columns = ("skate_gmd", "skate_kimodo", "contact_speed_m_per_s", "sunk", "hovering")
    heads = ("GMD skate", "Kimodo skate", "contact m/s", "sunk", "hovering")
    yield f"{'model / recorded':16s} " + " ".join(f"{head:>15s}" for head in heads)
    for name, row in made.items():
        cells = (f"{row[c]:6.3f} / {recorded[name][c]:6.3f}" for c in columns)
        yield f"{name:16s} " + " ".join(f"{cell:>15s}" for cell in cells)
    for title, column in zip(heads[:2], columns[:2], strict=True):
        mine, real = (sum(rows[n][column] for n in made) / len(made) for rows in (made, recorded))
        yield f"mean {title}: {mine:.3f} against {real:.3f}: {mine / max(real, 1e-9):.2f} x real"


def retrieval_lines(figures: dict[str, Any]) -> Iterable[str]:
    """Give R-precision and distance; never to be put beside HumanML3D's."""
    yield f"{'':12s} {'motions':>8s} {'top 1':>6s} {'top 2':>6s} {'top 3':>6s} {'FID-like':>9s}"
    for name in ("recorded", "generated"):
        row = figures[name]
        yield (
            f"{name:12s} {row['motions']:8d} {row['top1']:6.1%} {row['top2']:6.1%}"
            f" {row['top3']:6.1%} {row['fid_like']:9.3f}"
        )
    yield "our own small evaluator: not comparable with tables on HumanML3D"


def validation_lines(result: Confusion) -> Iterable[str]:
    """Give the judge's errors on one split, and what it takes for what."""
    heads = f"{'action':17s} {'found':>9s} {'kept':>9s}  {'false kept':>11s}"
    yield f"{result.split}: {heads}  taken for it"
    for action in result.table:
        right, wrong = result.right(action), result.wrong(action)
        worst = sorted(
            ((c.kept / c.stretches, kind, c) for kind, c in result.table[action].items() if c.kept),
            reverse=True,
        )
        mistaken = " ".join(f"{kind} {c.kept}/{c.stretches}" for _, kind, c in worst[:6])
        yield (
            f"{'':{len(result.split)}s}  {action:17s} {f'{right.found}/{right.stretches}':>9s}"
            f" {f'{right.kept}/{right.stretches}':>9s}"
            f"  {f'{wrong.kept}/{wrong.stretches}':>11s}  {mistaken}"
        )
