"""Words for standing, going, turning, jumping and sitting (see kinds.py)."""

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

_WALKING = (
    Kind(
        "walk_forward",
        10,
        (
            "walk",
            "walk forward",
            "walk straight ahead",
            "walk forwards",
            "go forward",
            "keep walking",
            "stroll",
        ),
        ("walking", "walk ahead", "start walking", "a person walks in a straight line"),
    ),
    Kind(
        "walk_slowly",
        3.5,
        (
            "walk slowly",
            "walk slowly forward",
            "stroll",
            "stroll along",
            "amble",
            "walk very slowly",
            "walk leisurely",
        ),
        ("slow walk",),
    ),
    Kind(
        "walk_quickly",
        3.5,
        (
            "walk quickly",
            "walk fast",
            "walk briskly",
            "hurry forward",
            "walk faster",
            "walk at a quick pace",
            "walk very fast",
        ),
        ("fast walk",),
    ),
    Kind("walk_other", 1.5, ("walk", "walk around"), ("walking around",)),
    Kind("walk_styled", 0.8, ()),
    Kind(
        "walk_backward",
        6,
        (
            "walk backward",
            "walk backwards",
            "step backward",
            "step back",
            "back up",
            "go backwards",
        ),
        ("backing away", "reverse"),
    ),
    *both_sides(
        Kind(
            "walk_left",
            4,
            (
                "walk sideways to the left",
                "sidestep to the left",
                "step to the left",
                "step left",
                "move sideways to the left",
                "go sideways to the left",
                "shuffle to the left",
                "take side steps to the left",
            ),
        )
    ),
    *both_sides(
        Kind(
            "walk_turn_left",
            5,
            (
                "turn left",
                "walk and turn left",
                "turn left while walking",
                "walk in a curve to the left",
                "walk to the left",
                "walk in a circle to the left",
                "veer left",
            ),
            ("go left", "left turn", "a person walks forward and turns left"),
        )
    ),
    Kind(
        "walk_in_place",
        4,
        (
            "step in place",
            "march in place",
            "march on the spot",
            "walk on the spot",
            "lift your knees",
            "step on the spot",
        ),
        ("marching",),
    ),
)

_RUNNING = (
    Kind(
        "run_forward",
        10,
        ("run", "run forward", "run straight ahead", "keep running"),
        ("running", "start running"),
    ),
    Kind(
        "run_fast", 2, ("sprint", "run fast", "run quickly", "dash forward"), ("sprinting", "run!!")
    ),
    Kind("jog", 3, ("jog", "jog forward", "run slowly"), ("jogging",)),
    Kind("run_other", 0.4, ("run",)),
    Kind("run_backward", 0.3, ("run backward", "run backwards")),
    *both_sides(
        Kind(
            "run_turn_left",
            6,
            (
                "run and turn left",
                "run in a curve to the left",
                "turn left while running",
                "run to the left",
                "run in a circle to the left",
                "run and veer left",
                "curve to the left while running",
                "run along an arc to the left",
            ),
        )
    ),
    Kind("run_jump", 0.4, ("run and jump",), entry="start"),
    Kind("jog_in_place", 2, ("jog in place", "run on the spot", "run in place"), ()),
)

_TURNING = (
    *both_sides(
        Kind(
            "turn_left",
            9,
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
        2.5,
        ("jump forward", "jump", "leap forward", "jump ahead"),
        ("a jump forward",),
        "start",
    ),
    *both_sides(
        Kind(
            "jump_turn_left", 0.5, ("jump and turn left", "jump and spin to the left"), (), "start"
        )
    ),
    Kind("hop", 2.5, ("hop", "hop on one leg", "hop up and down"), ("hopping",)),
)

_SITTING = (
    Kind(
        "sit_down",
        7,
        ("sit down", "take a seat", "sit down on a chair", "sit", "have a seat", "sit on a chair"),
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
        4,
        ("stand up", "get up", "rise", "stand up from a chair", "rise from the chair"),
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

TRAVEL_KINDS = (*_STANDING, *_WALKING, *_RUNNING, *_TURNING, *_JUMPING, *_SITTING)
"""Every kind of this file."""
