"""Values to bytes or plain fields, and back. Pure: no sockets, no threads, no clock.

Only here do other axes, other quaternion orders and wire formats exist.
"""
