"""Everything that can go wrong in the daemon, as one tree.

::

    FloodBridgeError
    ├── ConfigError            a setting that cannot be used: names it and says what is valid
    ├── CommandError           a command that was understood but cannot be obeyed
    ├── ProtocolError          bytes or fields that do not follow the wire format
    ├── RetargetError          a pose that cannot be put on this robot or avatar
    └── MissingDependencyError an optional library is needed and absent

Messages say what was given and what would be valid. The engine has its own root,
:class:`flood_engine.errors.FloodEngineError`; the command line reports both alike.
"""

from __future__ import annotations


class FloodBridgeError(Exception):
    """Root of all errors that the daemon raises on purpose."""


class ConfigError(FloodBridgeError):
    """A setting cannot be used."""


class CommandError(FloodBridgeError):
    """A command was understood but cannot be obeyed."""


class ProtocolError(FloodBridgeError):
    """Bytes or fields do not follow the wire format."""


class RetargetError(FloodBridgeError):
    """A pose cannot be put on this robot or avatar."""


class MissingDependencyError(FloodBridgeError):
    """An optional library is needed and absent.

    Args:
        feature: What the user asked for.
        package: The import name that is missing.
        remedy: The command or step that provides it.
    """

    def __init__(self, feature: str, package: str, remedy: str) -> None:
        super().__init__(
            f"{feature} needs the package {package!r}, which is not installed: {remedy}"
        )
        self.feature = feature
        self.package = package
        self.remedy = remedy
