"""The bundled model obeys: what it does can be told apart, on several seeds, from standing."""

import numpy as np
import pytest

from flood_engine.engine import FloodEngine, load_engine
from flood_engine.flood.checkpoint import BUNDLED
from flood_engine.training.evaluation.obedience import judge_requests
from flood_engine.training.evaluation.requests import Request

PROMISED = {
    "a person stands still": "stand",
    "a person walks forward": "walk_forward",
    "a person walks backward": "walk_backward",
    "a person runs": "run",
    "a person walks and turns left": "walk_turn_left",
    "a person walks and turns right": "walk_turn_right",
    "a person jumps": "jump",
    "a person sits down": "sit_down",
    "a person dances": "dance",
}
SEEDS = range(3)


@pytest.fixture(scope="module")
def bundled() -> FloodEngine:
    return load_engine()


@pytest.mark.slow
def test_every_promised_action_is_shown_on_most_seeds(bundled):
    requests = [Request(text, action) for text, action in PROMISED.items()]
    by_seed = [judge_requests(bundled, requests, seed) for seed in SEEDS]
    passed = {
        request.action: sum(verdicts[row].passed for verdicts in by_seed)
        for row, request in enumerate(requests)
    }
    assert {action: n for action, n in passed.items() if n < 2} == {}, passed


def test_a_minute_of_mixed_prompts_stays_finite_and_on_the_ground(bundled):
    texts = ["a person walks forward", "", "a person jumps", "qwertz uiop", "a person stands still"]
    state, lowest, highest = bundled.start(seed=5), [], []
    for call in range(300):
        prompt = bundled.encode(texts[call // 25 % len(texts)])
        (chunk,) = bundled.step([state], [prompt])
        assert np.isfinite(chunk.features).all()
        lowest.append(chunk.joints[..., 1].min())
        highest.append(chunk.joints[..., 1].max())
    assert min(lowest) > -0.4
    assert max(highest) < 3.5
    assert abs(float(np.median(lowest))) < 0.1


def test_the_weights_fit_the_promised_size():
    assert sum(path.stat().st_size for path in BUNDLED.iterdir()) < 40e6


def test_the_card_names_data_credits_and_losses():
    card = (BUNDLED / "README.md").read_text(encoding="utf-8")
    for part in ("mocap.cs.cmu.edu", "EIA-0196217", "G1 Moves", "Quaternius", "seed", "loss"):
        assert part in card
