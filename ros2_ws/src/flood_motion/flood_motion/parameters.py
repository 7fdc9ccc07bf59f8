"""Parameters of the node beside the daemon, further to those of every flood_bridge node."""

from flood_bridge.protocol.ros_topics import Parameter

PARAMETERS = (
    Parameter("daemon_host", "127.0.0.1", "Where the daemon listens; used when configured"),
    Parameter("daemon_port", 9500, "The daemon's control port; used when configured", 1, 65535),
    Parameter("character", 0, "Whose topics are ~/...; others have a prefix", 0, 1023, True),
    Parameter("autostart", True, "Configure and activate at once", read_only=True),
    Parameter("settle", True, "Tell the character to stand when the node is deactivated"),
    Parameter(
        "robot", "", "The daemon's robot: in whose order measured joints are told", read_only=True
    ),
    Parameter("measured_joints", "", "Topic of the robot's measured joint states", read_only=True),
)
