"""The command line: ``flood-bridge run | say | render | export | doctor | replay | bench |
check-robot | version``.

Exit status: 0 after a normal end (Ctrl-C is one), 2 when what was asked for cannot be done as
asked, 1 when something failed that should not. Errors are one clear line on standard error.
A new verb is a module in :mod:`flood_bridge.verbs`, an import here and a line of the union.
"""

from __future__ import annotations

from typing import Annotated

import tyro
from tyro.conf import subcommand

from flood_bridge.errors import FloodBridgeError
from flood_bridge.verbs.bench import Bench
from flood_bridge.verbs.check_robot import CheckRobot
from flood_bridge.verbs.doctor import Doctor
from flood_bridge.verbs.export import Export
from flood_bridge.verbs.render import Render
from flood_bridge.verbs.replay import Replay
from flood_bridge.verbs.run import Run
from flood_bridge.verbs.say import Say
from flood_bridge.verbs.terminal import USER_ERRORS, complain
from flood_bridge.verbs.version import Version

Verb = (
    Annotated[Run, subcommand("run")]
    | Annotated[Say, subcommand("say")]
    | Annotated[Render, subcommand("render")]
    | Annotated[Export, subcommand("export")]
    | Annotated[Doctor, subcommand("doctor")]
    | Annotated[Replay, subcommand("replay")]
    | Annotated[Bench, subcommand("bench")]
    | Annotated[CheckRobot, subcommand("check-robot")]
    | Annotated[Version, subcommand("version")]
)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    about = "Text in, endless human motion out."
    try:
        verb = tyro.cli(Verb, prog="flood-bridge", description=about, args=arguments)  # type: ignore[arg-type]
        return verb.perform()
    except SystemExit as end:  # tyro's own: --help, or a mistake that it has explained
        return end.code if isinstance(end.code, int) else 2
    except USER_ERRORS as error:
        complain(error)
        return 2
    except (FloodBridgeError, OSError) as error:
        complain(error)
        return 1
    except KeyboardInterrupt:
        return 130
