"""The drawn parts of the panel as HTML: who steers, the time line, the measures.

Everything that people typed is escaped. Colours are those of :mod:`flood_bridge.render.options`
where they mean something, and the page's own (`currentColor`) where they do not, so that both of
the page's themes can be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from flood_bridge.events import SafetyReport
from flood_bridge.viewer.measures import Margin, Measures
from flood_bridge.viewer.messages import About
from flood_bridge.viewer.programme import Segment

ACCENT, WARM, COOL, GOOD, BAD = "#7858c4", "#e86a38", "#2280c4", "#2f9e5f", "#d64545"
MAX_BOXES = 6
_SAFETY = {"live": GOOD, "estop": BAD, "hold": WARM}
_SPARK_WIDTH, _SPARK_HEIGHT = 96, 20
_FAINT = "opacity:.62"
_ROW = "display:flex;align-items:center;gap:.5em"
_CUT = "overflow:hidden;text-overflow:ellipsis;white-space:nowrap"


def page(*parts: str) -> str:
    """Return ``parts`` one below another, with the panel's margins."""
    return f'<div style="padding:.15em .6em .35em;font-size:.8rem">{"".join(parts)}</div>'


def headline(state: str, who: str, *, steering: bool) -> str:
    """Return the line that says how the daemon is and who steers."""
    colour = {"running": GOOD, "paused": WARM, "resting": COOL}.get(state, "#8a93a6")
    mark = ACCENT if steering else "currentColor"
    return page(
        f'<div style="{_ROW}"><span style="width:.6em;height:.6em;border-radius:50%;'
        f'background:{colour};flex:none"></span><b>{escape(state)}</b>'
        f'<span style="margin-left:auto;color:{mark};{_CUT}">{escape(who)}</span></div>'
    )


def strip(segments: Sequence[Segment], *, held: bool) -> str:
    """Return the time line: what plays now with its bar, and in one row what comes.

    It is always as high, so that nothing moves under the mouse.
    """
    if not segments:
        return page(f'<div style="height:3.6em;{_FAINT}">The motion begins soon.</div>')
    boxes = [_coming(segment) for segment in segments[1:MAX_BOXES]]
    more = len(segments) - MAX_BOXES
    if more > 0:
        boxes.append(f'<span style="flex:none;{_FAINT}">+{more}</span>')
    if not boxes:
        boxes.append(f'<span style="{_FAINT}">until another prompt</span>')
    row = f'<div style="display:flex;gap:3px;height:1.6em;line-height:1.6em">{"".join(boxes)}</div>'
    return page(_now(segments[0], held=held), row)


def meters(measures: Measures) -> str:
    """Return every number with its plot."""
    status = measures.status
    if status is None:
        return page(f'<div style="{_FAINT}">The numbers come with the motion.</div>')
    latency = f"{status.last_latency_ms} ms" if status.last_latency_ms else "no prompt yet"
    rows = [
        _meter("Prompt to motion", latency, list(measures.latencies), ACCENT),
        _meter("Model makes", f"{status.generation_fps:.0f} fps", _of(measures, "generation")),
        _meter("Stream", f"{status.output_fps:.1f} fps", _of(measures, "output")),
        _meter("Lead", f"{status.lead_ms:.0f} ms", _of(measures, "lead")),
        _meter("Underruns", str(status.underruns), _of(measures, "underruns"), BAD),
    ]
    slides = _of(measures, "slide")
    rows.append(_meter("Foot slide", f"{slides[-1]:.1f} cm/s" if slides else "–", slides, WARM))
    if measures.margin is not None:
        rows += _margin(measures.margin, _of(measures, "margin"))
    return page(*rows)


def about(model: About) -> str:
    """Return what the model is by itself, before anything is set."""
    back_secs = model.histories[-1] * model.latent_secs
    return page(
        f'<div style="{_FAINT};font-size:.72rem">The model\'s own: guidance {model.guidance:g},'
        f" {back_secs:g} s of history, {model.steps} denoise steps a piece of"
        f" {model.latent_secs:g} s, {model.window_secs:g} s in the making;"
        f" runs on {escape(model.machinery)}.</div>"
    )


def safety(reports: Sequence[SafetyReport]) -> str:
    """Return what the safety layer does with each robot; nothing without one."""
    if not reports:
        return ""
    rows = [
        f'<div style="{_ROW}"><b style="flex:none;color:{_SAFETY.get(report.state, "inherit")}">'
        f'{escape(report.state.replace("_", " "))}</b><span style="{_FAINT};{_CUT}">'
        f"{escape(report.reason)}</span></div>"
        for report in reports[:MAX_BOXES]
    ]
    return page(*rows)


def _now(segment: Segment, *, held: bool) -> str:
    rest = "" if segment.secs is None else f" of {segment.secs:g}"
    time = "held" if held else f"{segment.elapsed_secs:.0f}{rest} s"
    width = 100.0 if segment.secs is None else 100 * segment.progress
    look = f"{ACCENT}55" if segment.secs is None else ACCENT
    text = escape(segment.text) or "anything"
    return (
        f'<div style="{_ROW};margin-bottom:.15em"><b style="{_CUT};font-size:.95rem">{text}</b>'
        f'<span style="{_FAINT};margin-left:auto;flex:none;font-variant-numeric:tabular-nums">'
        f'{time}</span></div><div style="height:5px;border-radius:3px;margin-bottom:.4em;'
        f'background:rgba(128,128,140,.2)"><div style="height:5px;border-radius:3px;'
        f'width:{width:.1f}%;background:{look}"></div></div>'
    )


def _coming(segment: Segment) -> str:
    """Return a box as wide as its prompt is long."""
    coming, after = segment.state == "next", segment.state == "after"
    text = escape(segment.text.removeprefix("a person ")) or "anything"
    time = "coming" if coming else "then" if after else f"{segment.secs:g} s"
    by = f" · {escape(segment.by)}" if segment.by else ""
    look = f"{ACCENT}44" if coming else "none" if after else "rgba(128,128,140,.2)"
    share = 4.0 if segment.secs is None else min(max(segment.secs, 1.0), 12.0)
    return (
        f'<span title="{escape(segment.text)}, {time}{by}" style="flex:{share:g} 1 0;min-width:0;'
        f'padding:0 .4em;border-radius:3px;background:{look};{_CUT}">{text}'
        f' <span style="{_FAINT}">{time}{by}</span></span>'
    )


def _of(measures: Measures, name: str) -> list[float]:
    return list(measures.series.get(name, ()))


def _margin(margin: Margin, values: Sequence[float]) -> list[str]:
    joint = margin.joint.removesuffix("_joint").replace("_", " ")
    number = f"{margin.degrees:.1f}°"
    note = f'<div style="{_FAINT};font-size:.72rem;margin-top:-.1em">nearest: {escape(joint)}</div>'
    return [_meter("Limit margin", number, values, COOL), note]


def _meter(name: str, number: str, values: Sequence[float], colour: str = "currentColor") -> str:
    return (
        f'<div style="{_ROW};height:1.75em"><span style="flex:1;{_CUT}">{name}</span>'
        f'<b style="flex:none;font-variant-numeric:tabular-nums">{number}</b>'
        f"{spark(values, colour)}</div>"
    )


def spark(values: Sequence[float], colour: str) -> str:
    """Return a small plot of ``values`` from nought up, the latest at the right."""
    width, height = _SPARK_WIDTH, _SPARK_HEIGHT
    top = max((abs(value) for value in values), default=0.0) or 1.0
    step = width / max(1, len(values) - 1)
    points = " ".join(
        f"{i * step:.1f},{height - 1.5 - (height - 3) * max(0.0, value) / top:.1f}"
        for i, value in enumerate(values)
    )
    return (
        f'<svg width="{width}" height="{height}" style="flex:none" aria-hidden="true">'
        f'<line x1="0" y1="{height - 0.5}" x2="{width}" y2="{height - 0.5}" stroke="currentColor" '
        f'stroke-opacity=".2"/><polyline points="{points}" fill="none" stroke="{colour}" '
        f'stroke-width="1.4" stroke-linejoin="round"/></svg>'
    )
