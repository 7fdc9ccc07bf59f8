"""What is shown to each person of what moves and of who is here."""

from __future__ import annotations

from flood_bridge.viewer import lease_words, markup
from flood_bridge.viewer.audience import Audience
from flood_bridge.viewer.ensemble import Ensemble
from flood_bridge.viewer.panel import Shown
from flood_bridge.viewer.seen import Seen, condition
from flood_bridge.viewer.steering import Controls


def shown(person: int, audience: Audience, ensemble: Ensemble) -> Shown:
    """Return all that the panel of ``person`` shows now."""
    lease, status = audience.lease, ensemble.measures.status
    seen, numbers = ensemble.seen.get(ensemble.chosen), sorted(ensemble.seen)
    place = numbers.index(ensemble.chosen) if seen is not None else 0
    boxes = () if seen is None else seen.programme.segments(seen.motion_secs)
    return Shown(
        state=condition(status, seen, place),
        who=lease_words.who(lease, person, audience.names),
        steering=person == lease.owner,
        lease_button=lease_words.button(lease, person, audience.names, ensemble.now_secs),
        strip=markup.strip(boxes, held=seen is not None and seen.held),
        meters=markup.meters(ensemble.measures),
        controls=controls(seen or Seen(), ensemble),
        safety="" if status is None else markup.safety(status.safety),
    )


def controls(seen: Seen, ensemble: Ensemble) -> Controls:
    """Return what the controls of ``seen`` stand at."""
    return Controls(
        history=tuple(seen.programme.history),
        characters=tuple(sorted(ensemble.seen)),
        character=ensemble.chosen,
        paused=seen.paused,
        settings=seen.settings.of(ensemble.model),
        model=ensemble.model,
    )
