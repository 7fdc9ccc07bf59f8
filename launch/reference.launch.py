"""A reference stream for a whole-body policy or a joint controller of a real or simulated robot.

``ros2 launch flood_motion reference.launch.py rate_hz:=50``

What comes out is where a human-like motion would have the joints, within the robot's limits. It is
no motor command: balance and torque are the policy's. docs/ros2.md says how to feed it.
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, ExecuteProcess
from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration, PythonExpression
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

ARGUMENTS = (
    DeclareLaunchArgument(
        "executable",
        default_value="flood-bridge",
        description="The daemon's program: a name on PATH, or VENV/bin/flood-bridge",
    ),
    DeclareLaunchArgument(
        "daemon",
        default_value="true",
        choices=["true", "false"],
        description="Start the daemon here; 'false' if one runs already",
    ),
    DeclareLaunchArgument(
        "robot",
        default_value="unitree_g1",
        choices=["unitree_g1", "unitree_h1", "booster_t1"],
        description="The robot whose joints are published",
    ),
    DeclareLaunchArgument(
        "rate_hz",
        default_value="50",
        choices=["20", "30", "50", "60", "100", "120", "200"],
        description="Frames per second: what the policy was trained with, usually 50",
    ),
    DeclareLaunchArgument(
        "safety",
        default_value="auto",
        choices=["auto", "on", "off"],
        description="The layer that holds still until it is armed; auto: with measured_joints",
    ),
    DeclareLaunchArgument(
        "measured_joints",
        default_value="",
        description="Topic of the robot's own joint states, from where the motion is led in",
    ),
    DeclareLaunchArgument(
        "trajectory",
        default_value="true",
        choices=["true", "false"],
        description="Publish overlapping chunks for joint_trajectory_controller",
    ),
    DeclareLaunchArgument(
        "target",
        default_value="~/joint_trajectory",
        description="Topic of the chunks, such as /joint_trajectory_controller/joint_trajectory",
    ),
    DeclareLaunchArgument(
        "control_port",
        default_value="9500",
        description="UDP port on which the daemon takes commands and the node finds it",
    ),
    DeclareLaunchArgument(
        "namespace",
        default_value="",
        description="Goes before the node's name; several robots need a control_port each",
    ),
)


def generate_launch_description() -> LaunchDescription:
    """Return the arguments, the daemon and the node."""
    # The node hears the robot and tells the daemon over their own link.
    over_osc = PythonExpression(["'osc' if '", LaunchConfiguration("measured_joints"), "' else ''"])
    daemon = ExecuteProcess(
        cmd=[
            LaunchConfiguration("executable"),
            "run",
            "--robot",
            LaunchConfiguration("robot"),
            "--rate-hz",
            LaunchConfiguration("rate_hz"),
            "--safety",
            LaunchConfiguration("safety"),
            "--control.port",
            LaunchConfiguration("control_port"),
            ["--measured-joints=", over_osc],
        ],
        name="daemon",
        output="screen",
        condition=IfCondition(LaunchConfiguration("daemon")),
    )
    node = Node(
        package="flood_motion",
        executable="node",
        name="flood_bridge",
        namespace=LaunchConfiguration("namespace"),
        output="screen",
        parameters=[
            {
                "daemon_port": ParameterValue(LaunchConfiguration("control_port"), value_type=int),
                "robot": ParameterValue(LaunchConfiguration("robot"), value_type=str),
                "measured_joints": ParameterValue(
                    LaunchConfiguration("measured_joints"), value_type=str
                ),
                "publish.joint_trajectory": ParameterValue(
                    LaunchConfiguration("trajectory"), value_type=bool
                ),
            }
        ],
        remappings=[("~/joint_trajectory", LaunchConfiguration("target"))],
    )
    return LaunchDescription([*ARGUMENTS, daemon, node])
