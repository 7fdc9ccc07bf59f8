"""Words for getting down and for climbing up (see kinds.py)."""

from __future__ import annotations

from flood_engine.training.kinds import Kind

_LOW = (
    Kind(
        "crouch",
        4,
        (
            "crouch",
            "crouch down",
            "squat",
            "stay low",
            "duck",
            "stay crouched",
            "get down low",
            "go down into a crouch",
            "bend your knees and stay down",
            "stay in a squat",
            "lower your body",
        ),
        ("crouching", "squatting", "get down"),
    ),
    Kind(
        "crouch_down",
        0.8,
        ("crouch", "crouch down", "squat down", "duck down"),
        ("get low",),
        "start",
        "crouch",
    ),
    Kind(
        "squat",
        3,
        (
            "do squats",
            "exercise with squats",
            "squat up and down",
            "do deep knee bends",
            "bend and stretch your knees",
            "squat again and again",
            "go down and up in squats",
            "do one squat after another",
        ),
        ("squats", "knee bends"),
        "start",
    ),
    Kind(
        "sneak",
        4,
        (
            "sneak",
            "walk crouched",
            "sneak forward",
            "tiptoe",
            "walk in a crouch",
            "creep",
            "creep along",
            "walk bent low",
            "walk with bent knees",
            "crouch and walk",
            "move ahead stealthily",
            "sneak up",
        ),
        ("sneaking", "stealthy walk"),
    ),
    Kind("duck_run", 0.3, ("run and duck",), entry="start"),
    Kind("kneel", 1.0, ("kneel", "kneel down"), ("kneeling",)),
    Kind(
        "pick_up",
        4.5,
        (
            "pick something up",
            "bend down and pick something up",
            "pick up an object",
            "pick it up from the ground",
            "grab something from the floor",
            "lift something from the floor",
            "reach down to the floor",
            "bend down and take something",
            "bend over and pick something up",
            "take an object from the floor",
        ),
        (),
        "start",
    ),
    Kind("bow", 0.7, ("bow",), ("bowing", "take a bow"), "start"),
    Kind("crawl", 0.8, ("crawl", "crawl forward", "crawl on the ground"), ("crawling",)),
    Kind("fall", 0.9, ("fall", "fall down", "collapse"), ("falling",), "start"),
    Kind("lie", 0.3, ("lie down", "sleep", "lie on the ground"), ("lying",)),
    Kind("roll", 0.7, ("roll forward", "do a forward roll"), ("forward roll",), "start"),
)

_CLIMBING = (
    Kind(
        "climb_up",
        3.5,
        ("climb", "climb up", "climb a ladder", "climb upwards", "scale a ladder"),
        ("climbing", "climbing up"),
        "start",
    ),
    Kind(
        "stairs_up",
        0.7,
        ("climb up the stairs", "walk up the stairs", "climb the steps", "go up the stairs"),
        ("upstairs",),
        "start",
    ),
    Kind("climb_down", 0, ("climb down",), ("climbing down",), "continue"),
    Kind("stairs_down", 0, ("walk down the stairs", "go down the stairs"), (), "continue"),
    Kind("climb_stay", 0, (), (), "continue"),
)

HEIGHT_KINDS = (*_LOW, *_CLIMBING)
"""Every kind of this file."""
