"""flood_bridge: text in, endless human motion out, over OSC and ROS 2."""

__version__ = "0.1.0"
