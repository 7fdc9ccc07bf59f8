"""The parts of a running daemon, between the pure rooms and the threads.

Each part is either plain state (:mod:`.character`) or offers a blocking ``run()`` that ends after
``close()``; locks are theirs, threads and the clock are not: :mod:`flood_bridge.daemon` starts
the former and passes the latter in.
"""
