"""All kinds of motion by name: the whole vocabulary of the training streams."""

from __future__ import annotations

from flood_engine.training.kinds import Kind
from flood_engine.training.vocabulary_actions import ACTION_KINDS
from flood_engine.training.vocabulary_heights import HEIGHT_KINDS
from flood_engine.training.vocabulary_places import PLACE_KINDS
from flood_engine.training.vocabulary_travel import TRAVEL_KINDS

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (*PLACE_KINDS, *TRAVEL_KINDS, *HEIGHT_KINDS, *ACTION_KINDS)
}
"""All kinds by name."""
