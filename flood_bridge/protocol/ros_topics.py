"""Every topic, service, action and parameter of the ROS 2 node: one table, which the code goes by.

``docs/ros2.md`` shows the same rows, and a test compares the two. Names are relative to the node;
those of a character other than the node's own lie below ``~/character_<number>/``.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Quality = Literal["motion", "latched 1", "latched 20", "stream 1", "commands", "sensor", "tf"]
"""Qualities of service; ``docs/ros2.md`` says what each is."""


class Topic(NamedTuple):
    """One topic."""

    name: str
    type: str
    quality: Quality
    rate: str
    """How often: "stream" is the stream's rate."""
    frame: str = ""
    """The frame_id that its header carries."""


JOINT_STATES = Topic("~/joint_states", "sensor_msgs/JointState", "motion", "stream")
ROOT_POSE = Topic("~/root_pose", "geometry_msgs/PoseStamped", "motion", "stream", "odom")
SKELETON = Topic("~/skeleton", "geometry_msgs/PoseArray", "motion", "stream", "odom")
FRAME = Topic("~/frame", "flood_motion_msgs/MotionFrame", "motion", "stream", "odom")
MARKERS = Topic("~/markers", "visualization_msgs/MarkerArray", "stream 1", "at most 30 Hz", "odom")
TRAJECTORY = Topic(
    "~/joint_trajectory", "trajectory_msgs/JointTrajectory", "stream 1", "10 Hz, if asked for"
)
COMMANDS = Topic("~/commands", "std_msgs/Float64MultiArray", "stream 1", "stream, if asked for")
TF = Topic("/tf", "tf2_msgs/TFMessage", "tf", "stream, if asked for", "odom")
STATUS = Topic("~/status", "flood_motion_msgs/Status", "latched 1", "1 Hz and on change")
PROMPT_EVENT = Topic(
    "~/prompt_event", "flood_motion_msgs/PromptEvent", "latched 20", "as it happens"
)
SKELETON_INFO = Topic("~/skeleton_info", "flood_motion_msgs/SkeletonInfo", "latched 1", "once")
DIAGNOSTICS = Topic("/diagnostics", "diagnostic_msgs/DiagnosticArray", "commands", "1 Hz")

PUBLISHED = (
    JOINT_STATES, ROOT_POSE, SKELETON, FRAME, MARKERS, TRAJECTORY, COMMANDS, TF, STATUS,
    PROMPT_EVENT, SKELETON_INFO, DIAGNOSTICS,
)  # fmt: skip

TEXT_COMMAND = Topic("~/text_command", "std_msgs/String", "commands", "")
PROMPT = Topic("~/prompt", "flood_motion_msgs/Prompt", "commands", "")
MEASURED = Topic("~/measured_joint_states", "sensor_msgs/JointState", "sensor", "20 to 200 Hz")
ESTOP = Topic("~/estop", "std_msgs/Bool", "commands", "")
DEADMAN = Topic("~/deadman", "std_msgs/Bool", "commands", "at least 5 Hz")
CLUTCH = Topic("~/clutch", "std_msgs/Bool", "commands", "")

SUBSCRIBED = (TEXT_COMMAND, PROMPT, MEASURED, ESTOP, DEADMAN, CLUTCH)

SET_PROMPT = "~/set_prompt"
PLAY_PROMPT = "~/play_prompt"
TRIGGERS = (
    "pause", "resume", "reset", "stop", "clear_queue", "arm", "disarm", "trip_estop", "reset_estop",
)  # fmt: skip
"""Services of the type std_srvs/Trigger."""


MAX_RATE_HZ = 200.0
"""No stream is faster: a ``publish_rate`` of as much thins nothing."""


class Parameter(NamedTuple):
    """One parameter of the node."""

    name: str
    default: bool | float | str | list[str] | None
    """None: not set, the daemon's own value holds."""
    description: str
    lowest: float = 0.0
    highest: float = 0.0
    """Of a number; both 0: no range."""
    read_only: bool = False


PARAMETERS = (
    Parameter("frame_id", "odom", "Fixed frame of root, skeleton, markers and tf", read_only=True),
    Parameter("base_frame", "base_link", "The robot's root link, child of tf", read_only=True),
    Parameter(
        "joint_order", [""], "Joints of joint_trajectory and commands, in their order; empty: all",
        read_only=True,
    ),
    Parameter(
        "publish_rate", MAX_RATE_HZ, "Frames published per second, at most", 1.0, MAX_RATE_HZ
    ),
    Parameter("publish.joint_states", True, "Publish ~/joint_states and ~/root_pose"),
    Parameter("publish.skeleton", True, "Publish ~/skeleton"),
    Parameter("publish.frame", True, "Publish ~/frame"),
    Parameter("publish.markers", True, "Publish ~/markers"),
    Parameter("publish.tf", False, "Publish odom -> base_link on /tf; never beside a real robot's"),
    Parameter("publish.joint_trajectory", False, "Publish ~/joint_trajectory"),
    Parameter("publish.commands", False, "Publish ~/commands"),
    Parameter(
        "trajectory.lead", 0.25, "How far ahead joint_trajectory reaches and lags [s]", 0.05, 1.0
    ),
    Parameter("trajectory.period", 0.1, "Time between two joint_trajectory chunks [s]", 0.02, 0.5),
    Parameter("guidance", None, "How closely the text is followed", 0.0, 20.0),
    Parameter("history", None, "Latents that the model sees; each model has its own most", 2, 1024),
    Parameter("steps", None, "Denoise steps per latent", 1, 4),
    Parameter("smoothing", None, "Time constant of smoothing, 0: off [s]", 0.0, 0.5),
    Parameter("speed", None, "Seconds of motion per second", 0.25, 4.0),
    Parameter("seed", None, "Seed of the noise from the next reset on", 0, 2147483647),
)  # fmt: skip
"""Without ``read_only`` a parameter takes effect at once."""
