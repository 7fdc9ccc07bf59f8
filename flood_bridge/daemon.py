"""The daemon: wires the rooms, starts every thread, reads the clock, ends in good order.

::

    inputs ──▶ submit ──▶ prompt desk ──▶ stage ──▶ engine thread ──▶ stage ──▶ playout thread
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
from dataclasses import replace

from flood_bridge.commands import (
    Command,
    Kill,
    Pause,
    Ping,
    PlaceRoot,
    QueuePrompt,
    Reset,
    Resume,
    SetGuidance,
    SetPrompt,
    SetSeed,
    SetSpeed,
    Spawn,
    Stop,
)
from flood_bridge.config import Config
from flood_bridge.errors import CommandError
from flood_bridge.events import Event, Pong, Rejected, Status
from flood_bridge.inputs import Input
from flood_bridge.live.cast import Casting, make_stage, make_tempo
from flood_bridge.live.connections import Wiring
from flood_bridge.live.delivery import Delivery
from flood_bridge.live.encoding import PromptDesk, standing
from flood_bridge.live.engine_port import Engine, Prompt
from flood_bridge.live.gauges import Gauges
from flood_bridge.live.generation import Generation
from flood_bridge.live.keeping import Keeping
from flood_bridge.live.playing import Playing
from flood_bridge.live.robots import RobotCommand, Robots, StopCommand
from flood_bridge.live.stage import Request, Stage
from flood_bridge.motion.frames import Frame
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.outputs import Output
from flood_engine.errors import PromptError

logger = logging.getLogger(__name__)

STATUS_SECS = 1.0
JOIN_SECS = 0.5
"""How long all threads together get to end; the whole stop takes less than a second."""

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
        self._report = report
        self._started_secs = time.monotonic()
        self._bell: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._desk = PromptDesk(self._post, self.reject)
        self._keeping: Keeping | None = None
        self._made: tuple[Generation, Engine] | None = None
        self._gauges = Gauges()
        self._robots = Robots(wiring.make_guard, config.guarded, self._tell, self.now_secs)
        self._stage: Stage | None = None
        self._inputs: Sequence[Input] = ()
        self._deliveries: Sequence[Delivery] = ()
        self._threads: list[threading.Thread] = []
        self._changing = threading.Lock()
        self._ending = threading.Event()
        self.stuck: list[str] = []
        """Names of the threads that did not end in time; known after :meth:`run`."""

    def now_secs(self) -> float:
        """Return the seconds since the daemon's start."""
        return time.monotonic() - self._started_secs

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
            self._keeping = Keeping(self._config)
            self._inputs = self._wiring.open_inputs(self.stop, self.now_secs)
            self._start("engine", self._run_engine)
            for each in self._inputs:
                self._start(f"input {each.name}", lambda each=each: self._run_input(each))
            failure = self._attend()
        finally:
            self._end(failure)
            sys.setswitchinterval(switch_secs)
        if failure is not None:
            raise failure

    def submit(self, command: Command) -> None:
        """Obey ``command`` or tell the outputs why not."""
        try:
            self._route(replace(command, received_secs=self.now_secs()))
        except CommandError as error:
            self.reject(Rejected(command.request_id, str(error)))

    def reject(self, refusal: Rejected) -> None:
        """Tell the outputs that something was not obeyed."""
        logger.debug("request %d: %s", refusal.request_id, refusal.reason)
        self._tell(refusal)

    # Commands, in the threads of the inputs.

    def _route(self, command: Command) -> None:
        if isinstance(command, Ping):
            self._tell(Pong(command.request_id, self.now_secs()))
            return
        if isinstance(command, StopCommand):
            self._robots.obey(command)
            return
        if not isinstance(command, Spawn):
            self._check_exists(command.character)
        match command:
            case SetPrompt() | QueuePrompt() | Spawn():
                self._desk.take(command)
            case Stop():
                self._desk.take(standing(command), urgent=True)
            case Reset() | Kill() | SetSeed() | SetSpeed() | SetGuidance() | PlaceRoot():
                self._post(Request(command))
            case Pause() | Resume():
                self._loaded().pause(command.character, isinstance(command, Pause))
            case _ if isinstance(command, RobotCommand):
                self._robots.obey(command)
            case _:
                raise CommandError(f"{type(command).__name__} is not a command of this daemon")

    def _check_exists(self, character: int) -> None:
        """Refuse a number that nobody has; while loading, those there will be are valid."""
        numbers = self._stage.numbers() if self._stage else range(self._config.characters)
        if character not in numbers:
            raise CommandError(
                f"character {character} does not exist; valid are {', '.join(map(str, numbers))}"
            )

    def _post(self, request: Request) -> None:
        self._loaded().post(request)

    def _loaded(self) -> Stage:
        if self._stage is None:
            raise CommandError("the model is still loading")
        return self._stage

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
            each.run(self.submit, self.reject)
        except Exception:
            logger.exception("input %s has failed and is closed; the others go on", each.name)

    def _run_engine(self) -> None:
        engine = self._wiring.load()
        skeleton = Skeleton.from_bone_lengths(engine.bone_lengths)
        outputs = self._wiring.open_outputs(skeleton, self.now_secs)
        begun = False
        try:
            generation = self._begin(engine, skeleton, outputs)
            begun = generation is not None
        finally:
            if not begun:
                for output in outputs:
                    _close(output)
        if generation is not None:
            generation.run()

    def _begin(
        self, engine: Engine, skeleton: Skeleton, outputs: Sequence[Output]
    ) -> Generation | None:
        """Fill the lead, then start all that follows the engine, unless the end came meanwhile."""
        stage = make_stage(self._config, engine)
        casting = Casting(self._config, engine, skeleton, self._wiring.make_robot)
        assert self._keeping is not None
        keeping = self._keeping
        generation = Generation(
            engine,
            casting,
            stage,
            self.reject,
            self.now_secs,
            make_tempo(self._config),
            keeping.record,
            keeping.keep,
            self._robots,
        )
        resumed = keeping.resume(engine, casting, stage, self._robots)
        generation.begin(resumed or casting.all())
        generation.fill()
        # The model's objects stay for good: the collector need not look at them again, neither
        # while frames are due nor when Python ends, which this makes five times shorter.
        gc.collect()
        gc.freeze()
        playing = Playing(
            stage,
            1 / self._config.rate_hz,
            self._publish,
            self._tell,
            clock=self.now_secs,
            sleep=self._ending.wait,
            robots=self._robots,
        )
        with self._changing:
            if self._ending.is_set():
                return None
            keeping.begin()
            self._stage = stage
            self._made = generation, engine
            self._deliveries = [Delivery(output, self.now_secs) for output in outputs]
            self._gauges.watch(generation.output, playing, stage)
            for each in self._deliveries:
                self._start(f"output {each.name}", each.run)
            self._start("prompts", lambda: self._desk.run(lambda text: _encode(engine, text)))
            self._start("state", lambda: keeping.run(engine))
            self._start("playout", playing.run)
        return generation

    # Out, in the threads of playout, prompts and inputs: none of it waits.

    def _publish(self, frame: Frame) -> None:
        for delivery in self._deliveries:
            delivery.offer(frame)

    def _tell(self, event: Event) -> None:
        for delivery in self._deliveries:
            delivery.tell(event)

    # The main thread.

    def _attend(self) -> BaseException | None:
        """Report until the bell rings; return the failure that rang it."""
        next_secs = self.now_secs()
        while True:
            try:
                return self._bell.get(timeout=max(0.0, next_secs - self.now_secs()))
            except queue.Empty:
                status = self._status()
                self._tell(status)
                for report in status.safety:
                    self._tell(report)
                self._report(status)
                if self._keeping and self._stage and self._keeping.due(self.now_secs()):
                    self._stage.ask_snapshot()
                next_secs = max(next_secs + STATUS_SECS, self.now_secs())

    def _status(self) -> Status:
        status = self._gauges.read(self.now_secs(), self._config, is_ending=self._ending.is_set())
        return replace(status, safety=self._robots.reports())

    def _end(self, failure: BaseException | None) -> None:
        """Stop motion first, then tell, then close; never wait longer than JOIN_SECS."""
        with self._changing:
            self._ending.set()
        deadline_secs = self.now_secs() + JOIN_SECS
        for each in self._inputs:
            _close(each)
        self._desk.close()
        if self._stage is not None:
            self._stage.close()
        self._join([t for t in self._threads if t.name == "playout"], deadline_secs)
        if failure is not None:
            self._tell(Rejected(0, f"the stream has ended: {failure}"))
        self._tell(self._status())
        for delivery in self._deliveries:
            delivery.close()
        if self._keeping is not None:
            self._keeping.close()
        self._join(self._threads, deadline_secs)
        self.stuck = [thread.name for thread in self._threads if thread.is_alive()]
        self._finish(failure)

    def _finish(self, failure: BaseException | None) -> None:
        """Save the state, unless the engine has failed or is still at it."""
        if self._keeping is None:
            return
        whole = failure is None and not {"engine", "playout", "state"} & set(self.stuck)
        generation, engine = (self._made if whole and self._made else None) or (None, None)
        self._keeping.finish(generation, engine)

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
