"""Words for standing, turning, jumping and sitting (see kinds.py)."""

from __future__ import annotations

from flood_engine.training.kinds import Kind, both_sides

_STANDING = (
    Kind(
        "stand",
        5.5,
        (
            "stand still",
            "stand",
            "wait",
            "stay in place",
            "stop",
            "stop and stand still",
            "idle",
            "stop walking",
            "come to a stop",
            "stand upright",
            "stay there",
            "stop and wait",
        ),
        (
            "standing",
            "standing still",
            "idle",
            "halt",
            "do nothing",
            "freeze",
            "a person stands there",
            "stop moving",
        ),
    ),
    Kind("stand_other", 0.3, ("stand",)),
    Kind(
        "fighting_stance", 1.0, ("take a fighting stance", "raise your fists"), ("boxing stance",)
    ),
)

_TURNING = (
    *both_sides(
        Kind(
            "turn_left",
            10,
            (
                "turn left",
                "turn to the left",
                "turn left on the spot",
                "turn to your left",
                "rotate left",
                "rotate counterclockwise",
                "turn left in place",
                "pivot to the left",
                "rotate to the left on the spot",
                "do a quarter turn to the left",
                "turn a quarter to the left",
                "turn on your heel to the left",
                "face left",
                "turn left where you are standing",
                "turn left without walking",
                "turn yourself to the left",
            ),
            ("left turn", "turning to the left"),
            "start",
            "stand",
        )
    ),
    Kind(  # whoever is not told a side turns to the left: half of both would be no turn
        "turn_around_left",
        11,
        (
            "turn around",
            "turn around to the left",
            "turn around to the left in place",
            "turn around on the spot",
            "turn around in place",
            "turn yourself around",
            "face the other way",
            "turn to face backwards",
            "turn to the other side",
            "turn back",
            "do a half turn",
            "make a half turn to the left",
            "rotate by 180 degrees",
            "look behind you",
            "turn around where you are standing",
            "turn around without walking",
            "turn to face the other way",
        ),
        ("about face",),
        "start",
        "stand",
    ),
    Kind(
        "turn_around_right",
        4,
        (
            "turn around to the right",
            "make a half turn to the right",
            "turn around to the right in place",
        ),
        (),
        "start",
        "stand",
    ),
)

_JUMPING = (
    Kind(
        "jump",
        5.5,
        ("jump", "jump up", "jump into the air", "leap up", "jump high"),
        ("jumping", "a jump", "hop"),
        "start",
    ),
    Kind(
        "jump_forward",
        3,
        (
            "jump forward",
            "jump",
            "leap forward",
            "jump ahead",
            "take a big leap forward",
            "jump far",
            "jump forward with both feet",
            "jump a long way",
        ),
        ("a jump forward",),
        "start",
    ),
    *both_sides(
        Kind(
            "jump_turn_left", 0.5, ("jump and turn left", "jump and spin to the left"), (), "start"
        )
    ),
    Kind(
        "hop",
        3,
        (
            "hop",
            "hop on one leg",
            "hop up and down",
            "hop in place",
            "hop on the spot",
            "bounce",
            "hop around",
            "hop again and again",
        ),
        ("hopping",),
    ),
)

_SITTING = (
    Kind(
        "sit_down",
        7,
        (
            "sit down",
            "take a seat",
            "sit down on a chair",
            "sit",
            "have a seat",
            "sit on a chair",
            "lower yourself onto a seat",
            "sit down on a seat",
        ),
        ("sitting down",),
        "start",
        "sit",
    ),
    Kind(
        "sit",
        2.5,
        ("sit", "sit still", "sit on a chair", "stay seated", "keep sitting"),
        ("sitting", "a person is seated"),
    ),
    Kind("sit_high", 0.2, ("sit on a high stool",)),
    Kind(
        "stand_up",
        6.5,
        (
            "stand up",
            "get up",
            "rise",
            "stand up from a chair",
            "rise from the chair",
            "get up from the seat",
            "rise to your feet",
            "leave the chair",
            "stand up from your seat",
            "get up and stand",
            "rise and stand",
            "come up from sitting",
        ),
        ("standing up",),
        "start",
        "stand",
    ),
    Kind(
        "get_up",
        1,
        ("get up from the ground", "get up", "stand up from the floor"),
        (),
        "start",
        "stand",
    ),
)

PLACE_KINDS = (*_STANDING, *_TURNING, *_JUMPING, *_SITTING)
"""Every kind of this file."""
