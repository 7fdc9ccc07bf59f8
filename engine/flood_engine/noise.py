"""Where a stream's noise comes from: its own generator, or an array for recorded runs.

Flow matching starts every latent as a standard normal row; when a prompt interrupts, fresh rows are
mixed in again. A source is asked for one row at a time, so what a stream draws never depends on its
neighbours.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

_WORD = 1 << 64


class NoiseSource(Protocol):
    """Standard normal rows, one per latent, in order."""

    def next_row(self, size: int) -> np.ndarray:
        """Return the (size,) float32 noise with which the next latent starts."""
        ...

    def fork(self) -> NoiseSource:
        """Return a source that goes on from here by itself."""
        ...


class SeededNoise:
    """Normal noise from a stream's own generator (PCG64, NumPy's ziggurat)."""

    __slots__ = ("bits", "generator")

    def __init__(self, seed: int) -> None:
        self.bits = np.random.PCG64(seed)
        self.generator = np.random.Generator(self.bits)

    def next_row(self, size: int) -> np.ndarray:
        """Draw the next row."""
        return self.generator.standard_normal(size, dtype=np.float32)

    def fork(self) -> SeededNoise:
        """Return a generator that will draw the same rows from here on."""
        return SeededNoise.from_words(self.words())

    def words(self) -> tuple[int, ...]:
        """Return the generator's place as six unsigned 64-bit words."""
        inner = self.bits.state
        place, stream = inner["state"]["state"], inner["state"]["inc"]
        halves = (place // _WORD, place % _WORD, stream // _WORD, stream % _WORD)
        return (*halves, inner["has_uint32"], inner["uinteger"])

    @classmethod
    def from_words(cls, words: tuple[int, ...]) -> SeededNoise:
        """Return the generator at the place that :meth:`words` gave.

        Raises:
            ValueError: If the words are no place of a PCG64 generator.
        """
        high, low, stream_high, stream_low, has_spare, spare = words
        if stream_low % 2 == 0 or has_spare not in (0, 1) or not 0 <= spare < 1 << 32:
            raise ValueError(f"no place of a PCG64 generator: {words}")
        source = cls(0)
        source.bits.state = {
            "bit_generator": "PCG64",
            "state": {"state": high * _WORD + low, "inc": stream_high * _WORD + stream_low},
            "has_uint32": has_spare,
            "uinteger": spare,
        }
        return source


class GivenNoise:
    """Noise from an array (latents, size): for parity with recorded runs."""

    def __init__(self, rows: np.ndarray, place: int = 0) -> None:
        self.rows, self.place = rows, place

    def next_row(self, size: int) -> np.ndarray:
        """Return the next row of the array.

        Raises:
            ValueError: If the array has rows of another size, or no more of them.
        """
        if self.place >= len(self.rows) or self.rows.shape[1] != size:
            raise ValueError(
                f"noise row {self.place} of size {size} is not in an array of {self.rows.shape}"
            )
        self.place += 1
        return self.rows[self.place - 1]

    def fork(self) -> GivenNoise:
        """Return a reader of the same array at the same place."""
        return GivenNoise(self.rows, self.place)
