"""The parameters of the ROS 2 node: declared with ranges and descriptions, changed while it runs.

The table is :data:`flood_bridge.protocol.ros_topics.PARAMETERS`. rclpy refuses what is out of range
or read-only and says why; what a listener refuses is told the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flood_bridge.errors import CommandError
from flood_bridge.protocol.ros_topics import PARAMETERS, Parameter

if TYPE_CHECKING:
    from rcl_interfaces.msg import ParameterDescriptor, SetParametersResult
    from rclpy.node import Node
    from rclpy.parameter import Parameter as RosParameter


class Settings:
    """The values of all parameters, readable from any thread.

    Attributes:
        listeners: Called with the name and the new value of a parameter that is about to change;
            refuse by raising :class:`CommandError`.
        changes: Counts the changes.
    """

    def __init__(self, node: Node) -> None:
        self.listeners: list[Callable[[str, Any], None]] = []
        self.changes = 0
        self._node = node
        self._values: dict[str, Any] = {}
        self.declare(PARAMETERS)
        node.add_on_set_parameters_callback(self._change)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def given(self) -> dict[str, Any]:
        """Return the parameters that have a value."""
        return {name: value for name, value in self._values.items() if value is not None}

    def declare(self, parameters: tuple[Parameter, ...]) -> None:
        """Declare more parameters."""
        for parameter in parameters:
            declared = self._node.declare_parameter(
                parameter.name, parameter.default, _descriptor(parameter)
            )
            self._values[parameter.name] = declared.value

    def _change(self, parameters: list[RosParameter]) -> SetParametersResult:
        from rcl_interfaces.msg import SetParametersResult  # noqa: PLC0415

        known = [p for p in parameters if p.name in self._values]
        try:
            for parameter in known:
                for listener in self.listeners:
                    listener(parameter.name, parameter.value)
        except CommandError as error:
            return SetParametersResult(successful=False, reason=str(error))
        self._values.update({p.name: p.value for p in known})
        self.changes += 1
        return SetParametersResult(successful=True)


def _descriptor(parameter: Parameter) -> ParameterDescriptor:
    from rcl_interfaces.msg import (  # noqa: PLC0415
        FloatingPointRange,
        IntegerRange,
        ParameterDescriptor,
    )

    descriptor = ParameterDescriptor(
        description=parameter.description,
        read_only=parameter.read_only,
        dynamic_typing=parameter.default is None,
    )
    if parameter.lowest == parameter.highest:
        return descriptor
    if isinstance(parameter.highest, int):
        whole = IntegerRange(from_value=int(parameter.lowest), to_value=parameter.highest)
        descriptor.integer_range = [whole]
    else:
        span = FloatingPointRange(from_value=parameter.lowest, to_value=parameter.highest)
        descriptor.floating_point_range = [span]
    return descriptor
