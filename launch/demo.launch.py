"""See it move in RViz: ``ros2 launch flood_motion demo.launch.py``.

The daemon in its own environment, the node beside it, the robot's model, RViz with robot,
skeleton, trail and prompt. No simulator. Type to it from another terminal:
``ros2 run flood_motion teleop_text``.
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, ExecuteProcess
from launch.conditions import IfCondition
from launch.substitutions import (
    Command,
    LaunchConfiguration,
    PathJoinSubstitution,
    PythonExpression,
)
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

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
        description="The robot that the motion is put on and that RViz shows",
    ),
    DeclareLaunchArgument(
        "rate_hz",
        default_value="60",
        choices=["20", "30", "50", "60", "100", "120", "200"],
        description="Frames per second; the model makes 20, more are interpolated",
    ),
    DeclareLaunchArgument(
        "prompt",
        default_value="a person waves with the right hand",
        description="What the character does first",
    ),
    DeclareLaunchArgument(
        "control_port",
        default_value="9500",
        description="UDP port on which the daemon takes commands and the node finds it",
    ),
    DeclareLaunchArgument(
        "rviz",
        default_value="true",
        choices=["true", "false"],
        description="Start RViz with the layout of this package",
    ),
    DeclareLaunchArgument(
        "namespace",
        default_value="",
        description="Goes before every node and topic, tf too; each robot needs a control_port",
    ),
)

ROOT_LINKS = {"unitree_g1": "pelvis", "unitree_h1": "pelvis", "booster_t1": "Trunk"}
"""The links on which the robots' models begin: the node's transform has to lead there."""

TF = [("/tf", "tf"), ("/tf_static", "tf_static")]
"""Below the namespace, for the links of two robots have the same names."""


def generate_launch_description() -> LaunchDescription:
    """Return the arguments, the daemon and the three nodes."""
    namespace, robot = LaunchConfiguration("namespace"), LaunchConfiguration("robot")
    root_link = PythonExpression([repr(ROOT_LINKS), "['", robot, "']"])
    daemon = ExecuteProcess(
        cmd=[
            LaunchConfiguration("executable"),
            "run",
            "--robot",
            robot,
            "--rate-hz",
            LaunchConfiguration("rate_hz"),
            "--prompt",
            LaunchConfiguration("prompt"),
            "--control.port",
            LaunchConfiguration("control_port"),
        ],
        name="daemon",
        output="screen",
        condition=IfCondition(LaunchConfiguration("daemon")),
    )
    node = Node(
        package="flood_motion",
        executable="node",
        name="flood_bridge",
        namespace=namespace,
        output="screen",
        parameters=[
            {
                "daemon_port": ParameterValue(LaunchConfiguration("control_port"), value_type=int),
                "base_frame": ParameterValue(root_link, value_type=str),
                "publish.tf": True,
            }
        ],
        remappings=TF,
    )
    model = Command(["ros2 run flood_motion urdf ", robot])
    robot_state_publisher = Node(
        package="robot_state_publisher",
        executable="robot_state_publisher",
        namespace=namespace,
        parameters=[
            {
                "robot_description": ParameterValue(model, value_type=str),
                "publish_frequency": 200.0,
            }
        ],
        remappings=[("joint_states", "flood_bridge/joint_states"), *TF],
    )
    layout = PathJoinSubstitution([FindPackageShare("flood_motion"), "rviz", "flood_motion.rviz"])
    rviz = Node(
        package="rviz2",
        executable="rviz2",
        namespace=namespace,
        arguments=["-d", layout],
        remappings=TF,
        condition=IfCondition(LaunchConfiguration("rviz")),
    )
    return LaunchDescription([*ARGUMENTS, daemon, node, robot_state_publisher, rviz])
