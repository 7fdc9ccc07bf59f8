"""Everything that can go wrong in the engine, as one tree.

::

    FloodEngineError
    ├── CheckpointError   a model folder or tensor that cannot be used
    ├── BackendError      a machinery or precision that cannot run here
    ├── StateError        bytes that are no state of a stream of this model
    ├── PromptError       a text that cannot become a prompt
    └── DataError         motion or caption data that cannot be used for training
"""

from __future__ import annotations


class FloodEngineError(Exception):
    """Root of all errors that the engine raises on purpose."""


class CheckpointError(FloodEngineError):
    """A model folder, configuration or tensor cannot be used."""


class BackendError(FloodEngineError):
    """A backend or precision is unknown or cannot run on this machine."""


class StateError(FloodEngineError):
    """Bytes cannot be read as the state of a stream of this model."""


class PromptError(FloodEngineError):
    """A text cannot become a prompt."""


class DataError(FloodEngineError):
    """Motion or caption data cannot be used."""


def reason_of(error: BaseException) -> str:
    """Return in one line what an error of somebody else's says, or its kind if it says nothing."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].endswith(":"):
        return f"{lines[0]} {lines[1]}"
    return lines[0] if lines else type(error).__name__
