"""Words for what a body does besides going places: fighting, waving, dancing (see kinds.py)."""

from __future__ import annotations

from flood_engine.training.kinds import Kind, both_sides

_FIGHTING = (
    *both_sides(
        Kind(
            "punch_left",
            7,
            (
                "punch",
                "punch with the left hand",
                "throw a left punch",
                "punch with the left fist",
                "jab with the left hand",
                "hit with the left hand",
                "strike with the left hand",
                "hit with your left fist",
                "throw a punch with the left hand",
                "punch with the left arm",
                "throw a left jab",
            ),
            ("left punch", "left jab", "left hook"),
        )
    ),
    Kind(
        "punch",
        3,
        (
            "punch",
            "throw punches",
            "box",
            "fight",
            "punch with both hands",
            "hit with your fists",
            "shadow box",
            "punch the air",
            "throw a punch",
            "strike with your fists",
        ),
        ("boxing", "punching", "shadow boxing"),
    ),
    *both_sides(
        Kind(
            "kick_left",
            3.5,
            (
                "kick",
                "kick with the left leg",
                "do a left kick",
                "kick with the left foot",
                "do a kick with the left leg",
                "swing the left leg in a kick",
                "kick hard with the left leg",
                "raise the left leg and kick",
            ),
            ("left kick", "left leg kick"),
            "start",
        )
    ),
    Kind("kick", 0.8, ("kick", "do a kick", "kick high"), ("kicking", "a kick"), "start"),
    Kind("punch_kick", 1.2, ("punch and kick",), entry="start"),
    Kind(
        "martial",
        1.0,
        ("do karate", "practise karate", "do martial arts", "perform a karate kata"),
        ("karate", "martial arts", "kung fu"),
    ),
)

_ARMS = (
    *both_sides(
        Kind(
            "wave_left",
            5.5,
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
    Kind("wave", 0.4, ("wave", "wave hello", "wave your hand", "greet someone"), ("hello",)),
    *both_sides(
        Kind(
            "walk_wave_left",
            1.2,
            ("walk and wave", "walk forward and wave with the left hand"),
        )
    ),
    Kind("gesture", 0.8, ("gesture with the arms", "signal with the arms")),
    Kind("talk", 0.4, ("talk", "talk and gesture"), ("talking",)),
    Kind(
        "raise_arms",
        2,
        ("raise both arms", "raise your hands", "hold your arms up"),
        ("hands up",),
    ),
    Kind("celebrate", 0.4, ("celebrate", "cheer"), ("celebrating", "victory")),
    Kind("laugh", 0.6, ("laugh", "laugh out loud"), ("laughing",)),
)

_DANCING = (
    Kind(
        "dance",
        6,
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
    Kind("breakdance", 0.3, ("breakdance",), ("breakdancing",)),
)

_LOW = (
    Kind(
        "crouch",
        4,
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
        3,
        ("sneak", "walk crouched", "sneak forward", "tiptoe", "walk in a crouch"),
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

_OTHERS = (
    Kind("exercise", 0.8, ("exercise", "work out"), ("exercising", "gymnastics")),
    Kind("jumping_jacks", 2.5, ("do jumping jacks",), ("jumping jacks",)),
    Kind("stretch", 0.9, ("stretch", "stretch your body"), ("stretching",)),
    Kind("basketball", 0.5, ("dribble a basketball", "play basketball"), ("basketball",)),
    Kind("drink", 2, ("drink", "drink from a bottle"), ("drinking",)),
    Kind("wash", 0.6, ("wipe a window", "wash"), ("washing",)),
    Kind("sword", 0.4, ("swing a sword", "fight with a sword"), ("sword fighting",)),
    Kind("shoot", 0.4, ("aim a gun", "shoot a gun"), ("shooting",)),
    Kind("throw", 0.6, ("throw something", "throw a ball"), ("throwing",), "start"),
    Kind("push", 0.4, ("push", "push something heavy"), ("pushing",)),
    Kind("swim", 0.3, ("swim",), ("swimming",)),
    Kind("cartwheel", 2.5, ("do a cartwheel",), ("cartwheel",), "start"),
    Kind("flip", 0.4, ("do a flip", "do a somersault"), ("flip", "somersault"), "start"),
    Kind("spin", 0.3, ("spin around",), ("spinning",), "start"),
    Kind("hit", 0.4, ("get hit and flinch",), (), "start"),
    Kind("sequence", 0.1, (), (), "start"),
    Kind("other", 0.1, ()),
)

ACTION_KINDS = (*_FIGHTING, *_ARMS, *_DANCING, *_LOW, *_CLIMBING, *_OTHERS)
"""Every kind of this file."""
