"""From settings to the inputs, the model and the outputs that a daemon connects."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING

from flood_bridge.config import Config
from flood_bridge.daemon import Wiring
from flood_bridge.inputs import Input
from flood_bridge.live.engine_port import Clock, Engine
from flood_bridge.live.mark import RobotSide
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.outputs import Output
from flood_bridge.protocol.receivers import Receiver
from flood_bridge.protocol.vmc import VmcForm

if TYPE_CHECKING:
    from flood_bridge.live.robot_guard import RobotGuard
    from flood_bridge.outputs.subscribers import Subscribers
    from flood_bridge.retarget.avatar_fit import Rig
    from flood_bridge.retarget.robot_model import RobotModel
    from flood_bridge.ros2_node import Ros2Node
    from flood_bridge.viewer.link import ViewerLink
    from flood_bridge.viewer.messages import About
    from flood_engine.engine import FloodEngine

DEFAULT_LISTEN = "127.0.0.1"
"""Where commands are heard unless ``--listen`` opens the port."""

MOST_DEFAULT_THREADS = 4
"""More threads than this do not make small models faster."""


class Assembly:
    """Makes what ``config`` asks for and lets go of what the parts share.

    A context manager: leave it after the daemon's :meth:`~flood_bridge.daemon.Daemon.run`.

    Raises:
        ConfigError: If the robot is unknown, or the avatar cannot be read.
        MissingDependencyError: If the robot or ROS 2 needs a package that is not installed.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._shared = ExitStack()
        self._robot: RobotModel | None = None
        self._node: Ros2Node | None = None
        self._subscribers: Subscribers | None = None
        self._viewer: ViewerLink | None = None
        self._about: About | None = None
        self._rig: Rig | None = None
        if config.avatar:
            from flood_bridge.retarget.avatar_fit import read_rig  # noqa: PLC0415

            self._rig = read_rig(config.avatar)
        if config.robot != "none":
            from flood_bridge.retarget.robot_model import load_robot  # noqa: PLC0415

            self._robot = load_robot(config.robot)
            self.make_robot(None)  # if MuJoCo is missing, that shows now
            self.make_guard()

    def __enter__(self) -> Assembly:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._shared.close()

    @property
    def wiring(self) -> Wiring:
        """What the daemon is to connect."""
        return Wiring(
            self.open_inputs, self.load, self.open_outputs, self.make_robot, self.make_guard
        )

    def open_inputs(self, stop: Callable[[], None], clock: Clock) -> Sequence[Input]:
        """Open every way in; sockets are bound when this returns."""
        config, inputs = self._config, list[Input]()
        if config.control.enabled:
            from flood_bridge.inputs.osc import OscInput  # noqa: PLC0415
            from flood_bridge.outputs.subscribers import Subscribers  # noqa: PLC0415

            self._subscribers = Subscribers(clock)
            for port in filter(None, (config.control.port, config.control.performer_port)):
                inputs.append(
                    OscInput(
                        self._listening_host(),
                        port,
                        now_secs=clock,
                        allow=config.listen,
                        grant=self._subscribers.grant,
                    )
                )
                self._shared.callback(inputs[-1].close)
        if config.stdin:
            from flood_bridge.inputs.stdin import StdinInput  # noqa: PLC0415

            inputs.append(StdinInput(stop))
            self._shared.callback(inputs[-1].close)
        if config.ros:
            from flood_bridge.inputs.ros2 import Ros2Input  # noqa: PLC0415
            from flood_bridge.ros2_node import Ros2Node  # noqa: PLC0415

            self._node = Ros2Node(ros_args=shlex.split(config.ros_args))
            self._shared.callback(self._node.close)
            inputs.append(Ros2Input(self._node, measured_joints=config.measured_joints))
        self._viewer = self._open_viewer()
        if self._viewer is not None:
            from flood_bridge.viewer.overhearing import Overheard  # noqa: PLC0415

            inputs = [Overheard(each, self._viewer.hear) for each in inputs]
            inputs.append(self._viewer)
        return inputs

    def load(self) -> Engine:
        """Load the model."""
        from flood_engine import load_engine  # noqa: PLC0415

        engine = load_engine(
            self._config.model,
            threads=self._config.threads or default_threads(),
            backend=self._config.backend,
            precision=self._config.precision,
        )
        engine.backend.warm_up()
        self._about = _about(engine) if self._viewer is not None else None
        return engine

    def open_outputs(self, skeleton: Skeleton, clock: Clock) -> Sequence[Output]:
        """Open every way out; all or none are open when this returns or raises."""
        config, outputs = self._config, list[Output]()
        if self._rig is not None:
            skeleton = self._rig.body(skeleton)
        with ExitStack() as opened:
            for receiver in self._receivers():
                from flood_bridge.outputs.streams import open_stream  # noqa: PLC0415

                board = None if self._subscribers is None else self._subscribers.board
                outputs.append(open_stream(receiver, skeleton, board))
                opened.callback(outputs[-1].close)
            if self._subscribers is not None:
                self._subscribers.begin(skeleton)
                outputs.append(self._subscribers)
                opened.callback(self._subscribers.close)
            if self._node is not None:
                from flood_bridge.outputs.ros2 import Ros2Output  # noqa: PLC0415

                outputs.append(Ros2Output(self._node, rate_hz=config.rate_hz, now_secs=clock))
            if self._viewer is not None:
                self._viewer.begin(skeleton, self._about)
                outputs.append(self._viewer)
            opened.pop_all()
        return outputs

    def make_robot(self, skeleton: Skeleton | None) -> RobotSide | None:
        """Make the robot retargeter of one character, if a robot is asked for."""
        if self._robot is None:
            return None
        from flood_bridge.retarget.robot import RobotRetargeter  # noqa: PLC0415

        return RobotRetargeter(self._robot, 1 / self._config.rate_hz, skeleton)

    def make_guard(self) -> RobotGuard | None:
        """Make what stands between the motion and the robot of one character, if there is one."""
        if self._robot is None:
            return None
        from flood_bridge.live.guarding import make_guard  # noqa: PLC0415

        return make_guard(self._robot, self._config)

    def _open_viewer(self) -> ViewerLink | None:
        """Begin to serve the page, if it is asked for and can be."""
        if not self._config.viewer.enabled:
            return None
        from flood_bridge.viewer.opening import open_viewer  # noqa: PLC0415

        drawn = None
        if self._robot is not None:
            from flood_bridge.retarget.drawn import DrawnRobot  # noqa: PLC0415

            drawn = DrawnRobot(self._robot)
        page = self._config.viewer
        viewer = open_viewer(
            (page.host, page.port, page.token),
            self._robot,
            drawn,
            others=self._sends_elsewhere,
            seed=self._config.seed,
        )
        if viewer is not None:
            self._shared.callback(viewer.close)
        return viewer

    def _sends_elsewhere(self) -> bool:
        """Whether anything but the page gets the motion."""
        return bool(self._receivers()) or bool(self._subscribers) or self._node is not None

    def _receivers(self) -> list[Receiver]:
        """Return who is sent to: those of ``--to``, and what they leave of the default streams."""
        config, named = self._config, list(self._config.receivers)
        taken = {(receiver.host, receiver.port) for receiver in named}
        if config.osc.enabled and (config.osc.host, config.osc.port) not in taken:
            named.append(Receiver(kind="native", host=config.osc.host, port=config.osc.port))
        if config.vmc.enabled and not config.to:
            form = VmcForm(root_policy=config.vmc.root)
            named.append(
                Receiver(kind="vmc", host=config.vmc.host, port=config.vmc.port, form=form)
            )
        return named

    def _listening_host(self) -> str:
        host, listed = self._config.control.host, self._config.listen
        if not listed or host != DEFAULT_LISTEN:
            return host
        return "::" if any(":" in each for each in listed) else "0.0.0.0"  # "::" hears both


def _about(engine: FloodEngine) -> About:
    """Return what the page tells of the model."""
    from flood_bridge.viewer.messages import About  # noqa: PLC0415

    stream, backend = engine.config.stream, engine.backend
    latent_secs = engine.frames_per_latent / engine.frame_rate_hz
    return About(
        guidance=stream.guidance,
        steps=stream.schedule.steps_per_latent,
        step_counts=tuple(engine.step_counts),
        histories=engine.histories,
        latent_secs=latent_secs,
        window_secs=stream.window_size * latent_secs,
        machinery=f"{backend.name}, {backend.precision}",
    )


def default_threads() -> int:
    """Return a number that leaves a core to the clock."""
    return max(1, min(MOST_DEFAULT_THREADS, len(os.sched_getaffinity(0)) - 1))
