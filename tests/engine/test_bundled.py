"""The bundled model obeys: what it does can be told apart, on several seeds, from standing."""

import numpy as np
import pytest

from flood_engine.engine import FloodEngine, load_engine
from flood_engine.flood.checkpoint import BUNDLED
from flood_engine.training.evaluate import CANONICAL, judge_prompts, read_prompts
from flood_engine.training.judge import measure, shows

PROMISED = {
    "stand", "walk", "run", "turn_left", "turn_right", "jump", "sit", "punch", "kick", "dance",
    "wave",
}  # fmt: skip
SEEDS = range(3)


@pytest.fixture(scope="module")
def bundled() -> FloodEngine:
    return load_engine()


@pytest.mark.slow
def test_every_promised_action_is_shown_on_most_seeds(bundled):
    prompts = [(text, action) for text, action in CANONICAL if action in PROMISED]
    assert {action for _, action in prompts} == PROMISED
    verdicts = list(judge_prompts(bundled, prompts, SEEDS))
    passed = {
        action: sum(v.passed for v in verdicts if v.action == action) for _, action in prompts
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


def figure(frames: int) -> np.ndarray:
    """Return a plain upright body at rest, (frames, 22, 3)."""
    body = np.zeros((22, 3))
    body[:, 1] = 0.95
    body[15, 1], body[[16, 17], 1] = 1.6, 1.4
    body[[10, 11], 1] = 0.0
    return np.repeat(body[None], frames, axis=0)


def test_the_judge_knows_standing_from_walking_and_running():
    still, ahead = figure(60), np.arange(60)[:, None, None] * np.array([0, 0, 0.05])
    measures = {
        "stand": measure(still, np.zeros(60)),
        "walk": measure(still + 1.2 * ahead, np.zeros(60)),
        "run": measure(still + 3.5 * ahead, np.zeros(60)),
        "walk_backward": measure(still - 0.8 * ahead, np.zeros(60)),
    }
    for action in measures:
        assert [name for name, each in measures.items() if shows(action, each)] == [action]


def test_the_judge_knows_left_from_right():
    heading = np.linspace(0, np.pi / 2, 60)
    path = np.cumsum(np.stack([np.sin(heading), 0 * heading, np.cos(heading)], -1), 0) * 0.06
    left = measure(figure(60) + path[:, None], heading)
    assert shows("turn_left", left)
    assert not shows("turn_right", left)


def test_a_fall_is_not_a_walk():
    lying = figure(60) + np.arange(60)[:, None, None] * np.array([0, 0, 0.06])
    lying[:, 15, 1] = 1.0
    assert not shows("walk", measure(lying, np.zeros(60)))


def test_a_list_of_prompts_is_read_and_a_wrong_action_is_named(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("prompt,action\nstroll along,walk\n")
    assert read_prompts(path) == [("stroll along", "walk")]
    path.write_text("prompt,action\nfly,levitate\n")
    with pytest.raises(ValueError, match=r"line 2.*levitate"):
        read_prompts(path)
