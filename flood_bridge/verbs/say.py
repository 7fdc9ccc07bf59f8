"""``flood-bridge say``: one prompt to a running daemon, and its receipt."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, arg

from flood_bridge.commands import Urgency
from flood_bridge.errors import CommandError, ConfigError
from flood_bridge.events import PromptApplied, Rejected
from flood_bridge.verbs.terminal import show

if TYPE_CHECKING:
    from flood_bridge.inputs.receipts import ReceiptListener


@dataclass(frozen=True)
class Say:
    """Tell a running flood-bridge what to do, and wait for the motion to follow."""

    text: Annotated[Positional[str], arg(metavar="TEXT")]
    """What the character is to do."""
    host: str = "127.0.0.1"
    """Where flood-bridge runs."""
    port: int = 9500
    """Its control port."""
    character: int = 0
    """Which character is meant."""
    urgency: Urgency = "soft"
    """queue: after what is queued; soft: in about a second; now: at once."""
    receipt_port: int = 9501
    """Where its native OSC stream arrives on this machine; receipts come with it."""
    wait_secs: float = 5.0
    """How long to wait for the receipt; 0 does not wait."""

    def __post_init__(self) -> None:
        if not 0 <= self.wait_secs <= 600:
            raise ConfigError(f"--wait-secs is {self.wait_secs}; valid are 0 to 600")

    def perform(self) -> int:
        """Send the prompt and tell its receipt; return the exit status."""
        from flood_bridge.outputs.osc import send_prompt  # noqa: PLC0415

        request_id = random.randrange(1, 2**31)
        listener = _listen(self)
        try:
            send_prompt(self.text, self.host, self.port, self.character, request_id, self.urgency)
            receipt = _receipt(listener, request_id, self.wait_secs) if listener else None
        finally:
            if listener:
                listener.close()
        if isinstance(receipt, Rejected):
            raise CommandError(f"refused: {receipt.reason}")
        if receipt is None:
            show(f"sent to {self.host} port {self.port} (no receipt was seen)")
        else:
            show(
                f"shown from frame {receipt.sequence} on, {receipt.latency_ms} ms after it arrived"
            )
        return 0


def _listen(say: Say) -> ReceiptListener | None:
    """Listen for receipts, unless they are not wanted or another program gets them."""
    from flood_bridge.inputs.receipts import ReceiptListener  # noqa: PLC0415

    if not say.wait_secs:
        return None
    try:
        return ReceiptListener("127.0.0.1", say.receipt_port)
    except ConfigError:
        return None


def _receipt(
    listener: ReceiptListener, request_id: int, wait_secs: float
) -> PromptApplied | Rejected | None:
    """Return what the daemon says of the request, if it says it in time."""
    deadline_secs = time.monotonic() + wait_secs
    while (left_secs := deadline_secs - time.monotonic()) > 0:
        for event in listener.receive(left_secs) or ():
            if event.request_id == request_id:
                return event
    return None
