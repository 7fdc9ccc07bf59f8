"""How good is a model? ``python -m flood_engine.training.evaluate [--model DIR] [--json OUT]``.

Without options: obedience over the package's prompts, changes between actions, ten-minute
streams and feet, of the bundled model, next to stored figures of recorded motion.  Nothing but
the model is needed.  What is measured, and how, is told in docs/evaluation.md.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from flood_engine.errors import FloodEngineError
from flood_engine.training.evaluation import tables
from flood_engine.training.evaluation.command import evaluate, say
from flood_engine.training.evaluation.reference import write_reference
from flood_engine.training.evaluation.validate import validate_judge

PARTS = ("obedience", "transitions", "drift", "feet", "retrieval")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m flood_engine.training.evaluate",
        description=(__doc__ or "").replace("``", ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--model",
        default="bundled",
        metavar="DIR",
        help='folder of a model, or "bundled" (default)',
    )
    add("--only", type=_parts, metavar="PARTS", help=f"parts, with commas, of {', '.join(PARTS)}")
    add(
        "--prompts",
        type=Path,
        metavar="CSV",
        help="list with columns prompt, action (and start, group)",
    )
    add("--seeds", type=_count, default=8, metavar="N", help="obedience: seeds 0 to N-1 (8)")
    add(
        "--minutes",
        type=float,
        default=10.0,
        metavar="MIN",
        help="drift: length of each stream (10)",
    )
    add("--json", type=Path, metavar="OUT", help="write all results here; go on from it if there")
    add("--threads", type=_count, metavar="N", help="CPU threads of PyTorch")
    add("--data", type=Path, metavar="DIR", help="recorded motion: retrieval needs it")
    add("--evaluator", type=Path, metavar="FILE", help="retrieval: keep its evaluator here")
    add("--validate-judge", type=Path, metavar="DATA", help="how often the judge errs on DATA")
    add("--make-reference", type=Path, metavar="DATA", help="remake the stored figures from DATA")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 1000:
        raise argparse.ArgumentTypeError(f"{number} is not in 1 to 1000")
    return number


def _parts(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}; valid are {', '.join(PARTS)}")
    return names


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0, or 2 when something given cannot be used."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not 0.5 <= options.minutes <= 600:
        parser.error(f"--minutes is {options.minutes}; valid is 0.5 to 600")
    options.only = options.only or [p for p in PARTS if p != "retrieval" or options.data]
    if "retrieval" in options.only and not options.data:
        parser.error("retrieval needs --data, a folder of recorded motion")
    try:
        _run(options)
    except (FloodEngineError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


def _run(options: argparse.Namespace) -> None:
    if options.validate_judge is not None:
        for result in validate_judge(options.validate_judge):
            for line in tables.validation_lines(result):
                say(line)
    elif options.make_reference is not None:
        write_reference(options.make_reference)
    else:
        evaluate(options)


if __name__ == "__main__":
    sys.exit(main())
