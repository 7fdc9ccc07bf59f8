"""Words for what a body does besides going places: fighting, waving, dancing (see kinds.py)."""

from __future__ import annotations

from flood_engine.training.kinds import Kind, both_sides

_FIGHTING = (
    *both_sides(
        Kind(
            "punch_left",
            2.6,
            (
                "punch",
                "punch with the left hand",
                "throw a left punch",
                "punch with the left fist",
                "jab with the left hand",
                "hit with the left hand",
            ),
            ("left punch", "left jab", "left hook"),
        )
    ),
    Kind(
        "punch",
        5,
        (
            "punch",
            "throw punches",
            "box",
            "fight",
            "punch with both hands",
            "hit with your fists",
            "shadow box",
        ),
        ("boxing", "punching", "shadow boxing"),
    ),
    *both_sides(
        Kind(
            "kick_left",
            3,
            (
                "kick",
                "kick with the left leg",
                "do a left kick",
                "kick with the left foot",
                "do a kick with the left leg",
            ),
            ("left kick", "left leg kick"),
            "start",
        )
    ),
    Kind("kick", 2.5, ("kick", "do a kick", "kick high"), ("kicking", "a kick"), "start"),
    Kind("punch_kick", 1.2, ("punch and kick",), entry="start"),
    Kind(
        "martial",
        1.8,
        ("do karate", "practise karate", "do martial arts", "perform a karate kata"),
        ("karate", "martial arts", "kung fu"),
    ),
)

_ARMS = (
    *both_sides(
        Kind(
            "wave_left",
            5,
            (
                "wave",
                "wave hello",
                "wave with the left hand",
                "wave your left hand",
                "wave hello with the left hand",
                "wave the left arm",
                "greet someone with the left hand",
                "say hello with the left hand",
            ),
            ("a person waves with the left hand", "left hand wave"),
        )
    ),
    Kind("wave", 0.8, ("wave", "wave hello", "wave your hand", "greet someone"), ("hello",)),
    *both_sides(
        Kind(
            "walk_wave_left",
            1.2,
            ("walk and wave", "walk forward and wave with the left hand"),
        )
    ),
    Kind("gesture", 1.3, ("gesture with the arms", "signal with the arms")),
    Kind("talk", 0.6, ("talk", "talk and gesture"), ("talking",)),
    Kind(
        "raise_arms",
        1.6,
        ("raise both arms", "raise your hands", "hold your arms up"),
        ("hands up",),
    ),
    Kind("celebrate", 0.6, ("celebrate", "cheer"), ("celebrating", "victory")),
    Kind("laugh", 0.9, ("laugh", "laugh out loud"), ("laughing",)),
)

_DANCING = (
    Kind(
        "dance",
        8,
        (
            "dance",
            "perform a dance",
            "dance to the music",
            "groove",
            "groove to the music",
            "do a dance",
        ),
        ("dancing", "dance moves", "dance!!", "party"),
    ),
    Kind("breakdance", 0.7, ("breakdance",), ("breakdancing",)),
)

_LOW = (
    Kind(
        "crouch",
        4.5,
        ("crouch", "crouch down", "squat", "stay low", "duck", "stay crouched"),
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
        2.5,
        ("do squats", "exercise with squats", "squat up and down"),
        ("squats", "knee bends"),
        "start",
    ),
    Kind(
        "sneak",
        2.4,
        ("sneak", "walk crouched", "sneak forward", "tiptoe", "walk in a crouch"),
        ("sneaking", "stealthy walk"),
    ),
    Kind("duck_run", 0.6, ("run and duck",), entry="start"),
    Kind("kneel", 1.0, ("kneel", "kneel down"), ("kneeling",)),
    Kind(
        "pick_up",
        1.8,
        ("pick something up", "bend down and pick something up", "pick up an object"),
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
        5,
        ("climb", "climb up", "climb a ladder", "climb upwards", "scale a ladder"),
        ("climbing", "climbing up"),
        "start",
    ),
    Kind(
        "stairs_up",
        1.5,
        ("climb up the stairs", "walk up the stairs", "climb the steps", "go up the stairs"),
        ("upstairs",),
        "start",
    ),
    Kind("climb_down", 0, ("climb down",), ("climbing down",), "continue"),
    Kind("stairs_down", 0, ("walk down the stairs", "go down the stairs"), (), "continue"),
    Kind("climb_stay", 0, (), (), "continue"),
)

_OTHERS = (
    Kind("exercise", 1.6, ("exercise", "work out"), ("exercising", "gymnastics")),
    Kind("jumping_jacks", 1.4, ("do jumping jacks",), ("jumping jacks",)),
    Kind("stretch", 0.9, ("stretch", "stretch your body"), ("stretching",)),
    Kind("basketball", 0.9, ("dribble a basketball", "play basketball"), ("basketball",)),
    Kind("drink", 1.3, ("drink", "drink from a bottle"), ("drinking",)),
    Kind("wash", 0.6, ("wipe a window", "wash"), ("washing",)),
    Kind("sword", 0.5, ("swing a sword", "fight with a sword"), ("sword fighting",)),
    Kind("shoot", 0.4, ("aim a gun", "shoot a gun"), ("shooting",)),
    Kind("throw", 0.6, ("throw something", "throw a ball"), ("throwing",), "start"),
    Kind("push", 0.6, ("push", "push something heavy"), ("pushing",)),
    Kind("swim", 0.3, ("swim",), ("swimming",)),
    Kind("cartwheel", 1.2, ("do a cartwheel",), ("cartwheel",), "start"),
    Kind("flip", 0.6, ("do a flip", "do a somersault"), ("flip", "somersault"), "start"),
    Kind("spin", 0.3, ("spin around",), ("spinning",), "start"),
    Kind("hit", 0.4, ("get hit and flinch",), (), "start"),
    Kind("sequence", 0.5, (), (), "start"),
    Kind("other", 0.5, ()),
)

ACTION_KINDS = (*_FIGHTING, *_ARMS, *_DANCING, *_LOW, *_CLIMBING, *_OTHERS)
"""Every kind of this file."""
