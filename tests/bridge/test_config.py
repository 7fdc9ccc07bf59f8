"""Settings that cannot be used are refused by name, with what was given and what is valid."""

from __future__ import annotations

import math
from typing import Any

import pytest

from flood_bridge.config import STAND, Config, ControlConfig, NativeConfig, VmcConfig
from flood_bridge.errors import ConfigError

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"rate_hz": 19}, "--rate-hz is 19; valid are 20 to 200"),
    ({"rate_hz": 201}, "--rate-hz is 201; valid are 20 to 200"),
    ({"lead_secs": 0.0}, "--lead-secs is 0.0; valid are 0.05 to 2.0"),
    ({"lead_secs": math.nan}, "--lead-secs is nan"),
    ({"lead_secs": 2.5}, "--lead-secs is 2.5"),
    ({"characters": 0}, "--characters is 0; valid are 1 to 64"),
    ({"seed": -1}, "--seed is -1"),
    ({"threads": -1}, "--threads is -1"),
    ({"model": ""}, "--model is empty"),
    ({"prompt": "x" * 600}, "--prompt: the prompt has 600 bytes"),
    ({"ros_args": "-r a:=b"}, "--ros-args is for the ROS 2 node; say --ros"),
    ({"ros": True, "ros_args": "-r 'a:=b"}, '--ros-args is "-r \'a:=b": No closing quotation'),
    ({"ros": True, "ros_args": "x" * 5000}, "--ros-args has 5000 characters; at most 4096"),
    ({"characters": 16, "vmc": VmcConfig(port=65530)}, "--vmc.port is 65545"),
]


def test_the_defaults_are_usable_and_stay_on_this_machine() -> None:
    config = Config()
    assert config.prompt == STAND
    hosts = {config.osc.host, config.vmc.host, config.control.host}
    assert hosts == {"127.0.0.1"}


@pytest.mark.parametrize(("settings", "message"), REFUSED, ids=lambda v: str(v)[:40])
def test_what_cannot_be_used_is_refused_by_name(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        Config(**settings)
    assert message in str(raised.value)


@pytest.mark.parametrize("kind", [NativeConfig, VmcConfig, ControlConfig])
@pytest.mark.parametrize("settings", [{"port": 0}, {"port": 65536}, {"host": ""}, {"host": "a b"}])
def test_endpoints_are_checked(kind: Any, settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"\.(port|host) is"):
        kind(**settings)


def test_prompts_are_cleaned() -> None:
    assert Config(prompt="  a\tperson\nwalks ").prompt == "a person walks"
