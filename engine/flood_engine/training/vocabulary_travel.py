"""Words for walking and running (see kinds.py)."""

from __future__ import annotations

from flood_engine.training.kinds import Kind, both_sides

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
            "walk on",
            "walk on straight",
            "go ahead",
            "walk onward",
            "keep going forward",
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
        4.5,
        (
            "step in place",
            "march in place",
            "march on the spot",
            "walk on the spot",
            "lift your knees",
            "step on the spot",
            "march where you are standing",
            "walk without moving forward",
            "step without leaving your place",
            "march without going anywhere",
            "lift your knees high in place",
        ),
        ("marching",),
    ),
)

_RUNNING = (
    Kind(
        "run_forward",
        10,
        (
            "run",
            "run forward",
            "run straight ahead",
            "keep running",
            "run straight",
            "run on",
            "run straight forward",
        ),
        ("running", "start running"),
    ),
    Kind(
        "run_fast", 2, ("sprint", "run fast", "run quickly", "dash forward"), ("sprinting", "run!!")
    ),
    Kind(
        "jog",
        4,
        (
            "jog",
            "jog forward",
            "run slowly",
            "run along at an easy pace",
            "jog slowly",
            "run gently",
            "jog at a comfortable pace",
            "run in a relaxed way",
        ),
        ("jogging",),
    ),
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
    Kind(
        "jog_in_place",
        3,
        (
            "jog in place",
            "run on the spot",
            "run in place",
            "run without moving forward",
            "jog without leaving your place",
            "run where you are standing",
            "jog on one spot",
        ),
        (),
    ),
)

TRAVEL_KINDS = (*_WALKING, *_RUNNING)
"""Every kind of this file."""
