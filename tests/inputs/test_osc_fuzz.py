"""No datagram, hand-made or mutated, raises, hangs the control port or makes it deaf.

The million is run by ``python bench/osc_fuzz.py``; these are its first thousands.
"""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from flood_bridge.commands import Command
from flood_bridge.events import Rejected
from flood_bridge.protocol import control, osc
from flood_bridge.protocol.wishes import Wish

BENCH = Path(__file__).parents[2] / "bench" / "osc_fuzz.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("osc_fuzz", BENCH)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


fuzz = load()
OBEYED = {"time tag in a far year", "time tag of all ones"}  # the tags are not waited for


@pytest.mark.parametrize("name", fuzz.killers())
def test_each_killer_of_other_servers_is_read_or_refused_as_a_whole(name):
    answers = control.read_datagram(fuzz.killers()[name], "127.0.0.1")
    assert len(answers) <= 1
    assert all(isinstance(a, Command if name in OBEYED else Rejected) for a in answers)
    assert answers or name == "bundle of nothing"


def test_mutants_become_commands_wishes_or_refusals_and_nothing_else():
    kinds = {
        type(answer)
        for datagram in fuzz.mutants(1, 8000)
        for answer in control.read_datagram(datagram, "10.0.0.1")
    }
    assert all(issubclass(kind, Command | Wish | Rejected) for kind in kinds)
    assert {kind.__name__ for kind in kinds} >= {"SetPrompt", "Rejected", "Stop", "Ping"}


def test_mutants_reach_every_part_of_the_parser():
    reasons = [
        answer.reason
        for datagram in fuzz.mutants(2, 4000)
        for answer in control.read_datagram(datagram)
        if isinstance(answer, Rejected)
    ]
    for part in (
        "multiple of 4", "is not an address", "type tags start", "is not accepted", "no end",
        "a bundle element claims", "not UTF-8", "bytes follow", "the message ends", "takes (",
        "unknown address", "a blob claims",
    ):  # fmt: skip
        assert any(part in reason for reason in reasons), part


def test_the_open_port_answers_pings_among_killers_and_mutants():
    figures = fuzz.attack_port(3, 3000)
    assert figures["pings"] == 3
    assert figures["port_alive"]


def test_the_same_seed_makes_the_same_mutants():
    assert list(fuzz.mutants(5, 50)) == list(fuzz.mutants(5, 50))
    assert all(len(datagram) <= 65_507 for datagram in fuzz.killers().values())
    assert osc.parse(fuzz.corpus()[0])
