"""What ``flood-bridge`` can be told to do: one module a verb.

A verb is a frozen dataclass: its docstring and those of its fields are its help, its ``perform``
does it and returns the exit status. :mod:`flood_bridge.cli` lists the verbs. Everything heavy is
imported by the verb that needs it, so that help and mistakes come quickly.
"""
