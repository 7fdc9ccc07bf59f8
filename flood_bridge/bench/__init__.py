"""``flood-bridge bench``: what this machine can do with the model in use, in one table.

Every figure is of the parts that the daemon runs, driven here without a clock; the latency of a
prompt is that of a whole daemon. Time is an argument.
"""
