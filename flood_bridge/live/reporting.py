"""Reports: once per second, and at the end, how the daemon is and how safe each robot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flood_bridge.config import Config
from flood_bridge.events import Status
from flood_bridge.live.gauges import Gauges
from flood_bridge.live.outlets import Outlets
from flood_bridge.live.robots import Robots


class Reports:
    """Reads the gauges and tells what they say.

    Args:
        config: The settings.
        robots: Whose safety is reported.
        outlets: Who is told.
        report: Gets each regular status too.
    """

    def __init__(
        self, config: Config, robots: Robots, outlets: Outlets, report: Callable[[Status], None]
    ) -> None:
        self._config = config
        self._robots = robots
        self._outlets = outlets
        self._report = report
        self.gauges = Gauges()

    def send(self, now_secs: float) -> None:
        """Tell how things are."""
        status = self._status(now_secs, is_ending=False)
        self._outlets.tell(status)
        for report in status.safety:
            self._outlets.tell(report)
        self._report(status)

    def send_last(self, now_secs: float) -> None:
        """Tell the outputs that this is the end."""
        self._outlets.tell(self._status(now_secs, is_ending=True))

    def _status(self, now_secs: float, *, is_ending: bool) -> Status:
        status = self.gauges.read(now_secs, self._config, is_ending=is_ending)
        return replace(status, safety=self._robots.reports())
