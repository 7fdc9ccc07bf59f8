"""Everything that can go wrong in the engine, as one tree.

::

    FloodEngineError
    ├── CheckpointError   a model folder or tensor that cannot be used
    ├── PromptError       a text that cannot become a prompt
    └── DataError         motion or caption data that cannot be used for training
"""

from __future__ import annotations


class FloodEngineError(Exception):
    """Root of all errors that the engine raises on purpose."""


class CheckpointError(FloodEngineError):
    """A model folder, configuration or tensor cannot be used."""


class PromptError(FloodEngineError):
    """A text cannot become a prompt."""


class DataError(FloodEngineError):
    """Motion or caption data cannot be used."""
