"""The page as it is served: whole, guarded, the same for all, steered by one.

An independent client speaks viser's wire here; tests/viewer/test_browser.py does it in Chromium.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
import pytest
from websockets.exceptions import InvalidStatus

from flood_bridge.commands import (
    ClearQueue,
    Pause,
    QueuePrompt,
    SetGuidance,
    SetHistory,
    SetPrompt,
    SetSmoothing,
    SetSpeed,
    SetSteps,
)
from flood_bridge.viewer.guard import MAX_MESSAGE_BYTES, MAX_WATCHERS
from flood_bridge.viewer.messages import About

MODEL = About(3.5, 2, (1, 2, 3, 4), range(6, 31), 0.2, 1.0, "eager, float32")


def say(peer: Any, text: str) -> None:
    peer.put("Prompt", text)
    form = next(u for u, props in peer.gui.items() if props["kind"] == "GuiFormMessage")
    peer.send({"type": "GuiFormSubmitMessage", "uuid": form})


def fetch(port: int, path: str = "/", **headers: str) -> tuple[str, dict[str, str]]:
    with urlopen(Request(f"http://127.0.0.1:{port}{path}", headers=headers), timeout=30) as answer:
        return answer.read().decode(), dict(answer.headers)


def test_the_page_is_one_file_that_may_load_nothing_from_elsewhere(page: Any) -> None:
    html, headers = fetch(page.port)
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""", html)
    assert "default-src 'self'" in headers["Content-Security-Policy"]


def test_a_late_joiner_sees_the_figure_though_nothing_moves(
    page: Any, browse: Callable[[], Any], peer_at: Any
) -> None:
    page.play(2)
    browse()
    page.play(1)
    late = peer_at(page.port)
    try:
        page.wait_for(lambda: "/world/human0/balls" in late.arrays, "the figure", secs=0)
        page.wait_for(lambda: "Viewer 1 steers" in late.text, "the panel", secs=0)
        assert late.positions().shape == (22, 3)
        assert np.isfinite(late.positions()).all()
    finally:
        late.leave()


def test_all_see_the_figure_move_alike(page: Any, browse: Callable[[], Any]) -> None:
    peers = [browse(), browse(), browse()]
    then = peers[0].positions()
    page.wait_for(
        lambda: all(np.abs(p.positions() - then).max() > 0.5 for p in peers), "all see it move"
    )


def test_a_prompt_is_asked_for_and_the_time_line_follows(
    page: Any, browse: Callable[[], Any]
) -> None:
    peer = browse()
    say(peer, "a person <b>jumps</b>")
    command = page.next_command()
    assert isinstance(command, SetPrompt)
    assert (command.text, command.urgency) == ("a person <b>jumps</b>", "soft")
    page.wait_for(lambda: "coming" in peer.text, "it is shown as coming")
    assert "<b>jumps" not in peer.text
    page.applied(command)
    page.wait_for(lambda: "coming" not in peer.text, "it is shown as playing")
    assert "jumps" in peer.text


def test_queued_prompts_wait_in_the_time_line_with_their_seconds(
    page: Any, browse: Callable[[], Any]
) -> None:
    peer = browse()
    peer.put("When", "queue it")
    peer.put("Seconds", 2.5)
    say(peer, "a person hops")
    command = page.next_command()
    assert isinstance(command, QueuePrompt)
    assert command.duration_secs == 2.5
    page.wait_for(lambda: "2.5 s" in peer.text, "the queue shows")
    page.applied(command)
    page.wait_for(lambda: "of 2.5 s" in peer.text, "the bar advances")
    say(peer, "a person bows")
    assert isinstance(page.next_command(), QueuePrompt)
    page.wait_for(lambda: "bows" in peer.text, "it waits")
    peer.put("Queue", "clear")
    assert isinstance(page.next_command(), ClearQueue)
    page.wait_for(lambda: "bows" not in peer.text, "the queue is empty", secs=0.05)
    assert "hops" in peer.text


def test_prompts_of_others_show_with_their_place_seconds_and_way_in(
    page: Any, browse: Callable[[], Any]
) -> None:
    peer = browse()
    for text, secs in (("a person claps", 3.5), ("a person bows", 1.5)):
        page.link.hear(QueuePrompt(text=text, duration_secs=secs), "osc")
    page.wait_for(lambda: "bows" in peer.text, "both wait")
    claps, bows = peer.text.index("claps"), peer.text.index("bows")
    assert claps < bows
    assert "3.5 s · osc" in peer.text
    page.applied(QueuePrompt(text="a person claps", duration_secs=3.5))
    page.wait_for(lambda: "of 3.5 s" in peer.text, "its bar advances")
    assert "1.5 s · osc" in peer.text


def test_the_knobs_show_the_model_in_use_and_what_others_have_set(
    page: Any, browse: Callable[[], Any]
) -> None:
    peer = browse()

    def shows(label: str) -> float:
        return peer.gui[peer.labelled(label)]["value"]

    page.link._write(MODEL)
    page.wait_for(lambda: shows("Guidance") == 3.5, "the model's own guidance")
    assert (shows("History"), shows("Steps"), shows("Smoothing")) == (6.0, 2, 0.0)
    assert "2 denoise steps" in peer.text
    page.link.hear(SetSpeed(factor=0.5), "osc")
    page.link.hear(SetGuidance(scale=4.0), "ros2")
    page.wait_for(lambda: (shows("Speed"), shows("Guidance")) == (0.5, 4.0), "both follow")
    assert page.commands.empty(), "what the page sets itself is asked of nobody"
    late = browse()
    speed = late.labelled("Speed")
    page.wait_for(lambda: late.gui[speed]["value"] == 0.5, "a late joiner sees it too")
    peer.put("Speed", 2.0)
    page.wait_for(lambda: not page.commands.empty(), "the knob is asked for")
    command = page.next_command()
    assert isinstance(command, SetSpeed)
    assert command.factor == 2.0


def test_history_steps_and_smoothing_offer_what_the_model_can_and_ask_for_it(
    page: Any, browse: Callable[[], Any]
) -> None:
    peer = browse()
    page.link._write(MODEL)

    def props(label: str) -> dict[str, Any]:
        return peer.gui[peer.labelled(label)]

    page.wait_for(lambda: props("History")["visible"] and props("Steps")["visible"], "both appear")
    assert [props("History")[name] for name in ("min", "max", "step")] == [1.2, 6.0, 0.2]
    assert [props("Steps")[name] for name in ("min", "max")] == [1, 4]
    asked = [("History", 2.4, SetHistory), ("Steps", 3, SetSteps), ("Smoothing", 0.1, SetSmoothing)]
    found = []
    for label, value, kind in asked:
        peer.put(label, value)
        page.wait_for(lambda: not page.commands.empty(), f"{label} is asked for")
        found.append(page.next_command())
        assert isinstance(found[-1], kind)
    history, steps, smoothing = found
    assert (history.latents, steps.steps, smoothing.secs) == (12, 3, 0.1)
    page.link.hear(SetHistory(latents=20), "osc")
    page.link.hear(SetSteps(steps=1), "osc")
    page.link.hear(SetSmoothing(secs=0.2), "ros2")
    knobs = ("History", "Steps", "Smoothing")
    page.wait_for(
        lambda: [props(knob)["value"] for knob in knobs] == [4.0, 1, 0.2], "all follow the others"
    )
    page.link.hear(SetHistory(latents=500), "osc")
    page.play(1)
    assert props("History")["value"] == 4.0, "the daemon refuses what this model cannot"
    assert page.commands.empty()


def test_the_panel_comes_whole_with_what_it_shows(
    page: Any, browse: Callable[[], Any], peer_at: Any
) -> None:
    browse()
    late = peer_at(page.port)
    try:
        page.wait_for(lambda: "Viewer 1 steers" in late.text, "the panel", secs=0)
        assert "Viewer 1 steers" in late.panel, "something moved under the mouse afterwards"
        assert "NumPy" in late.panel
    finally:
        late.leave()


def test_on_a_phone_the_tabs_are_folded_up_and_the_time_line_stays(
    page: Any, browse: Callable[[], Any], peer_at: Any
) -> None:
    wide = browse()
    phone = peer_at(page.port, size=(780, 1688))
    try:
        page.wait_for(lambda: "until another prompt" in phone.text, "the time line", secs=0)
        kinds = [{kind for kind, _ in peer.seen} for peer in (phone, wide)]
        assert [("GuiPanelMessage" in each, "GuiTabGroupMessage" in each) for each in kinds] == [
            (True, False),
            (False, True),
        ]
    finally:
        phone.leave()


def test_every_control_says_what_it_does(page: Any, browse: Callable[[], Any]) -> None:
    peer = browse()
    kinds = ("Button", "ButtonGroup", "Text", "Slider", "Number", "Dropdown", "Checkbox")
    controls = {
        props["label"]: props.get("hint")
        for props in peer.gui.values()
        if props["kind"] in {f"Gui{kind}Message" for kind in kinds} and props.get("label")
    }
    assert len(controls) > 20
    assert [label for label, hint in controls.items() if not hint] == []


def test_the_second_watches_and_takes_over_when_the_first_has_gone(
    page: Any, browse: Callable[[], Any]
) -> None:
    first, second = browse(), browse()
    page.wait_for(lambda: "you steer" in first.text, "the first steers")
    page.wait_for(lambda: "Viewer 1 steers" in second.text, "the second sees who")
    say(second, "a person hides")
    say(first, "a person waves")
    command = page.next_command()
    assert isinstance(command, SetPrompt)
    assert command.text == "a person waves"
    second.put("Ask to steer", True)
    page.wait_for(lambda: "Hand over" in str(first.gui), "the owner is asked")
    first.leave()
    page.wait_for(lambda: "you steer" in second.text, "the second takes over")
    say(second, "a person sits down")
    command = page.next_command()
    assert isinstance(command, SetPrompt)
    assert command.text == "a person sits down"


def test_what_cannot_be_obeyed_is_told_to_who_asked(page: Any, browse: Callable[[], Any]) -> None:
    peer = browse()
    say(peer, "x" * 600)
    page.wait_for(lambda: any("at most 512" in note for note in peer.notifications), "the reason")
    assert page.commands.empty()


def test_a_flood_of_wishes_is_cut(page: Any, browse: Callable[[], Any]) -> None:
    peer = browse()
    play = next(uuid for uuid, props in peer.gui.items() if "pause" in (props.get("options") or ()))
    for _ in range(60):
        peer.send({"type": "GuiUpdateMessage", "uuid": play, "updates": {"value": "pause"}})
    page.wait_for(lambda: any("Slowly" in note for note in peer.notifications), "a warning")
    heard = [page.commands.get() for _ in range(page.commands.qsize())]
    assert 0 < len(heard) < 60
    assert all(isinstance(command, Pause) for command in heard)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00", b"\xc1", b"\x81\xa4type\xa0", b"x" * 1000, b"\x93" * 5000],
    ids=["empty", "zero", "reserved", "no type", "letters", "nested"],
)
def test_odd_bytes_change_nothing_for_anybody(
    page: Any, browse: Callable[[], Any], content: bytes
) -> None:
    odd, other = browse(), browse()
    odd.send_bytes(content)
    then = other.positions()
    page.wait_for(lambda: np.abs(other.positions() - then).max() > 0.3, "the other sees it move")
    assert not odd.gone


def test_messages_of_other_kinds_are_dropped(page: Any, browse: Callable[[], Any]) -> None:
    peer = browse()
    before = len(peer.seen)
    peer.send({"type": "ShareUrlRequest"})
    peer.send({"type": "FileTransferStartUpload", "source_component_uuid": "x",
               "transfer_uuid": "y", "filename": "z", "mime_type": "t", "part_count": 9,
               "size_bytes": 10**12})  # fmt: skip
    peer.send({"type": "GuiUpdateMessage", "uuid": peer.labelled("Prompt"),
               "updates": {"update_cb": 3}})  # fmt: skip
    say(peer, "a person walks")
    assert page.next_command()
    assert not any(kind.startswith("Share") for kind, _ in peer.seen)
    assert len(peer.seen) >= before


def test_too_long_a_message_ends_its_sender_alone(page: Any, browse: Callable[[], Any]) -> None:
    odd, other = browse(), browse()
    odd.send_bytes(b"x" * (MAX_MESSAGE_BYTES + 1))
    page.wait_for(lambda: odd.gone, "it is shown the door")
    then = other.positions()
    page.wait_for(lambda: np.abs(other.positions() - then).max() > 0.3, "the other sees it move")


@pytest.mark.parametrize("origin", ["http://evil.example", "null"])
def test_other_sites_cannot_connect(page: Any, peer_at: Any, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        peer_at(page.port, origin)
    assert refused.value.response.status_code == 403


def test_other_names_for_this_machine_get_nothing(page: Any) -> None:
    with pytest.raises(HTTPError, match="403"):
        fetch(page.port, Host="rebound.example")


def test_the_token_opens_the_page_and_nothing_else_does(
    open_page: Callable[..., Any], peer_at: Any
) -> None:
    page = open_page(token="secret-9", port=8340)
    with pytest.raises(HTTPError, match="403"):
        fetch(page.port)
    with pytest.raises(InvalidStatus):
        peer_at(page.port)
    _, headers = fetch(page.port, "/?token=secret-9")
    cookie = headers["Set-Cookie"].split(";")[0]
    html, _ = fetch(page.port, Cookie=cookie)
    assert "<html" in html
    assert page.close() != 0


def test_a_port_that_is_taken_is_passed_over(page: Any, open_page: Callable[..., Any]) -> None:
    second = open_page(port=page.port)
    assert page.port < second.port < page.port + 16
    second.close()


def test_more_people_than_there_is_room_for_are_told_so(
    open_page: Callable[..., Any], peer_at: Any
) -> None:
    page = open_page(port=8350)
    peers = [peer_at(page.port) for _ in range(MAX_WATCHERS)]
    with pytest.raises(InvalidStatus) as refused:
        peer_at(page.port)
    assert refused.value.response.status_code == 503
    for peer in peers:
        peer.leave()
    page.close()
