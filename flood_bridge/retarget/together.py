"""Scripts that are carried out for one character, or for several at once with equal results.

A script is a generator: where it needs a stage of the work done it yields it, and goes on with the
answer. One script is run by answering each of its stages alone. Of several, the stages of one kind
that wait at the same time are answered in one go of NumPy over all of them. What a script does with
its answers is written once, so both ways decide alike; and an answer does not depend on what else
is asked with it, so it does not matter who else takes part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from typing import Any, ClassVar, Protocol, TypeAlias, TypeVar

from flood_bridge.errors import RetargetError

T = TypeVar("T")


class Stage(Protocol):
    """A part of the work for one character."""

    WORTH: ClassVar[int]
    """So many characters from which on it is cheaper done together; the answers are the same."""

    def alone(self) -> Any:
        """Return the answer."""
        ...

    @staticmethod
    def together(asked: Sequence[Any]) -> Sequence[Any]:
        """Return the answers to several stages of this kind, in their order: the same ones."""
        ...


Script: TypeAlias = Generator[Stage, Any, T]
"""Yields stages, is sent their answers, and returns a result."""


def run(script: Script[T]) -> T:
    """Return the result of one script."""
    answer = None
    try:
        while True:
            answer = script.send(answer).alone()
    except StopIteration as end:
        return end.value


def run_together(scripts: Sequence[Script[T]]) -> list[T | RetargetError]:
    """Return the result of each script, or the error with which it ended."""
    results: dict[int, T | RetargetError] = {}
    waiting: dict[int, Stage] = {}

    def go_on(number: int, answer: Any) -> None:
        try:
            waiting[number] = scripts[number].send(answer)
        except StopIteration as end:
            results[number] = end.value
        except RetargetError as error:
            results[number] = error

    for number in range(len(scripts)):
        go_on(number, None)
    while waiting:
        # The others wait until more have come to where they are.
        kind = Counter(type(stage) for stage in waiting.values()).most_common(1)[0][0]
        ready = [number for number, stage in waiting.items() if type(stage) is kind]
        stages = [waiting.pop(number) for number in ready]
        worth = len(stages) >= kind.WORTH
        answers = kind.together(stages) if worth else [each.alone() for each in stages]
        for number, answer in zip(ready, answers, strict=True):
            go_on(number, answer)
    return [results[number] for number in range(len(scripts))]
