"""From the human's joints to a robot's joint angles or an avatar's bone rotations.

Only positions are used. The rotations that the motion features carry are shortest arcs from an
arms-down rest pose: their twist jumps where an arm is raised, so both retargeters build their own
frames from the joint positions, in the pelvis and the chest.
"""
