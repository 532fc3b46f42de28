#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The dashboard as its user meets it: the real program, real keys, a real terminal.

usage: test_terminal.py RMQLAB SCENARIO
"""

import os
import re
import signal
import sys
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tap import Tap, skip_all
from terminal import Terminal, why_not

RMQLAB, SCENARIO = sys.argv[1], sys.argv[2]
COMMAND = f"'{RMQLAB}' run '{SCENARIO}'; echo status=$?"


def start(terminal, command=COMMAND):
    terminal.run(command)
    terminal.wait_until(lambda screen: "rmqlab LAB" in screen and "q quit" in screen,
                        "the dashboard")


def broker_line(screen, name):
    """Words of a broker's line, behind its name."""
    for line in screen.splitlines():
        words = line.lstrip(" >!▶").split()
        if words and words[0] == name:
            return words[1:]
    return []


def event_number(screen):
    found = re.search(r"ev (\d+)", screen)
    return int(found.group(1)) if found else -1


def oks_of(screen, name):
    rates = [word for word in broker_line(screen, name) if word.endswith("/s")]
    return float(rates[0][:-2]) if rates else -1.0


def command(terminal, line):
    terminal.type(":")
    terminal.wait_for("Enter run")
    terminal.type(line)
    terminal.wait_for(":" + line)
    terminal.press("Enter")
    terminal.wait_until(lambda screen: "Enter run" not in screen, "the prompt to close")


def shows_a_run_and_quits(terminal):
    start(terminal)
    assert terminal.flag("alternate_on") == "1"
    terminal.wait_for("broker-b")
    terminal.type("q")
    terminal.wait_for("status=4")
    terminal.wait_for_shell()


def kills_a_broker_by_hand(terminal):
    start(terminal)
    terminal.type("]")
    terminal.wait_until(lambda screen: oks_of(screen, "broker-a") > 0
                        and oks_of(screen, "broker-b") > 0, "sends to both brokers")
    terminal.type("2")
    command(terminal, "broker-a kill")
    terminal.wait_until(lambda screen: "DOWN" in broker_line(screen, "broker-a"),
                        "broker-a to be down")
    terminal.wait_until(lambda screen: oks_of(screen, "broker-a") == 0
                        and oks_of(screen, "broker-b") > 0, "sends to go to broker-b only")
    command(terminal, "broker-a start")
    terminal.wait_until(lambda screen: "UP" in broker_line(screen, "broker-a"),
                        "broker-a to be up")
    terminal.type("q")
    terminal.wait_for("status=4")
    terminal.wait_for_shell()


def pauses_steps_and_goes_on(terminal):
    start(terminal)
    terminal.press("Space")
    screen = terminal.wait_for("PAUSED")
    before = event_number(screen)
    terminal.type("s")
    terminal.wait_until(lambda seen: event_number(seen) == before + 1, "one event more")
    terminal.press("Space")
    terminal.wait_until(lambda seen: event_number(seen) > before + 1, "the run to go on")
    terminal.type("]")
    terminal.wait_for("x2.0")
    terminal.type("q")
    terminal.wait_for_shell()


def looks_back_and_returns(terminal):
    start(terminal)
    terminal.type("]]]")
    terminal.wait_until(lambda seen: "DOWN" in broker_line(seen, "broker-a"), "broker-a to be down")
    terminal.type("b")
    screen = terminal.wait_for("PAST")
    present = int(re.search(r"ev \d+ of (\d+)", screen).group(1))
    first = event_number(screen)
    terminal.type("b")
    screen = terminal.wait_until(lambda seen: event_number(seen) < first, "an earlier moment")
    second = event_number(screen)
    terminal.type("s")
    terminal.wait_until(lambda seen: event_number(seen) == second + 1, "one event later")
    terminal.type("S")
    terminal.wait_until(lambda seen: event_number(seen) > second + 1, "the next notable event")
    terminal.press("Escape")
    terminal.wait_until(lambda seen: "PAUSED" in seen and event_number(seen) == present,
                        "the present")
    terminal.type("q")
    terminal.wait_for_shell()


def goes_on_from_a_past_moment(terminal):
    start(terminal, COMMAND.replace(" run ", " run --goto ev:700 "))
    terminal.wait_until(lambda seen: "PAUSED" in seen and event_number(seen) == 700, "ev 700")
    command(terminal, "goto ev:300")
    terminal.wait_for("ev 300 of 700")
    command(terminal, "broker-b kill")
    screen = terminal.wait_for("goes on from ev 300")
    assert "PAUSED" in screen and event_number(screen) == 300, screen
    assert "DOWN" in broker_line(screen, "broker-b"), screen
    terminal.type("q")
    terminal.wait_for("--line 'at ev:300 broker-b kill'")
    terminal.wait_for_shell()


def explains_and_lists_its_keys(terminal):
    start(terminal)
    terminal.press("Space")
    for key, title in (("2", "[2Client"), ("3", "[3Topic"), ("4", "[4Chan"), ("5", "[5Inflight"),
                       ("6", "[6Server"), ("7", "[7Timer"), ("8", "[8Event"), ("1", "[1Flow")):
        terminal.type(key)
        terminal.wait_for(title)
    terminal.type("e")
    terminal.wait_for("The whole row:")
    terminal.type("?")
    terminal.wait_for("type a line of the scenario language")
    terminal.press("Escape")
    terminal.wait_for("[1Flow")
    terminal.press("C-c")
    terminal.wait_for_shell()


def says_what_is_wrong_with_a_line(terminal):
    start(terminal)
    terminal.press("Space")
    terminal.wait_for("PAUSED")
    command(terminal, "broker-a kil")
    screen = terminal.wait_for("kill")
    lines = screen.splitlines()
    wrong = next(i for i, line in enumerate(lines) if line.startswith("broker-a kil"))
    assert lines[wrong + 1].index("^") == len("broker-a "), screen
    terminal.type("q")
    terminal.wait_for_shell()


def follows_the_size_of_the_terminal(terminal):
    start(terminal)
    terminal.resize(140, 45)
    terminal.wait_until(lambda screen: any(len(line) > 100 for line in screen.splitlines()),
                        "a wider screen")
    terminal.resize(50, 12)
    terminal.wait_for("need 60x16, have 50x12")
    terminal.resize(80, 24)
    terminal.wait_for("q quit")
    terminal.type("q")
    terminal.wait_for_shell()


def suspends_and_comes_back(terminal):
    start(terminal, f"'{RMQLAB}' run '{SCENARIO}'")
    terminal.press("C-z")
    terminal.wait_for_shell()
    terminal.run("fg")
    terminal.wait_until(lambda screen: "rmqlab LAB" in screen and "q quit" in screen,
                        "the dashboard again")
    terminal.type("q")
    terminal.wait_for_shell()


def gives_the_terminal_back_when_it_dies(terminal, number):
    start(terminal)
    terminal.press("Space")
    terminal.wait_for("PAUSED")
    for child in terminal.children():
        os.kill(child, number)
    terminal.wait_for("status=")
    terminal.wait_for_shell()


def works_without_colour(terminal):
    start(terminal, "NO_COLOR=1 " + COMMAND)
    terminal.wait_for("broker-b")
    coloured = re.compile(r"\033\[[0-9;]*[34][0-8][;m]")
    assert not coloured.search(terminal.tmux("capture-pane", "-p", "-e")), "colour"
    terminal.type("q")
    terminal.wait_for_shell()


def shows_the_verdict_at_the_end(terminal):
    start(terminal)
    terminal.type("]]]]]]]")
    terminal.wait_for("OVER")
    terminal.wait_for("no loss")
    terminal.type("q")
    terminal.wait_for("status=0")
    terminal.wait_for_shell()


CASES = (
    ("shows-a-run-and-quits", shows_a_run_and_quits),
    ("kills-a-broker-by-hand", kills_a_broker_by_hand),
    ("pauses-steps-and-goes-on", pauses_steps_and_goes_on),
    ("looks-back-and-returns", looks_back_and_returns),
    ("goes-on-from-a-past-moment", goes_on_from_a_past_moment),
    ("explains-and-lists-its-keys", explains_and_lists_its_keys),
    ("says-what-is-wrong-with-a-line", says_what_is_wrong_with_a_line),
    ("follows-the-size-of-the-terminal", follows_the_size_of_the_terminal),
    ("suspends-and-comes-back", suspends_and_comes_back),
    ("gives-the-terminal-back-on-segv",
     lambda terminal: gives_the_terminal_back_when_it_dies(terminal, signal.SIGSEGV)),
    ("gives-the-terminal-back-on-abort",
     lambda terminal: gives_the_terminal_back_when_it_dies(terminal, signal.SIGABRT)),
    ("gives-the-terminal-back-on-term",
     lambda terminal: gives_the_terminal_back_when_it_dies(terminal, signal.SIGTERM)),
    ("works-without-colour", works_without_colour),
    ("shows-the-verdict-at-the-end", shows_the_verdict_at_the_end),
)


def judge(tap, name, case):
    claim = f"/tui/terminal/{name}"
    try:
        with Terminal() as terminal:
            case(terminal)
        tap.check(claim, True)
    except (AssertionError, StopIteration, ValueError):
        tap.check(claim, False, traceback.format_exc())


def main():
    reason = why_not()
    if reason:
        skip_all(reason)
    tap = Tap()
    for name, case in CASES:
        judge(tap, name, case)
    tap.done()


if __name__ == "__main__":
    main()
