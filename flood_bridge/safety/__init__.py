"""Whether a real robot may be led now, and why not: a state machine with time as an argument.

::

    IDLE ──arm──▶ ARMED ──near the motion──▶ BLEND_IN ──▶ LIVE
     ▲              │ nobody came                │          │ a cause to stop
     │◀─────────────┘                            ▼          ▼
     │◀───at the safe pose─── BLEND_OUT ◀──── HOLD ◀────────┘
     │                          (disarm, no motion)  HOLD ──cause gone──▶ BLEND_IN
     └──reset── ESTOP ◀── from every state

It decides; it moves nothing. What a state means for the joints is done by the live robot
(:mod:`flood_bridge.live.robot_guard`), within limits of its own.
"""
