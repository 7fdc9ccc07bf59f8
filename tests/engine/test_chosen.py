"""The model's own streams: what the judge refuses is never trained on."""

import json
from collections import Counter

import numpy as np
import pytest
import torch

from flood_engine.engine import load_engine
from flood_engine.errors import DataError
from flood_engine.features import recover
from flood_engine.humanml import PARENTS
from flood_engine.training import own_streams
from flood_engine.training.chosen import choose
from flood_engine.training.evaluation.judge import RULES
from flood_engine.training.held_out import may_train
from flood_engine.training.loop import Loop, LoopConfig
from flood_engine.training.own_requests import ACTIONS, Choosing
from flood_engine.training.own_streams import Chooser, MixedStreams, OwnStreams
from flood_engine.training.train_denoiser import DenoiserTraining, LatentStreams
from flood_engine.training.vocabulary import KINDS

WAVES = [text for text in KINDS["wave_right"].texts() if "right" in text and may_train(text)][:2]
SETUP = ("a person stands still", "a person walks forward", "a person sits down")


def test_every_action_of_the_judge_is_asked_for_in_words_of_the_training():
    assert set(ACTIONS) == set(RULES)
    assert all(any(map(may_train, KINDS[kind].texts())) for kind in ACTIONS.values())


@pytest.fixture(scope="module")
def kept():
    """What the bundled model shows when it is asked to wave and to sit down."""
    engine = load_engine(backend="eager")
    words = [*SETUP, *WAVES]
    rows = {text: row for row, text in enumerate(words, 1)}
    streams, asked, kept = choose(
        engine, rows, Choosing(asked=2, changes=0, guidance=(2.5,), kept=1.0), seed=1
    )
    return engine, rows, streams, asked, kept


@pytest.mark.slow
def test_what_is_kept_are_the_latents_of_bodies_that_obeyed(kept):
    engine, rows, streams, asked, counts = kept
    assert asked["wave_right"] == 2 and not asked["wave_left"], "only known words are asked"
    assert 0 < len(streams.latents) == sum(counts.values()) <= sum(asked.values()) / 2
    for latents, texts in zip(streams.latents, streams.texts, strict=True):
        if texts[-1] in (rows[text] for text in WAVES):
            assert texts[0] != texts[-1], "something else was done before"
            assert highest_right_wrist(engine, latents) > 1.3
        if texts[-1] == rows["a person sits down"]:
            assert lowest_hips(engine, latents) < 0.68


@pytest.mark.slow
def test_what_is_asked_in_the_midst_of_an_action_is_another(kept):
    engine, rows = kept[:2]
    midst = Choosing(asked=0, changes=2, guidance=(2.5,))
    streams, asked, counts = choose(engine, rows, midst, seed=2)
    assert asked["sit_down"] == 2 and 0 < len(streams.latents) == sum(counts.values())
    assert all(texts[0] != texts[-1] for texts in streams.texts)


def joints_of(engine, latents):
    """Return the decoded (T, 22, 3) joints."""
    return recover(engine.model.vae.decode(latents[None]).numpy()[0])[0].joints


def highest_right_wrist(engine, latents) -> float:
    return float(joints_of(engine, latents)[:, 21, 1].max())


def lowest_hips(engine, latents) -> float:
    return float(joints_of(engine, latents)[:, 0, 1].min())


@pytest.mark.slow
def test_of_what_obeys_the_longest_bones_are_dropped_and_then_what_came_late(kept):
    engine, rows, sooner = kept[:3]
    few = Choosing(asked=2, changes=0, guidance=(2.5,), kept=0.01)
    firmer, _, counts = choose(engine, rows, few, seed=1)
    assert set(counts.values()) == {1}
    sits = rows["a person sits down"]
    firm, soon = (
        next(x for x, t in zip(streams.latents, streams.texts, strict=True) if t[-1] == sits)
        for streams in (firmer, sooner)
    )
    assert bone_error(engine, firm) <= bone_error(engine, soon) + 1e-3
    assert low_from(engine, soon) <= low_from(engine, firm)


def low_from(engine, latents) -> int:
    """Return the first frame at which the hips are low."""
    return int(np.argmax(joints_of(engine, latents)[:, 0, 1] < 0.68))


def bone_error(engine, latents) -> float:
    joints = joints_of(engine, latents)
    bones = np.linalg.norm(joints[:, 1:] - joints[:, list(PARENTS[1:])], axis=-1)
    return float(np.abs(bones - engine.bone_lengths[1:]).max())


@pytest.mark.slow
def test_a_training_chooses_once_it_has_come_so_far_and_keeps_the_choice(tmp_path):
    model = load_engine(backend="plain").model
    texts = [*SETUP, WAVES[0]]
    own = OwnStreams(after=0.5, choosing=Choosing(asked=1, changes=1, guidance=(2.5,)))
    plain = LatentStreams(torch.zeros(3, 56, 16), torch.ones(3, 56).long())
    loop = Loop(model.denoiser, LoopConfig(steps=10), tmp_path, "denoiser")
    loop.ema.values = model.denoiser.state_dict()
    mixed = MixedStreams(plain, 0.5)
    at_checkpoint = Chooser(own, model, texts, mixed, tmp_path)
    loop.step = 4
    at_checkpoint(loop)
    assert mixed.chosen is None, "too early"
    loop.step = 5
    at_checkpoint(loop)
    chosen = mixed.chosen
    assert chosen is not None and len(chosen.latents)
    at_checkpoint(loop)
    assert mixed.chosen is chosen, "only once"
    resumed = MixedStreams(plain, 0.5)
    Chooser(own, model, texts, resumed, tmp_path)
    assert resumed.chosen is not None
    assert torch.equal(resumed.chosen.latents, chosen.latents)
    assert torch.equal(resumed.chosen.texts, chosen.texts)
    report = json.loads((tmp_path / "chosen.json").read_text())
    assert sum(each["kept"] for each in report["actions"].values()) == len(chosen.latents)


@pytest.mark.slow
def test_sentences_of_the_starts_that_were_never_taught_stay_unnamed(kept):
    engine = kept[0]
    rows = {text: row for row, text in enumerate(WAVES, 1)}
    few = Choosing(asked=4, changes=0, guidance=(2.5,), kept=1.0)
    streams, asked, counts = choose(engine, rows, few, seed=1)
    assert asked.keys() == {"wave_right"} and counts.total() == len(streams.texts) > 0
    assert (streams.texts[:, 0] == 0).all(), "it stood in words that the training does not have"
    assert set(streams.texts[:, -1].tolist()) <= set(rows.values())


def test_a_resumed_training_keeps_the_sentences_of_its_choice_though_their_rows_are_others(
    tmp_path, monkeypatch
):
    model = load_engine(backend="plain").model
    plain = LatentStreams(torch.zeros(3, 56, 16), torch.ones(3, 56).long())
    chosen = LatentStreams(torch.randn(2, 3, 16), torch.tensor([[0, 0, 2], [0, 1, 2]]))
    monkeypatch.setattr(own_streams, "choose", lambda *_: (chosen, Counter(), Counter()))
    loop = Loop(model.denoiser, LoopConfig(steps=1), tmp_path, "denoiser")
    loop.ema.values, loop.step = model.denoiser.state_dict(), 1
    Chooser(OwnStreams(), model, ["walk", "wave"], MixedStreams(plain, 0.5), tmp_path)(loop)
    for texts, wanted in (
        (["walk", "wave"], [[0, 0, 2], [0, 1, 2]]),
        (["wave", "jump", "walk"], [[0, 0, 1], [0, 3, 1]]),
        (["wave"], [[0, 0, 1], [0, 0, 1]]),
    ):
        resumed = MixedStreams(plain, 0.5)
        Chooser(OwnStreams(), model, texts, resumed, tmp_path)
        assert resumed.chosen is not None
        assert resumed.chosen.texts.tolist() == wanted
        assert torch.equal(resumed.chosen.latents, chosen.latents)


def test_a_choice_without_sentences_is_made_again(tmp_path, caplog):
    np.savez(tmp_path / "chosen.npz", latents=np.zeros((1, 45, 16)), texts=np.ones((1, 45), int))
    mixed = MixedStreams(LatentStreams(torch.zeros(3, 56, 16), torch.ones(3, 56).long()), 0.5)
    Chooser(OwnStreams(), load_engine(backend="plain").model, ["walk"], mixed, tmp_path)
    assert mixed.chosen is None
    assert "the choice is made again" in caplog.text


def test_a_damaged_choice_is_refused_with_its_name(tmp_path):
    (tmp_path / "chosen.npz").write_bytes(b"not a zip")
    plain = LatentStreams(torch.zeros(3, 56, 16), torch.ones(3, 56).long())
    model = load_engine(backend="plain").model
    with pytest.raises(DataError, match=r"chosen\.npz cannot be read"):
        Chooser(OwnStreams(), model, [], MixedStreams(plain, 0.5), tmp_path)


def test_batches_come_from_the_chosen_streams_as_often_as_is_said():
    training = DenoiserTraining(batch=2, lengths=(10, 30))
    plain = LatentStreams(torch.zeros(3, 56, 4), torch.ones(3, 56).long())
    own = LatentStreams(torch.ones(3, 45, 4), torch.full((3, 45), 2))
    rng = torch.Generator().manual_seed(0)
    mixed = MixedStreams(plain, 0.25)
    mixed.chosen = own
    drawn = [float(mixed.draw(training, rng).texts.float().mean()) for _ in range(1000)]
    assert set(drawn) == {1.0, 2.0}, "a batch is of one kind"
    assert np.mean(np.array(drawn) == 2) == pytest.approx(0.25, abs=0.05)


def test_without_chosen_streams_all_batches_are_plain():
    plain = LatentStreams(torch.zeros(3, 56, 4), torch.ones(3, 56).long())
    mixed = MixedStreams(plain, 1.0)
    for mixed.chosen in (None, LatentStreams(torch.zeros(0, 45, 4), torch.zeros(0, 45).long())):
        assert (mixed.draw(DenoiserTraining(batch=2), torch.Generator()).texts == 1).all()
