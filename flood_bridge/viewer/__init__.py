"""The live 3-D page: see what the bridge publishes, and steer it.

The page is served by a process of its own, because drawing for many browsers must never make a
frame late: the daemon's tick and the web server would share one Python interpreter otherwise.

::

    daemon's process                                   the viewer's process
    output (its thread) ──── pickled values, stdin ──▶ main thread ──▶ room ──▶ scene, panels
    input  (its thread) ◀─── lines of JSON, stdout ─── callbacks of viser ◀── browsers

:mod:`.link` is all that the daemon imports; viser (MIT licence, https://viser.studio) is imported
by the viewer's process alone. Time is that of the frames and the status: nothing reads a clock.
"""
