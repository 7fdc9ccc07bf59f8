"""FloodDiffusion as a streaming engine: text in, motion out as NumPy arrays.

Importing this package does not import PyTorch; loading an engine does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flood_engine.errors import FloodEngineError

if TYPE_CHECKING:
    from flood_engine.engine import Chunk, FloodEngine, StreamState, load_engine

__all__ = ["Chunk", "FloodEngine", "FloodEngineError", "StreamState", "load_engine"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from flood_engine import engine  # noqa: PLC0415 - PyTorch only when an engine is wanted

    return getattr(engine, name)
