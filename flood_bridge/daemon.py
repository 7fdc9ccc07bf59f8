"""The daemon: starts every thread, reads the clock, ends in good order.

::

    inputs ──▶ router ──▶ prompt desk ──▶ stage ──▶ engine thread ──▶ stage ──▶ playout thread
                (clock)     (encodes)   (requests)  (model, retarget) (frames)   (absolute ticks)
                                                                                      │
                                          one thread and one slot per output ◀────────┘

The main thread reports once per second and waits for the end: a signal, ``/quit``, or a failure
of the engine, which stops the motion and is raised from :meth:`Daemon.run`.
"""

from __future__ import annotations

import gc
import logging
import queue
import sys
import threading
import time
from collections.abc import Callable, Sequence

from flood_bridge.commands import Command
from flood_bridge.config import Config
from flood_bridge.errors import CommandError
from flood_bridge.events import Rejected, Status
from flood_bridge.inputs import Input
from flood_bridge.live.connections import Wiring
from flood_bridge.live.delivery import Delivery
from flood_bridge.live.engine_port import Engine, Prompt
from flood_bridge.live.keeping import Keeping
from flood_bridge.live.outlets import Outlets
from flood_bridge.live.production import Producer, Production
from flood_bridge.live.reporting import Reports
from flood_bridge.live.robots import Robots
from flood_bridge.live.routing import Router
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.outputs import Output
from flood_engine.errors import PromptError

logger = logging.getLogger(__name__)

STATUS_SECS = 1.0
JOIN_SECS = 0.5
"""How long all threads together get to end; the whole stop takes less than a second."""

SAVE_SECS = 4.0
"""How long what makes and saves the motion gets if the run is to be kept: a latent of many
characters takes a slow machine seconds. ROS 2's launch loses patience after 5 s."""

_KEPT = ("engine", "playout", "state")
"""The threads that must have ended before the end of the run can be saved."""

_SWITCH_SECS = 0.0005
"""Python's default of 5 ms lets a busy thread delay the playout tick by as much."""


class Daemon:
    """One flood_bridge, to be run once.

    Args:
        config: The settings.
        wiring: Inputs, model, outputs.
        report: Gets the status once per second.
    """

    def __init__(
        self, config: Config, wiring: Wiring, report: Callable[[Status], None] = lambda _: None
    ) -> None:
        self._config = config
        self._wiring = wiring
        self._started_secs = time.monotonic()
        self._bell: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._outlets = Outlets()
        tell = self._outlets.tell
        self._robots = Robots(wiring.make_guard, config.guarded, tell, self.now_secs)
        self._router = Router(config.characters, self._robots, tell, self.now_secs)
        self._keeping: Keeping | None = None
        self._production: Production | None = None
        self._reports = Reports(config, self._robots, self._outlets, report)
        self._inputs: Sequence[Input] = ()
        self._threads: list[threading.Thread] = []
        self._changing = threading.Lock()
        self._ending = threading.Event()
        self.stuck: list[str] = []
        """Names of the threads that did not end in time; known after :meth:`run`."""

    def now_secs(self) -> float:
        """Return the seconds since the daemon's start."""
        return time.monotonic() - self._started_secs

    def submit(self, command: Command) -> None:
        """Obey ``command`` or tell the outputs why not."""
        self._router.submit(command)

    def stop(self) -> None:
        """Ask :meth:`run` to end; may be called from any thread, a signal handler, and twice."""
        self._bell.put(None)

    def run(self) -> None:
        """Stream until :meth:`stop`.

        Raises:
            Exception: Whatever ended the stream otherwise.
        """
        switch_secs = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_SECS)
        failure: BaseException | None = None
        try:
            self._keeping = keeping = Keeping(self._config)
            self._inputs = self._wiring.open_inputs(self.stop, self.now_secs)
            self._start("engine", lambda: self._run_engine(keeping))
            for each in self._inputs:
                self._start(f"input {each.name}", lambda each=each: self._run_input(each))
            failure = self._attend()
        finally:
            self._end(failure)
            sys.setswitchinterval(switch_secs)
        if failure is not None:
            raise failure

    # Threads.

    def _start(self, name: str, body: Callable[[], None]) -> None:
        thread = threading.Thread(target=self._guard, args=(body,), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _guard(self, body: Callable[[], None]) -> None:
        try:
            body()
        except BaseException as error:  # it is raised again from run()
            self._bell.put(error)

    def _run_input(self, each: Input) -> None:
        try:
            each.run(self._router.submit, self._router.reject)
        except Exception:
            logger.exception("input %s has failed and is closed; the others go on", each.name)

    def _run_engine(self, keeping: Keeping) -> None:
        engine = self._wiring.load()
        skeleton = Skeleton.from_bone_lengths(engine.bone_lengths)
        outputs = self._wiring.open_outputs(skeleton, self.now_secs)
        begun = False
        try:
            production = self._producer(keeping).produce(engine, skeleton)
            # The model's objects stay for good: the collector need not look at them again, neither
            # while frames are due nor when Python ends, which this makes five times shorter.
            gc.collect()
            gc.freeze()
            begun = self._begin(production, keeping, outputs)
        finally:
            if not begun:
                for output in outputs:
                    _close(output)
        if begun:
            production.generation.run()

    def _producer(self, keeping: Keeping) -> Producer:
        return Producer(
            config=self._config,
            make_robot=self._wiring.make_robot,
            keeping=keeping,
            robots=self._robots,
            outlets=self._outlets,
            reject=self._router.reject,
            clock=self.now_secs,
            sleep=self._ending.wait,
        )

    def _begin(self, production: Production, keeping: Keeping, outputs: Sequence[Output]) -> bool:
        """Start all that follows the engine, unless the end came meanwhile; return whether."""
        engine, stage, playing = production.engine, production.stage, production.playing
        with self._changing:
            if self._ending.is_set():
                return False
            keeping.begin()
            self._production = production
            period_secs = 1 / self._config.rate_hz
            self._outlets.deliveries = [
                Delivery(output, self.now_secs, period_secs) for output in outputs
            ]
            self._router.open(stage)
            self._reports.gauges.watch(production.generation.output, playing, stage)
            for each in self._outlets.deliveries:
                self._start(f"output {each.name}", each.run)
            desk = self._router.desk
            self._start("prompts", lambda: desk.run(lambda text: _encode(engine, text)))
            self._start("state", lambda: keeping.run(engine))
            self._start("playout", playing.run)
        return True

    # The main thread.

    def _attend(self) -> BaseException | None:
        """Report until the bell rings; return the failure that rang it."""
        next_secs = self.now_secs()
        while True:
            try:
                return self._bell.get(timeout=max(0.0, next_secs - self.now_secs()))
            except queue.Empty:
                self._reports.send(self.now_secs())
                if self._keeping and self._production and self._keeping.due(self.now_secs()):
                    self._production.stage.ask_snapshot()
                next_secs = max(next_secs + STATUS_SECS, self.now_secs())

    def _end(self, failure: BaseException | None) -> None:
        """Stop motion first, then tell, then close, in JOIN_SECS; then save, see SAVE_SECS."""
        with self._changing:
            self._ending.set()
        began_secs = self.now_secs()
        deadline_secs = began_secs + JOIN_SECS
        if self._production is not None:
            self._production.stage.close()  # the engine is given all the time there is
        for each in self._inputs:
            _close(each)
        self._router.desk.close()
        self._join([t for t in self._threads if t.name == "playout"], deadline_secs)
        if failure is not None:
            self._outlets.tell(Rejected(0, f"the stream has ended: {failure}"))
        self._reports.send_last(self.now_secs())
        for delivery in self._outlets.deliveries:
            delivery.close()
        if self._keeping is not None:
            self._keeping.close()
        self._join(self._threads, deadline_secs)
        if failure is None and self._production is not None and self._is_kept:
            kept = [thread for thread in self._threads if thread.name in _KEPT]
            self._join(kept, began_secs + SAVE_SECS)
        self.stuck = [thread.name for thread in self._threads if thread.is_alive()]
        self._finish(failure)

    @property
    def _is_kept(self) -> bool:
        """Whether the run leaves a state or a log behind."""
        return bool(self._config.state_dir or self._config.record_commands)

    def _finish(self, failure: BaseException | None) -> None:
        """Save state and log, the end included unless the engine has failed or is still at it."""
        if self._keeping is None:
            return
        made = self._production if failure is None else None
        busy = [name for name in _KEPT if name in self.stuck]
        if made and busy and self._is_kept:
            logger.warning(
                "how the run ended is not saved, what was saved before stands: %s did not end"
                " within %g s",
                " and ".join(busy),
                SAVE_SECS,
            )
        made = None if busy else made
        self._keeping.finish(made and made.generation, made and made.engine)

    def _join(self, threads: Sequence[threading.Thread], deadline_secs: float) -> None:
        for thread in threads:
            thread.join(max(0.0, deadline_secs - self.now_secs()))


def _close(each: Input | Output) -> None:
    try:
        each.close()
    except Exception:
        logger.exception("%s did not close cleanly", each.name)


def _encode(engine: Engine, text: str) -> Prompt:
    try:
        return engine.encode(text)
    except PromptError as error:
        raise CommandError(str(error)) from error
