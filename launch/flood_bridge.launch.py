"""The daemon as a ROS 2 node: ``ros2 launch flood_motion flood_bridge.launch.py robot:=none``.

The daemon lives in its own virtual environment; ``executable`` names its program there, and that
environment must see rclpy. launch sends SIGINT and, five seconds later, SIGTERM; the daemon ends
well before.
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, ExecuteProcess
from launch.substitutions import LaunchConfiguration

ARGUMENTS = (
    DeclareLaunchArgument(
        "executable",
        default_value="flood-bridge",
        description="The daemon's program: a name on PATH, or VENV/bin/flood-bridge",
    ),
    DeclareLaunchArgument(
        "robot",
        default_value="unitree_g1",
        choices=["unitree_g1", "unitree_h1", "booster_t1", "none"],
        description="Whose joint states are published; 'none' publishes the human skeleton only",
    ),
    DeclareLaunchArgument(
        "rate_hz",
        default_value="60",
        choices=["20", "30", "50", "60", "100", "120", "200"],
        description="Frames per second; the model makes 20, more are interpolated",
    ),
    DeclareLaunchArgument(
        "prompt",
        default_value="a person stands still",
        description="What the character does first",
    ),
    DeclareLaunchArgument(
        "control_port",
        default_value="9500",
        description="UDP port on which the daemon takes commands; several daemons need one each",
    ),
    DeclareLaunchArgument(
        "ros_args",
        default_value="",
        description="What the node takes after --ros-args, such as '-r __ns:=/robot1'",
    ),
)


def generate_launch_description() -> LaunchDescription:
    """Return the arguments and the one process."""
    daemon = ExecuteProcess(
        cmd=[
            LaunchConfiguration("executable"),
            "run",
            "--ros",
            "--robot",
            LaunchConfiguration("robot"),
            "--rate-hz",
            LaunchConfiguration("rate_hz"),
            "--prompt",
            LaunchConfiguration("prompt"),
            "--control.port",
            LaunchConfiguration("control_port"),
            ["--ros-args=", LaunchConfiguration("ros_args")],
        ],
        name="flood_bridge",
        output="screen",
    )
    return LaunchDescription([*ARGUMENTS, daemon])
