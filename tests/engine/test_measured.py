"""An engine that is measured works as the one it stands for, and its stages are counted."""

from __future__ import annotations

from itertools import count

import numpy as np

from flood_engine.backends.choose import choose_backend
from flood_engine.measured import describe, measured, plain_twin


def motion(engine, latents: int = 8) -> np.ndarray:
    state, a, b = engine.start(3), engine.encode("ab"), engine.encode("cd")
    chunks = []
    for number in range(latents):
        if number == 5:
            engine.interrupt(state, b, 2)
        chunks += engine.step([state], [b if number >= 5 else a])
    return np.concatenate([chunk.joints for chunk in chunks])


def test_measuring_changes_nothing_and_counts_both_networks(make_engine):
    engine, ticks = make_engine(), count()
    timed, times = measured(engine, lambda: float(next(ticks)))
    assert np.array_equal(motion(timed), motion(engine))
    # A clock that is one further at each look: one second for each call.
    assert times.decode == 8
    assert times.denoise == 10 + 7 * 2 + 2 * 2


def test_the_plain_twin_is_the_same_model_on_the_plain_networks(make_engine):
    engine = make_engine()
    fast = type(engine)(engine.model, engine._prompts._texts.encoder, choose_backend("eager"))
    twin = plain_twin(fast)
    assert (describe(fast)["backend"], describe(twin)["backend"]) == ("eager", "plain")
    assert describe(fast)["parameters"] == describe(twin)["parameters"]
    assert np.allclose(motion(fast), motion(twin), atol=1e-4)
