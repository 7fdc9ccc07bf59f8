"""Type to a running character: ``ros2 launch flood_motion teleop.launch.py``.

launch gives its processes no keyboard, so the console gets a terminal window of its own; in a
terminal, ``ros2 run flood_motion teleop_text`` does the same.
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

ARGUMENTS = (
    DeclareLaunchArgument(
        "target",
        default_value="/flood_bridge",
        description="Full name of the node that is talked to",
    ),
    DeclareLaunchArgument(
        "terminal",
        default_value="xterm -e",
        choices=["xterm -e", "gnome-terminal --", "konsole -e"],
        description="What opens a window in which the console runs",
    ),
)


def generate_launch_description() -> LaunchDescription:
    """Return the arguments and the console."""
    console = Node(
        package="flood_motion",
        executable="teleop_text",
        name="teleop_text",
        prefix=LaunchConfiguration("terminal"),
        output="screen",
        parameters=[{"target": LaunchConfiguration("target")}],
    )
    return LaunchDescription([*ARGUMENTS, console])
