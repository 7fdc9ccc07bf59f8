"""Words for what a body does besides going places: fighting, waving, dancing (see kinds.py)."""

from __future__ import annotations

from flood_engine.training.kinds import Kind, both_sides

_FIGHTING = (
    *both_sides(
        Kind(
            "punch_left",
            8,
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
                "jab left",
                "box with the left fist",
                "strike out with the left arm",
                "punch left handed",
                "hit with the left",
                "punch using the left arm",
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
            "throw a few punches",
            "punch and jab",
            "fight with your fists",
            "box with someone",
        ),
        ("boxing", "punching", "shadow boxing"),
    ),
    *both_sides(
        Kind(
            "kick_left",
            4,
            (
                "kick",
                "kick with the left leg",
                "do a left kick",
                "kick with the left foot",
                "do a kick with the left leg",
                "swing the left leg in a kick",
                "kick hard with the left leg",
                "raise the left leg and kick",
                "kick left",
                "kick using the left foot",
                "kick high with the left leg",
                "kick forward with the left foot",
            ),
            ("left kick", "left leg kick"),
            "start",
        )
    ),
    Kind(
        "kick",
        1.5,
        (
            "kick",
            "do a kick",
            "kick high",
            "kick hard",
            "kick up high",
            "give a kick",
            "kick in front of you",
            "kick someone",
            "kick with a leg",
            "kick upwards",
        ),
        ("kicking", "a kick"),
        "start",
    ),
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
        3,
        (
            "raise both arms",
            "raise your hands",
            "hold your arms up",
            "lift your arms up",
            "lift both hands over your head",
            "put your arms up",
            "stretch both arms upward",
            "reach up with both hands",
            "hold both hands over your head",
        ),
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
            "dance around",
            "dance with joy",
            "move to the music",
            "dance to a beat",
        ),
        ("dancing", "dance moves", "dance!!", "party"),
    ),
    Kind("breakdance", 0.3, ("breakdance",), ("breakdancing",)),
)

_OTHERS = (
    Kind("exercise", 0.8, ("exercise", "work out"), ("exercising", "gymnastics")),
    Kind(
        "jumping_jacks",
        3,
        (
            "do jumping jacks",
            "do star jumps",
            "jump with spread arms",
            "jump and clap your hands over your head",
            "exercise by doing jumping jacks",
        ),
        ("jumping jacks",),
    ),
    Kind("stretch", 0.9, ("stretch", "stretch your body"), ("stretching",)),
    Kind("basketball", 0.5, ("dribble a basketball", "play basketball"), ("basketball",)),
    Kind(
        "drink",
        2,
        (
            "drink",
            "drink from a bottle",
            "drink water",
            "take a drink",
            "drink from a glass",
            "raise a cup to your lips",
            "drink something",
        ),
        ("drinking",),
    ),
    Kind("wash", 0.6, ("wipe a window", "wash"), ("washing",)),
    Kind("sword", 0.4, ("swing a sword", "fight with a sword"), ("sword fighting",)),
    Kind("shoot", 0.4, ("aim a gun", "shoot a gun"), ("shooting",)),
    Kind("throw", 0.6, ("throw something", "throw a ball"), ("throwing",), "start"),
    Kind("push", 0.4, ("push", "push something heavy"), ("pushing",)),
    Kind("swim", 0.3, ("swim",), ("swimming",)),
    Kind(
        "cartwheel",
        5,
        (
            "do a cartwheel",
            "do cartwheels",
            "cartwheel sideways",
            "go over sideways on both hands",
            "throw a cartwheel",
            "wheel over your hands",
        ),
        ("cartwheel",),
        "start",
    ),
    Kind("flip", 0.4, ("do a flip", "do a somersault"), ("flip", "somersault"), "start"),
    Kind("spin", 0.3, ("spin around",), ("spinning",), "start"),
    Kind("hit", 0.4, ("get hit and flinch",), (), "start"),
    Kind("sequence", 0.1, (), (), "start"),
    Kind("other", 0.1, ()),
)

ACTION_KINDS = (*_FIGHTING, *_ARMS, *_DANCING, *_OTHERS)
"""Every kind of this file."""
