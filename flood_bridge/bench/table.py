"""The figures as lines to read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """Yield the table of what :func:`flood_bridge.bench.options.measure` found."""
    about = figures["about"]
    yield (
        f"model {about['model']}, {about['backend']} {about['precision']},"
        f" {about['threads']} threads, {about['parameters'] / 1e6:.1f} M parameters"
    )
    yield from _single(figures["single"])
    yield from _crowd(figures["crowd"])
    state = figures["state"]
    yield (
        f"state: fork {state['fork_ms']} ms, to bytes {state['to_bytes_ms']} ms, back"
        f" {state['from_bytes_ms']} ms, {state['bytes']} bytes"
    )
    yield from _latency(figures["latency_ms"])
    memory = figures["memory"]
    yield (
        f"memory: {memory['peak_mb']:.0f} MB at most, {memory['per_character_kb']:.0f} kB for each"
        " character"
    )


def _single(single: dict[str, Any]) -> Iterator[str]:
    stages = ", ".join(f"{name} {ms:.2f}" for name, ms in single["stages_ms"].items())
    yield f"one latent (ms, median of {single['latents']}): {stages}"
    rows = {"turn of the engine": single["turn_ms"], "tick of playing": single["tick_ms"]}
    twin = single.get("plain_twin")
    if twin:
        rows["turn of the plain twin"] = twin["turn_ms"]
    yield f"{'':24s}{'p50':>10s}{'p95':>10s}{'p99':>10s}  ms"
    for name, row in rows.items():
        yield f"{name:24s}" + "".join(f"{row[p]:10.2f}" for p in ("p50", "p95", "p99"))
    yield f"{single['real_time_factor']:.1f} times real time" + (
        f"; the plain twin {twin['real_time_factor']:.1f}, {twin['times_slower']:.2f} times slower"
        if twin
        else ""
    )


def _crowd(crowd: dict[str, Any]) -> Iterator[str]:
    yield f"{'characters':>10s}{'step p50':>12s}{'p95':>10s}{'latents/s':>12s}"
    for size, row in crowd["batches"].items():
        yield f"{size:>10s}{row['p50']:12.2f}{row['p95']:10.2f}{row['latents_per_sec']:12.1f}"
    count = crowd["characters_in_time"]
    most = "" if crowd["limit_reached"] else " or more"
    yield f"{count}{most} characters at full speed (a step within the time that its latent plays)"


def _latency(latency: dict[str, Any]) -> Iterator[str]:
    if not latency:
        return
    lead = latency["lead_ms"]
    yield f"prompt to motion with a lead of {lead} ms{'p50':>10s}{'p95':>10s}{'p99':>10s}  ms"
    for urgency, row in latency.items():
        if urgency != "lead_ms":
            yield f"{urgency:37s}" + "".join(f"{row[p]:10.1f}" for p in ("p50", "p95", "p99"))
