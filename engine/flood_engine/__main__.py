"""``python -m flood_engine parity DIR``: check this engine against recorded runs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from flood_engine.errors import FloodEngineError


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m flood_engine", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    parity = verbs.add_parser("parity", help="compare with a folder of golden vectors")
    parity.add_argument("folder", type=Path, help="folder in the golden format (docs/parity.md)")
    options = parser.parse_args(arguments)
    try:
        return _parity(options.folder)
    except (FloodEngineError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 2


def _parity(folder: Path) -> int:
    from flood_engine.parity import compare_folder  # noqa: PLC0415 - torch only when it is needed

    all_hold = True
    for result in compare_folder(folder):
        verdict = "ok" if result.holds else "FAILED"
        all_hold &= result.holds
        print(  # noqa: T201
            f"{result.case:42s} largest error {result.error:.2e}"
            f"  tolerance {result.tolerance:.0e}  {verdict}"
        )
    return 0 if all_hold else 1


if __name__ == "__main__":
    sys.exit(main())
