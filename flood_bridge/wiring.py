"""From settings to the inputs, the model and the outputs that a daemon connects."""

from __future__ import annotations

import os
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

if TYPE_CHECKING:
    from flood_bridge.outputs.subscribers import Subscribers
    from flood_bridge.retarget.robot_model import RobotModel
    from flood_bridge.ros2_node import Ros2Node

DEFAULT_LISTEN = "127.0.0.1"
"""Where commands are heard unless ``--listen`` opens the port."""

MOST_DEFAULT_THREADS = 4
"""More threads than this do not make small models faster."""


class Assembly:
    """Makes what ``config`` asks for and lets go of what the parts share.

    A context manager: leave it after the daemon's :meth:`~flood_bridge.daemon.Daemon.run`.

    Raises:
        ConfigError: If the robot is unknown.
        MissingDependencyError: If the robot or ROS 2 needs a package that is not installed.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._shared = ExitStack()
        self._robot: RobotModel | None = None
        self._node: Ros2Node | None = None
        self._subscribers: Subscribers | None = None
        if config.robot != "none":
            from flood_bridge.retarget.robot_model import load_robot  # noqa: PLC0415

            self._robot = load_robot(config.robot)
            self.make_robot(None)  # if MuJoCo is missing, that shows now

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
        return Wiring(self.open_inputs, self.load, self.open_outputs, self.make_robot)

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

            self._node = Ros2Node()
            self._shared.callback(self._node.close)
            inputs.append(Ros2Input(self._node))
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
        return engine

    def open_outputs(self, skeleton: Skeleton, clock: Clock) -> Sequence[Output]:
        """Open every way out; all or none are open when this returns or raises."""
        config, outputs = self._config, list[Output]()
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
            opened.pop_all()
        return outputs

    def make_robot(self, skeleton: Skeleton | None) -> RobotSide | None:
        """Make the robot retargeter of one character, if a robot is asked for."""
        if self._robot is None:
            return None
        from flood_bridge.retarget.robot import RobotRetargeter  # noqa: PLC0415

        return RobotRetargeter(self._robot, 1 / self._config.rate_hz, skeleton)

    def _receivers(self) -> list[Receiver]:
        """Return who is sent to: those of ``--to``, and what they leave of the default streams."""
        config, named = self._config, list(self._config.receivers)
        taken = {(receiver.host, receiver.port) for receiver in named}
        if config.osc.enabled and (config.osc.host, config.osc.port) not in taken:
            named.append(Receiver(kind="native", host=config.osc.host, port=config.osc.port))
        if config.vmc.enabled and not config.to:
            named.append(Receiver(kind="vmc", host=config.vmc.host, port=config.vmc.port))
        return named

    def _listening_host(self) -> str:
        host, listed = self._config.control.host, self._config.listen
        if not listed or host != DEFAULT_LISTEN:
            return host
        return "::" if any(":" in each for each in listed) else "0.0.0.0"  # "::" hears both


def default_threads() -> int:
    """Return a number that leaves a core to the clock."""
    return max(1, min(MOST_DEFAULT_THREADS, len(os.sched_getaffinity(0)) - 1))
