"""``python -m flood_bridge`` is ``flood-bridge``."""

from __future__ import annotations

import sys

from flood_bridge.cli import main

if __name__ == "__main__":
    sys.exit(main())
