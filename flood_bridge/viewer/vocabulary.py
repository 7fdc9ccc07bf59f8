"""The prompts that have a button: what the model's card says it does (docs/model-card.md)."""

from __future__ import annotations

from types import MappingProxyType

GROUPS: MappingProxyType[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "Go": (
            ("walk", "a person walks forward"),
            ("jog", "a person jogs"),
            ("run", "a person runs"),
            ("back", "a person walks backward"),
        ),
        "Turn": (
            ("left", "a person turns left while walking"),
            ("right", "a person turns right while walking"),
        ),
        "Sidestep": (
            ("left", "a person sidesteps to the left"),
            ("right", "a person sidesteps to the right"),
        ),
        "Move": (
            ("jump", "a person jumps"),
            ("hop", "a person hops"),
            ("kick", "a person kicks"),
            ("dance", "a person dances"),
        ),
        "Pose": (
            ("sit", "a person sits down"),
            ("rise", "a person stands up"),
            ("crouch", "a person crouches"),
            ("squat", "a person does squats"),
        ),
    }
)
"""By heading: (what is on the button, what is asked for). Four short words fill a row."""
