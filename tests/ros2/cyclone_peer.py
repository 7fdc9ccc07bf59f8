"""A program that knows nothing of ROS: Cyclone DDS, another vendor's, with types of its own.

``cyclone_peer.py TEXT``: hears joint states and the latched status, says TEXT, prints JSON.
"""

import json
import sys
import time
from dataclasses import dataclass
from typing import Any, cast

from cyclonedds.core import Policy, Qos
from cyclonedds.domain import DomainParticipant
from cyclonedds.idl import IdlStruct
from cyclonedds.idl.types import float64, int32, sequence, uint32
from cyclonedds.pub import DataWriter
from cyclonedds.sub import DataReader
from cyclonedds.topic import Topic
from cyclonedds.util import duration

PATIENCE_SECS = 30.0
FRAMES = 30


@dataclass
class Time(IdlStruct, typename="builtin_interfaces::msg::dds_::Time_"):
    sec: int32
    nanosec: uint32


@dataclass
class Header(IdlStruct, typename="std_msgs::msg::dds_::Header_"):
    stamp: Time
    frame_id: str


@dataclass
class String(IdlStruct, typename="std_msgs::msg::dds_::String_"):
    data: str


@dataclass
class JointState(IdlStruct, typename="sensor_msgs::msg::dds_::JointState_"):
    header: Header
    name: sequence[str]
    position: sequence[float64]
    velocity: sequence[float64]
    effort: sequence[float64]


def main() -> None:
    participant = DomainParticipant(int(sys.argv[2]))
    reliable = Policy.Reliability.Reliable(duration(seconds=1))
    volatile = Qos(reliable, Policy.History.KeepLast(50))
    latched = Qos(reliable, Policy.History.KeepLast(5), Policy.Durability.TransientLocal)
    joints = DataReader(
        participant, Topic(participant, "rt/flood_bridge/joint_states", JointState), volatile
    )
    status = DataReader(participant, Topic(participant, "rt/flood_bridge/status", String), latched)
    text = DataWriter(
        participant, Topic(participant, "rt/flood_bridge/text_command", String), volatile
    )
    heard: list[JointState] = []
    told: list[str] = []
    ends = time.monotonic() + PATIENCE_SECS
    while time.monotonic() < ends and (len(heard) < FRAMES or not told):
        heard += [each for each in joints.take(50) if isinstance(each, JointState)]
        told += [each.data for each in status.take(5) if isinstance(each, String)]
        time.sleep(0.02)
    text.write(String(data=sys.argv[1]))
    time.sleep(1.0)
    print(
        json.dumps(
            {
                "names": list(cast(Any, heard[-1].name)) if heard else [],
                "first": [cast(Any, each.position)[0] for each in heard],
                "status": told,
            }
        )
    )


if __name__ == "__main__":
    main()
