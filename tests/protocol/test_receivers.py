"""Presets say what each receiver wants; settings change them within what is valid."""

import pytest

from flood_bridge.errors import ConfigError
from flood_bridge.protocol.axes import ROS, UNREAL_MESH
from flood_bridge.protocol.receivers import PRESETS, read_receiver

WANTED = [
    "vmc", "evmc4u", "vrm4u", "vmclivelink", "vmc4ue", "godot", "vseeface", "vrchat", "unity",
    "unreal", "raw", "crowd",
]  # fmt: skip


def test_every_promised_preset_exists_and_can_be_read():
    assert list(PRESETS) == WANTED
    assert [read_receiver(name) for name in WANTED] == list(PRESETS.values())


def test_settings_change_the_preset():
    receiver = read_receiver("godot,host=10.0.0.7,port=4000,rate=30,positions=zero,root=inplace")
    assert (receiver.kind, receiver.host, receiver.port) == ("vmc", "10.0.0.7", 4000)
    assert receiver.rate_hz == 30
    assert (receiver.form.root_policy, receiver.form.positions) == ("inplace", "zero")
    assert read_receiver("raw,axes=ros").axes is ROS
    assert read_receiver("vrchat,height=1.8").height_m == 1.8


def test_presets_have_what_their_receivers_are_known_to_need():
    assert read_receiver("vmclivelink").form.root_bone
    assert not read_receiver("vmc4ue").form.upper_chest
    assert read_receiver("godot").form.root_policy == "hips"
    assert (read_receiver("unreal").topics, read_receiver("unreal").axes) == (("ue",), UNREAL_MESH)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "'' is unknown; valid are vmc, evmc4u"),
        ("blender", "valid are .*crowd"),
        ("vmc,axes=ros", "'axes=ros' is unknown; vmc takes host=..., port=..., rate=..., root="),
        ("unity,root=hips", "unity takes .*axes="),
        ("vmc,port", "'port' is unknown"),
        ("vmc,port=0", "port is '0'; valid are 1 to 65535"),
        ("vmc,port=9.5", "port is '9.5'"),
        ("vmc,rate=nan", "rate is 'nan'; valid are 1 to 1000"),
        ("vmc,host=", "host is ''"),
        ("vmc,root=feet", "root is 'feet'; valid are root, hips, inplace"),
        ("vmc,positions=one", "valid are skeleton, zero"),
        ("unity,axes=maya", "valid are unity, unreal, gltf, blender, ros"),
        ("vrchat,height=40", "valid are 0.2 to 5"),
        ("vmc,", "'' is unknown"),
    ],
)
def test_what_is_not_valid_is_refused_with_what_is(text, reason):
    with pytest.raises(ConfigError, match=reason):
        read_receiver(text)
