"""Texts become token features: the real MiniLM encoder, and the bounded memory around it."""

import threading

import pytest
import torch
from transformers import T5Tokenizer, UMT5Config, UMT5EncoderModel

from flood_engine.errors import CheckpointError, PromptError
from flood_engine.flood.config import TextConfig
from flood_engine.flood.text import EncodedTexts, load_text_encoder


@pytest.fixture(scope="module")
def minilm():
    return load_text_encoder(TextConfig("minilm"))


def test_minilm_gives_a_row_per_token_and_two_for_the_empty_text(minilm):
    assert minilm("").shape == (2, 384)
    assert minilm("a person walks").shape == (5, 384)
    assert torch.isfinite(minilm("wave with the left hand!")).all()


def test_many_texts_at_once_are_what_each_is_alone(minilm):
    texts = ["walk", "", "run", "a person walks forward slowly", "jump!", "sit", "walk"]
    found = dict(minilm.many(texts, batch=2))
    assert sorted(found) == list(range(len(texts)))
    for row, text in enumerate(texts):
        torch.testing.assert_close(found[row], minilm(text), atol=2e-5, rtol=1e-4)


def test_minilm_cuts_long_texts_at_its_limit():
    encoder = load_text_encoder(TextConfig("minilm", max_tokens=16))
    assert encoder("walk " * 300).shape == (16, 384)


def test_minilm_puts_like_meanings_close(minilm):
    def mean(text):
        return torch.nn.functional.normalize(minilm(text).mean(0), dim=0)

    assert mean("a person runs") @ mean("someone is jogging") > mean("a person runs") @ mean("sits")


def test_fewer_layers_read_otherwise_and_as_the_encoder_did_on_its_way():
    whole, half = (load_text_encoder(TextConfig(layers=layers)) for layers in (0, 3))
    tokens = whole.tokenizer("a person walks", return_tensors="pt")
    inner = whole.model(**tokens, output_hidden_states=True).hidden_states
    torch.testing.assert_close(half("a person walks"), inner[3][0])
    assert not torch.allclose(half("a person walks"), whole("a person walks"))


def test_layers_that_an_encoder_does_not_have_are_refused():
    with pytest.raises(CheckpointError, match="7; this text encoder has 6"):
        load_text_encoder(TextConfig(layers=7))


def test_an_absent_folder_is_named():
    with pytest.raises(CheckpointError, match="/nowhere/at/all"):
        load_text_encoder(TextConfig("minilm", source="/nowhere/at/all"))


def test_umt5_needs_a_source():
    with pytest.raises(CheckpointError, match=r"umt5.*folder or a Hub id"):
        load_text_encoder(TextConfig("umt5"))


def test_umt5_is_read_from_a_local_folder(tmp_path):
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁walk", -1.0), ("▁run", -2.0)]
    T5Tokenizer(vocab=pieces, extra_ids=0).save_pretrained(tmp_path)
    sizes = UMT5Config(vocab_size=8, d_model=16, d_kv=4, d_ff=16, num_layers=2, num_heads=4)
    torch.manual_seed(0)
    UMT5EncoderModel(sizes).save_pretrained(tmp_path)
    encoder = load_text_encoder(TextConfig("umt5", source=str(tmp_path), max_tokens=8))
    assert encoder("").shape == (1, 16)
    assert encoder("walk run").shape == (3, 16)


class Counting:
    """Counts how often each text is encoded."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, text: str) -> torch.Tensor:
        self.seen.append(text)
        return torch.zeros(1, 4)


def test_a_text_is_encoded_once_while_it_is_remembered():
    encoder = Counting()
    texts = EncodedTexts(encoder, capacity=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        texts(text)
    assert encoder.seen == ["a", "b", "c", "b"]


def test_the_memory_is_bounded():
    texts = EncodedTexts(Counting(), capacity=8)
    for number in range(100):
        texts(str(number))
    assert len(texts._known) == 8


def test_a_slow_text_does_not_block_a_known_one():
    release = threading.Event()

    def slow(text: str) -> torch.Tensor:
        if text == "slow":
            release.wait(10)
        return torch.zeros(1, 4)

    texts = EncodedTexts(slow)
    texts("known")
    waiting = threading.Thread(target=texts, args=("slow",))
    waiting.start()
    assert texts("known").shape == (1, 4)
    assert waiting.is_alive()
    release.set()
    waiting.join()


def test_a_text_beyond_the_limit_is_refused():
    with pytest.raises(PromptError, match="2001 characters; at most 2000"):
        EncodedTexts(Counting())("x" * 2001)
