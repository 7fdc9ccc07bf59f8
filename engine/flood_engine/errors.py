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
