"""Events as native OSC messages: receipts, refusals, pongs, the state once per second."""

from __future__ import annotations

from flood_bridge.events import Event, Pong, PromptApplied, Rejected, SafetyReport, Status
from flood_bridge.protocol import osc

MAX_TEXT_BYTES = 1024
"""Longer texts are cut, so that every message fits one network packet."""

MAX_RATES = 32
"""Rates of more characters are left out, for the same reason."""


def event_message(event: Event) -> bytes:
    """Return ``event`` as one datagram of at most 1400 bytes, whatever its fields hold."""
    match event:
        case PromptApplied():
            return osc.message(
                f"/flood/{event.character}/prompt/applied",
                "isii",
                _int32(event.request_id),
                _text(event.text),
                event.sequence & 0x7FFFFFFF,
                _int32(event.latency_ms),
            )
        case Rejected():
            reason = _text(event.reason)
            return osc.message("/flood/error", "is", _int32(event.request_id), reason)
        case Pong():
            return osc.message("/flood/pong", "if", _int32(event.request_id), event.uptime_secs)
        case SafetyReport():
            return _safety_message(event)
        case Status():
            return _status_message(event)


def _safety_message(report: SafetyReport) -> bytes:
    state, reason = _text(report.state), _text(report.reason)
    return osc.message(f"/flood/{report.character}/safety", "ss", state, reason)


def _status_message(status: Status) -> bytes:
    """Return the status, bundled with the rates of the characters if they are known."""
    message = _state_message(status)
    if not status.rates:
        return message
    rates = status.rates[:MAX_RATES]
    return osc.bundle(message, osc.message("/flood/rates", "f" * len(rates), *rates))


def _state_message(status: Status) -> bytes:
    return osc.message(
        "/flood/status",
        "fissfffii",
        status.uptime_secs,
        status.characters,
        _text(status.state),
        _text(status.prompt),
        status.generation_fps,
        status.output_fps,
        status.lead_ms,
        status.underruns & 0x7FFFFFFF,
        _int32(status.last_latency_ms),
    )


def _int32(value: int) -> int:
    """Return ``value`` wrapped into 32 bits; what came in as an OSC int goes out unchanged."""
    return (value + 0x80000000) % 0x100000000 - 0x80000000


def _text(text: str) -> str:
    """Return ``text`` as OSC can carry it: no control characters, no half surrogates, not long."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return printable.encode("utf-8")[:MAX_TEXT_BYTES].decode("utf-8", errors="ignore")
