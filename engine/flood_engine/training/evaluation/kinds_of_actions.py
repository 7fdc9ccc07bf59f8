"""Which recorded kinds of motion show an action, and which may contain it by the way."""

from __future__ import annotations

_FIGHTING = frozenset(
    {"martial", "punch", "punch_left", "punch_right", "punch_kick", "kick", "kick_left"}
    | {"kick_right", "fighting_stance", "sword", "hit"}
)
_MIXED = frozenset({"sequence", "other", "dance", "breakdance", "basketball", "walk_styled"})
_STEPPING = frozenset({"walk_other", "stand_other", "walk_styled", "gesture", "exercise", "laugh"})
_IDLE = frozenset(
    {"drink", "talk", "gesture", "wash", "raise_arms", "wave_left", "wave_right", "wave"}
    | {"stand_other", "shoot", "stand_up", "stand", "celebrate", "fighting_stance", "stretch"}
)
_STRAIGHT = frozenset({"walk_forward", "walk_slowly", "walk_quickly", "walk_other", "jog", "sneak"})
_RUNS = frozenset(
    {"run_forward", "run_fast", "jog", "run_other", "run_jump", "run_turn_left", "run_turn_right"}
    | {"walk_quickly"}
)
_JUMPS = frozenset(
    {"jump", "jump_forward", "jump_turn_left", "jump_turn_right", "hop", "jumping_jacks"}
    | {"celebrate", "run_jump", "spin", "flip", "exercise", "stretch"}
)
_CURVES_LEFT = frozenset({"walk_turn_left", "turn_left", "turn_around_left", "walk_other", "sneak"})
_CURVES_RIGHT = frozenset(k.replace("left", "right") for k in _CURVES_LEFT)

OFF_THE_FLOOR = frozenset(
    {"climb_up", "climb_down", "climb_stay", "stairs_up", "stairs_down", "sit_high", "swim"}
)
"""Kinds whose floor is not y = 0 all along; only "climb" is asked of them."""

SHOWING: dict[str, frozenset[str]] = {
    "run": frozenset({"run_forward", "run_fast"}),
    "walk_forward": frozenset({"walk_forward", "walk_quickly"}),
    "turn_around": frozenset({"turn_around_left", "turn_around_right"}),
    "sidestep_left": frozenset({"walk_left"}),
    "sidestep_right": frozenset({"walk_right"}),
    "march_in_place": frozenset({"walk_in_place"}),
    "punch": frozenset({"punch", "punch_left", "punch_right", "punch_kick"}),
    "kick": frozenset({"kick", "kick_left", "kick_right", "punch_kick"}),
    "crouch": frozenset({"crouch", "crouch_down", "squat"}),
    "sit": frozenset({"sit"}),
    "climb": frozenset({"climb_up", "stairs_up"}),
    **{
        action: frozenset({action})
        for action in (
            *("stand", "walk_slowly", "walk_quickly", "walk_backward", "jog", "walk_turn_left"),
            *("walk_turn_right", "run_turn_left", "run_turn_right", "turn_left", "turn_right"),
            *("jump", "jump_forward", "hop", "jog_in_place", "sit_down", "stand_up", "sneak"),
            *("squat", "pick_up", "punch_left", "punch_right", "kick_left", "kick_right"),
            *("dance", "wave_left", "wave_right", "raise_arms", "jumping_jacks", "drink"),
            "cartwheel",
        )
    },
}
"""Action -> kinds whose stretches show it."""

MAY_SHOW: dict[str, frozenset[str]] = {
    "stand": _IDLE | _MIXED | {"exercise", "sword", "jump_turn_left", "jump_turn_right"},
    "walk_forward": _STRAIGHT | _MIXED | {"run_other", "run_jump", "gesture"},
    "walk_slowly": _STRAIGHT | _MIXED | _STEPPING,
    "walk_quickly": _STRAIGHT | _MIXED | _RUNS,
    "walk_backward": _MIXED | _STEPPING | _FIGHTING | {"run_backward"},
    "run": _RUNS | _MIXED,
    "jog": _RUNS | _MIXED | {"walk_forward"},
    "walk_turn_left": _CURVES_LEFT | _MIXED | _STEPPING,
    "walk_turn_right": _CURVES_RIGHT | _MIXED | _STEPPING,
    "run_turn_left": _RUNS | _MIXED,
    "run_turn_right": _RUNS | _MIXED,
    "turn_left": _CURVES_LEFT | _MIXED | _FIGHTING | {"jump_turn_left", "walk_right", "spin"},
    "turn_right": _CURVES_RIGHT | _MIXED | _FIGHTING | {"jump_turn_right", "walk_left", "spin"},
    "turn_around": _CURVES_LEFT | _CURVES_RIGHT | _MIXED | _FIGHTING | {"spin"},
    "sidestep_left": _MIXED | _FIGHTING | _STEPPING,
    "sidestep_right": _MIXED | _FIGHTING | _STEPPING,
    "jump": _JUMPS | _MIXED | _FIGHTING,
    "jump_forward": _JUMPS | _MIXED | _FIGHTING,
    "hop": _JUMPS | _MIXED,
    "march_in_place": _MIXED | _STEPPING | {"jog_in_place"},
    "jog_in_place": _MIXED | {"hop", "jumping_jacks"},
    "sit": _MIXED | {"sit_down", "stand_up", "crouch", "kneel", "squat", "crawl", "get_up"},
    "sit_down": _MIXED | {"sit"},
    "stand_up": _MIXED | {"get_up", "squat", "kneel"},
    "crouch": _MIXED | _FIGHTING | {"sneak", "kneel", "sit_down", "stand_up", "get_up", "push"},
    "sneak": _MIXED | {"duck_run", "push"},
    "squat": _MIXED | {"crouch_down", "flip"},
    "pick_up": _MIXED | {"squat", "kneel", "bow", "wash"},
    **dict.fromkeys(("punch", "punch_left", "punch_right"), _FIGHTING | _MIXED | {"throw"}),
    **dict.fromkeys(("kick", "kick_left", "kick_right"), _FIGHTING | _MIXED | {"flip", "spin"}),
    "dance": _MIXED,
    **dict.fromkeys(("wave_left", "wave_right"), _MIXED | {"gesture", "wave", "wash"}),
    "raise_arms": _MIXED | _JUMPS | {"gesture", "laugh", "sword"},
    "jumping_jacks": _MIXED | {"exercise", "stretch"},
    "drink": _MIXED | {"gesture", "wash"},
    "climb": _MIXED,
    "cartwheel": _MIXED | {"flip", "spin", "roll", "fall", "run_jump"},
}
"""Action -> kinds whose stretches may show it by the way; no false alarm is counted there."""
