"""Lists of prompts are checked, streams are reproducible, results are taken up where they ended."""

import itertools

import numpy as np
import pytest

from flood_engine.errors import DataError
from flood_engine.training.evaluate import main
from flood_engine.training.evaluation.drift import run_drift
from flood_engine.training.evaluation.feet import GROUNDED, run_feet
from flood_engine.training.evaluation.judge import RULES
from flood_engine.training.evaluation.kinds_of_actions import MAY_SHOW, SHOWING
from flood_engine.training.evaluation.obedience import REQUIRED, judge_requests, tally
from flood_engine.training.evaluation.record import open_record
from flood_engine.training.evaluation.reference import load_reference
from flood_engine.training.evaluation.requests import FRESH, Request, read_requests
from flood_engine.training.evaluation.rollouts import Rollout, go_on
from flood_engine.training.evaluation.transitions import ACTIONS, MODES, run_changes
from flood_engine.training.held_out import held_out, normalised
from flood_engine.training.vocabulary import KINDS


def test_the_package_asks_at_least_thirty_prompts_in_five_wordings_each():
    requests = read_requests()
    groups: dict[str, set[str]] = {}
    for request in requests:
        groups.setdefault(request.group, set()).add(normalised(request.prompt))
    assert len(groups) >= 30
    assert {len(wordings) for wordings in groups.values()} == {5}
    assert set(REQUIRED) <= groups.keys()
    assert {normalised(request.prompt) for request in requests} < held_out()


def test_the_fresh_list_asks_the_same_in_words_that_the_first_one_lacks():
    first, fresh = read_requests(), read_requests(FRESH)
    assert {(r.group, r.action, r.start) for r in first} == {
        (r.group, r.action, r.start) for r in fresh
    }
    words = {normalised(request.prompt) for request in fresh}
    assert len(words) == len(fresh) == 2 * len({request.group for request in fresh})
    assert words < held_out()
    assert not words & {normalised(request.prompt) for request in first}


def test_every_rule_knows_the_recorded_kinds_that_it_is_tested_on():
    assert SHOWING.keys() == RULES.keys() == load_reference()["judge"]["train"].keys()
    kinds = set().union(*SHOWING.values(), *MAY_SHOW.values())
    assert kinds <= KINDS.keys() | {"wave", "stand_other"}
    assert ACTIONS.keys() <= RULES.keys()


def test_a_list_of_ones_own_needs_only_prompt_and_action(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("prompt,action\nstroll along,walk_slowly\n")
    assert read_requests(path) == [
        Request("stroll along", "walk_slowly", "standing", "stroll along")
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("prompt,action\nfly,levitate\n", r"line 2.*levitate"),
        ("prompt,action,start\nget up,stand_up,hanging\n", r"line 2.*hanging.*sitting"),
        ("text,label\nwalk,walk_forward\n", r"columns prompt and action"),
        ("prompt,action\n", r"holds 0 prompts"),
        (b"prompt,action\n\xff\xfe,stand\n", r"cannot be read"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_with_the_reason(tmp_path, content, complaint):
    path = tmp_path / "mine.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError, match=complaint):
        read_requests(path)
    assert main(["--prompts", str(path), "--only", "obedience"]) == 2


@pytest.mark.parametrize(
    "arguments",
    [["--only", "beauty"], ["--only", "retrieval"], ["--seeds", "0"], ["--minutes", "0"]],
)
def test_options_that_make_no_sense_end_with_usage(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_forks_with_one_seed_are_equal_and_batches_do_not_matter(make_engine):
    engine = make_engine()
    start = Rollout(engine.start(3), [], [])
    go_on(engine, [start], ["a"], 0.6)
    twins, other = [start.fork(1), start.fork(1)], start.fork(2)
    go_on(engine, [twins[0]], ["b"], 1.6)
    go_on(engine, [other, twins[1]], ["b", "b"], 1.6)
    np.testing.assert_allclose(twins[0].motion(), twins[1].motion(), atol=1e-3)
    assert np.abs(twins[0].features[-1] - other.features[-1]).max() > 1e-3
    assert start.frames < other.frames


def test_every_request_gets_a_verdict_and_the_same_one_again(make_engine):
    engine = make_engine()
    requests = [
        Request("walk", "walk_forward", "standing", "g"),
        Request("w", "jump", "sitting", "h"),
    ]
    first = judge_requests(engine, requests, 0)
    assert first == judge_requests(engine, requests, 0)
    stored = [{"passed": v.passed, "reason": v.reason} for v in first]
    tallies = tally(requests, [stored, stored])
    assert [(t.group, t.asked) for t in tallies] == [("g", 2), ("h", 2)]
    assert all(t.passed + sum(t.reasons.values()) == t.asked for t in tallies)


@pytest.mark.parametrize("mode", MODES)
def test_every_action_is_asked_from_every_other(make_engine, mode):
    actions = {name: ACTIONS[name] for name in ("stand", "run", "sit_down")}
    changes, around = run_changes(make_engine(), 0, mode, actions=actions)
    assert [(c.first, c.then) for c in changes] == list(itertools.permutations(actions, 2))
    assert {window.shape for window in around} == {(60, 22, 3)}
    assert {c.mode for c in changes} == {mode}
    assert all((c.known_secs is None) == (c.onset_secs is None) for c in changes)


def test_long_streams_and_feet_give_a_row_each(make_engine):
    engine = make_engine()
    rows = run_drift(engine, load_reference()["range"], 0.5, ["a", "b"])
    assert [row["prompt"] for row in rows] == ["a", "b"]
    assert all("bones change" in row["failed"] or row["bone_drift_m"] < 0.02 for row in rows)
    assert run_feet(engine, [0]).keys() == GROUNDED.keys()


def test_results_are_taken_up_and_those_of_another_model_refused(tmp_path):
    path = tmp_path / "out.json"
    open_record(path, {"model": "a"}).put("feet", {"skate": np.float32(0.5)})
    assert open_record(path, {"model": "a"}).part("feet") == {"skate": 0.5}
    with pytest.raises(DataError, match="another model"):
        open_record(path, {"model": "b"})
    path.write_text("[]")
    with pytest.raises(DataError, match="not a result"):
        open_record(path, {"model": "a"})
