"""Options of ``run`` become the inputs and outputs that they name, and wishes reach the streams."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from flood_bridge.config import Config, ControlConfig, NativeConfig, VmcConfig
from flood_bridge.doctor.patterns import PATTERNS, adult, pattern_frame
from flood_bridge.errors import ConfigError
from flood_bridge.inputs.listening import Ear
from flood_bridge.outputs import Output
from flood_bridge.protocol import osc
from flood_bridge.protocol.wishes import Resend, Subscribe, ThinVmc
from flood_bridge.wiring import Assembly

HOST = "127.0.0.1"


@pytest.fixture
def ear() -> Iterator[Ear]:
    opened = Ear(HOST, 0, 1 << 22)
    yield opened
    opened.close()


@dataclass
class Wired:
    assembly: Assembly
    outputs: list[Output]

    def send(self, frames: int) -> None:
        for tick in range(frames):
            frame = pattern_frame(PATTERNS["t-pose"], adult(), tick, tick / 60, 1.0)
            for output in self.outputs:
                output.send(frame)


@pytest.fixture
def wire() -> Iterator:
    with ExitStack() as stack:

        def begin(config: Config) -> Wired:
            assembly = stack.enter_context(Assembly(config))
            assembly.open_inputs(lambda: None, lambda: 0.0)
            outputs = list(assembly.open_outputs(adult(), lambda: 0.0))
            for output in outputs:
                stack.callback(output.close)
            return Wired(assembly, outputs)

        yield begin


def free_port() -> int:
    probe = Ear(HOST, 0)
    port = probe.port
    probe.close()
    return port


def settings(**changed) -> Config:
    return Config(control=ControlConfig(port=free_port()), **changed)


def addresses(ear: Ear) -> list[str]:
    heard = []
    while (arrived := ear.receive(0.0)) is not None:
        heard += [message.address for message in osc.parse(arrived[0])]
    return heard


def test_without_receivers_named_the_two_default_streams_are_sent(wire):
    assert [output.name for output in wire(settings()).outputs] == ["osc", "vmc", "subscribers"]


def test_named_receivers_take_the_place_of_vmc_and_leave_the_native_stream(wire, ear):
    wired = wire(settings(to=(f"godot,port={ear.port}", "unreal")))
    assert [output.name for output in wired.outputs] == ["vmc", "osc", "osc", "subscribers"]
    wired.send(1)
    assert "/VMC/Ext/Bone/Pos" in addresses(ear)


def test_a_receiver_on_the_native_port_takes_its_place(wire, ear):
    config = settings(to=(f"crowd,port={ear.port}",), osc=NativeConfig(port=ear.port))
    assert [output.name for output in wire(config).outputs] == ["crowd", "subscribers"]


def test_streams_can_all_be_switched_off(wire):
    config = settings(osc=NativeConfig(enabled=False), vmc=VmcConfig(enabled=False))
    assert [output.name for output in wire(config).outputs] == ["subscribers"]


def test_wishes_reach_the_streams(wire, ear):
    wired = wire(settings(to=(f"vmc,port={ear.port}",)))
    (subscribers,) = [each for each in wired.outputs if each.name == "subscribers"]
    subscribers.grant(ThinVmc(period=2))
    subscribers.grant(Resend())
    wired.send(4)
    heard = addresses(ear)
    assert heard.count("/VMC/Ext/T") == 2
    assert heard.count("/VMC/Ext/Opt") == 1
    subscribers.grant(Subscribe(host=HOST, port=ear.port, format="q"))
    wired.send(1)
    assert "/flood/0/q" in addresses(ear)


def test_the_performer_port_hears_commands_too(wire):
    config = Config(control=ControlConfig(port=free_port(), performer_port=free_port()))
    with Assembly(config) as assembly:
        inputs = assembly.open_inputs(lambda: None, lambda: 0.0)
        assert [each.name for each in inputs] == ["osc", "osc"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"to": ("nobody",)}, "--to 'nobody' is unknown; valid are vmc"),
        ({"to": ("vmc,port=65530",), "characters": 16}, "--to vmc,port=65530 port is 65545"),
        ({"to": ("vmc",) * 17}, "--to .how often. is 17; valid are 0 to 16"),
        ({"listen": ("example.org",)}, "valid are addresses such as 192"),
        ({"control": {"performer_port": -1}}, "--control.performer-port is -1"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_opens(changed, reason):
    with pytest.raises(ConfigError, match=reason):
        if "control" in changed:
            ControlConfig(**changed["control"])
        Config(**{key: value for key, value in changed.items() if key != "control"})


@pytest.mark.parametrize(
    ("listed", "host"),
    [((), HOST), (("10.0.0.0/8",), "0.0.0.0"), (("10.0.0.0/8", "fe80::/10"), "::")],
)
def test_a_list_of_senders_opens_the_port_to_the_network(wire, listed, host):
    assert wire(settings(listen=listed)).assembly._listening_host() == host
