"""Every OSC message becomes the command it asks for, or a refusal that says what is valid."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_bridge.commands import (
    ClearQueue,
    Command,
    Kill,
    Pause,
    Ping,
    PlaceRoot,
    QueuePrompt,
    Reset,
    Resume,
    SetGuidance,
    SetHistory,
    SetPrompt,
    SetSeed,
    SetSmoothing,
    SetSpeed,
    SetSteps,
    Spawn,
    Stop,
)
from flood_bridge.events import Rejected
from flood_bridge.protocol import control, osc
from flood_bridge.protocol.osc import Message
from flood_bridge.protocol.wishes import Resend, Subscribe, ThinVmc, Unsubscribe, Wish

OBEYED = [
    (("/flood/0/prompt", "s", "walk"), SetPrompt(text="walk")),
    (("/flood/3/prompt", "si", "walk", 9), SetPrompt(character=3, request_id=9, text="walk")),
    (("/flood/0/prompt", "sif", "walk", -1, 0.5), SetPrompt(request_id=-1, text="walk")),
    (("/flood/0/prompt", "s", ""), SetPrompt(text="")),
    (("/flood/0/prompt", "s", " a\n\tb "), SetPrompt(text="a b")),
    (("/flood/0/queue", "sf", "run", 2.5), QueuePrompt(text="run", duration_secs=2.5)),
    (("/flood/1023/stop", ""), Stop(character=1023)),
    (("/flood/0/queue", "si", "run", 4), QueuePrompt(text="run", duration_secs=4)),
    (("/flood/0/stop", ""), Stop()),
    (("/flood/2/reset", ""), Reset(character=2)),
    (("/flood/0/reset", "i", 7), Reset(seed=7)),
    (("/flood/0/pause", ""), Pause()),
    (("/flood/0/resume", ""), Resume()),
    (("/flood/ping", "i", 12), Ping(request_id=12)),
    (("/flood/0/prompt/now", "s", "jump"), SetPrompt(text="jump", urgency="now")),
    (("/flood/0/prompt/now", "sii", "jump", 8, 2),
     SetPrompt(text="jump", request_id=8, urgency="now", depth=2)),
    (("/flood/2/queue/clear", ""), ClearQueue(character=2)),
    (("/flood/0/prompt/queue", "si", "jump", 8),
     SetPrompt(text="jump", request_id=8, urgency="queue")),
    (("/flood/4/seed", "i", 11), SetSeed(character=4, seed=11)),
    (("/flood/0/speed", "f", 1.5), SetSpeed(factor=1.5)),
    (("/flood/0/guidance", "f", 4.0), SetGuidance(scale=4.0)),
    (("/flood/2/history", "i", 12), SetHistory(character=2, latents=12)),
    (("/flood/0/steps", "i", 1), SetSteps(steps=1)),
    (("/flood/0/smoothing", "f", 0.25), SetSmoothing(secs=0.25)),
    (("/flood/0/smoothing", "f", 0.0), SetSmoothing(secs=0.0)),
    (("/flood/0/root/set", "ffff", 2.0, 9.0, -3.0, 0.5),
     PlaceRoot(x_m=-2.0, z_m=-3.0, heading_rad=-0.5)),
    (("/flood/spawn", "is", 5, "walk"), Spawn(character=5, text="walk")),
    (("/flood/spawn", "i", 5), Spawn(character=5, text="")),
    (("/flood/kill", "i", 5), Kill(character=5)),
    (("/flood/subscribe", "sisfi", "10.1.2.3", 7000, "vmc", 30.0, 2),
     Subscribe(host="10.1.2.3", port=7000, format="vmc", rate_hz=30.0, character=2)),
    (("/flood/unsubscribe", "si", "10.1.2.3", 7000), Unsubscribe(host="10.1.2.3", port=7000)),
    (("/VMC/Ext/Set/Period", "iiiiii", 1, 1, 3, 1, 1, 1), ThinVmc(period=3)),
    (("/VMC/Ext/Set/Req", ""), Resend()),
    (("/VMC/Thru/flood/prompt", "s", "walk"), SetPrompt(text="walk")),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "command"), OBEYED, ids=lambda value: str(value)[:40])
def test_each_message_is_the_command_it_asks_for(sent, command):
    assert control.read_datagram(osc.message(*sent)) == [command]


REFUSED = [
    (("/flood/0/prompt", ""), r"takes \(string\) or \(string, int\) or \(.*float\), not \(\)"),
    (("/flood/0/prompt", "f", 1.0), r"/flood/0/prompt.* not \(float\)"),
    (("/flood/0/prompt", "i" * 9, *range(9)), r"not \(int, .*\.\.\.\)"),
    (("/flood/0/prompt", "s", "x" * 513), "513 bytes of UTF-8; at most 512"),
    (("/flood/0/prompt", "sif", "x", 5, math.nan), "blend lasts 0 seconds or more, not nan"),
    (("/flood/0/prompt", "sif", "x", 5, -1.0), "blend lasts 0 seconds or more"),
    (("/flood/0/queue", "s", "x"), r"takes \(string, float\) or \(string, int\), not \(string\)"),
    (("/flood/0/queue", "sf", "x", math.nan), "at most 3600 s, not nan"),
    (("/flood/0/queue", "sf", "x", 0.0), "lasts more than 0"),
    (("/flood/0/queue", "sf", "x", 1e9), "at most 3600 s"),
    (("/flood/0/stop", "i", 1), r"takes \(\), not \(int\)"),
    (("/flood/0/reset", "i", -1), "a seed is a whole number from 0 to 2147483647, not -1"),
    (("/flood/1024/stop", ""), "character 1024 does not exist; valid are 0 to 1023"),
    (("/flood/999999999/prompt", "s", "x"), "valid are 0 to 1023"),
    (("/flood/ping", ""), r"takes \(int\), not \(\)"),
    (("/flood/0/prompt/now", "sii", "x", 1, 99), "the depth is 99; valid are 0 to 16"),
    (("/flood/0/seed", "i", -1), "a seed is a whole number from 0"),
    (("/flood/0/speed", "f", math.nan), "the speed is nan; valid are 0.25 to 4"),
    (("/flood/0/speed", "f", 100.0), "valid are 0.25 to 4"),
    (("/flood/0/guidance", "f", math.inf), "the guidance is inf; valid are 0 to 20"),
    (("/flood/0/history", "i", 1), "the history is 1; valid are whole numbers from 2 to 1024"),
    (("/flood/0/history", "f", 12.0), r"takes \(int\), not \(float\)"),
    (("/flood/0/steps", "i", 5), "the number of steps is 5; valid are whole numbers from 1 to 4"),
    (("/flood/0/smoothing", "f", 0.75), "the smoothing is 0.75; valid are 0 to 0.5"),
    (("/flood/0/smoothing", "f", math.nan), "the smoothing is nan"),
    (("/flood/0/root/set", "ffff", math.nan, 0.0, 0.0, 0.0), "the place is nan"),
    (("/flood/0/root/set", "ffff", 0.0, 0.0, 0.0, 99.0), "the heading is -99"),
    (("/flood/spawn", "is", 5000, "x"), "valid are 0 to 1023"),
    (("/flood/subscribe", "sis", "example.org", 7000, "frame"), "not a numeric address"),
    (("/flood/subscribe", "sis", "224.0.0.1", 7000, "frame"), "not the address of one receiver"),
    (("/flood/subscribe", "sis", "0.0.0.0", 7000, "frame"), "not the address of one receiver"),
    (("/flood/subscribe", "sis", "10.0.0.1", 0, "frame"), "valid are 1 to 65535"),
    (("/flood/subscribe", "sis", "10.0.0.1", 7000, "fbx"), "valid are frame, root, joints"),
    (("/flood/subscribe", "sisf", "10.0.0.1", 7000, "q", math.nan), "the rate is nan"),
    (("/flood/subscribe", "sisfi", "10.0.0.1", 7000, "q", 9.0, -1), "character -1"),
    (("/flood/unsubscribe", "si", "", 7000), "not a numeric address"),
    (("/VMC/Ext/Set/Period", "iiiiii", 1, 1, 0, 1, 1, 1), "valid are 1 to 600"),
    (("/VMC/Ext/Set/Period", "i", 1), r"takes \(int, int"),
    (("/flood/-1/stop", ""), "unknown address"),
    (("/flood/stop", ""), "unknown address"),
    (("/flood/0/dance", ""), "unknown address '/flood/0/dance'; valid are .*/prompt, "),
    (("/" + "x" * 4000, ""), r"unknown address '/x+\.\.\.'"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "reason"), REFUSED, ids=lambda value: str(value)[:40])
def test_each_refusal_says_what_was_given_and_what_is_valid(sent, reason):
    (refusal,) = control.read_datagram(osc.message(*sent))
    assert isinstance(refusal, Rejected)
    assert re.search(reason, refusal.reason), refusal.reason
    assert len(refusal.reason) < 1024  # what one receipt can carry


def test_a_refused_prompt_names_its_request():
    (refusal,) = control.read_datagram(osc.message("/flood/0/prompt", "si", "x" * 600, 77))
    assert isinstance(refusal, Rejected)
    assert refusal.request_id == 77


def test_an_unknown_address_lists_every_valid_one():
    (refusal,) = control.read_datagram(osc.message("/help", ""))
    assert isinstance(refusal, Rejected)
    for address in control.VALID_ADDRESSES:
        assert address in refusal.reason


def test_an_empty_host_is_the_senders():
    (wish,) = control.read_datagram(osc.message("/flood/subscribe", "sis", "", 7, "q"), "10.9.8.7")
    assert isinstance(wish, Subscribe)
    assert (wish.host, wish.port, wish.format) == ("10.9.8.7", 7, "q")


@pytest.mark.parametrize("verb", ["subscribe", "unsubscribe"])
def test_another_machine_cannot_aim_a_stream_at_a_third(verb):
    arguments = ("10.0.0.1", 7000, "frame") if verb == "subscribe" else ("10.0.0.1", 7000)
    datagram = osc.message(f"/flood/{verb}", "sis"[: len(arguments)], *arguments)
    (refusal,) = control.read_datagram(datagram, "10.9.8.7")
    assert isinstance(refusal, Rejected)
    assert "10.9.8.7 may" in refusal.reason
    (wish,) = control.read_datagram(datagram, "10.0.0.1")
    assert isinstance(wish, Subscribe | Unsubscribe)
    (wish,) = control.read_datagram(datagram, "127.0.0.1")
    assert isinstance(wish, Subscribe | Unsubscribe)


def test_vmc_messages_that_are_not_for_us_are_passed_over_in_silence():
    tracked = osc.message("/VMC/Ext/Hmd/Pos", "sfffffff", "x", *[0.0] * 7)
    assert control.read_datagram(osc.bundle(tracked, osc.message("/flood/0/stop", ""))) == [Stop()]


BAD_DATAGRAMS = {
    "text not UTF-8": (b"/flood/0/prompt\0,s\0\0ab\xff\0", "not UTF-8: byte 0xff at position 2"),
    "text of 10 kB": (osc.message("/flood/0/prompt", "s", "x" * 10_000), "at most 8192"),
    "no OSC": (b"hello world!", "not a valid OSC datagram"),
}


@pytest.mark.parametrize(("datagram", "reason"), BAD_DATAGRAMS.values(), ids=BAD_DATAGRAMS.keys())
def test_bad_datagrams_get_one_refusal_with_the_reason(datagram, reason):
    (refusal,) = control.read_datagram(datagram)
    assert isinstance(refusal, Rejected)
    assert reason in refusal.reason


def test_one_bad_message_does_not_spoil_its_bundle():
    datagram = osc.bundle(
        osc.message("/flood/0/prompt", "s", "walk"),
        osc.message("/flood/0/dance", ""),
        osc.message("/flood/0/stop", ""),
    )
    first, second, third = control.read_datagram(datagram)
    assert (first, third) == (SetPrompt(text="walk"), Stop())
    assert isinstance(second, Rejected)


ANY = st.one_of(
    st.tuples(st.just("i"), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.just("f"), st.floats(width=32)),
    st.tuples(st.just("s"), st.text(st.characters(exclude_categories=["Cs"]), max_size=600)),
    st.tuples(st.just("b"), st.binary(max_size=9)),
    st.just(("T", True)),
)
ADDRESSES = st.sampled_from(
    [*(f"/flood/3/{verb}" for verb in control.CHARACTER_VERBS), *control.GLOBAL_VERBS, "/dance"]
)


@given(ADDRESSES, st.lists(ANY, max_size=6))
def test_nothing_that_parses_raises(address, arguments):
    types = "".join(tag for tag, _ in arguments)
    values = tuple(value for _, value in arguments)
    answer = control.read_message(Message(address, types, values), "10.0.0.1")
    assert isinstance(answer, Command | Wish | Rejected)
