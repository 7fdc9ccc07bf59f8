"""A typed line is a prompt, or one of the commands, or a refusal that lists them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_bridge.commands import (
    ClearQueue,
    Command,
    Pause,
    QueuePrompt,
    Reset,
    Resume,
    SetPrompt,
    Stop,
)
from flood_bridge.errors import CommandError
from flood_bridge.protocol.lines import read_line

OBEYED = {
    "a person walks": SetPrompt(text="a person walks"),
    "/pause": Pause(),
    "/resume": Resume(),
    "/stop": Stop(),
    "/reset": Reset(),
    "/reset 5": Reset(seed=5),
    "/queue clear": ClearQueue(),
    "/queue 2.5 a person  jumps": QueuePrompt(text="a person jumps", duration_secs=2.5),
}


@pytest.mark.parametrize("line", OBEYED)
def test_each_line_is_the_command_it_asks_for(line):
    assert read_line(line) == OBEYED[line]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("/dance", "valid are /pause"),
        ("/pause now", "valid are /pause"),
        ("/reset five", r"/reset \[SEED\]"),
        ("/reset -5", "from 0 to 2147483647"),
        ("/queue", "/queue SECONDS TEXT"),
        ("/queue jump 2", "/queue SECONDS TEXT"),
        ("/queue nan jump", "at most 3600 s"),
        ("/" + "x" * 4000, "is not a command"),
        ("/reset " + "9" * 4080, "is not a number|from 0 to"),
        ("x" * 600, "600 bytes of UTF-8"),
    ],
)
def test_each_refusal_says_what_is_valid(line, reason):
    with pytest.raises(CommandError, match=reason):
        read_line(line)


@given(st.text())
def test_any_line_is_a_command_or_a_refusal(line):
    try:
        assert isinstance(read_line(line), Command)
    except CommandError as error:
        assert str(error)
