#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A simulated run depends on its file and seed, on nothing else of the machine.

usage: test_replay.py RMQLAB
"""
import json
import os
import re
import shlex
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import children
from tap import Tap

TIMEOUT_S = 60
SHIPPED = ("broker-a-dies", "first-send", "name-server-down", "ordered-by-key",
           "stored-but-answer-lost")


def run(lab, scenario, folder, **variables):
    """(exit status, hashes) of one run."""
    status, out, err = children.run([lab, "run", scenario, "--seed", "11", "--json"], TIMEOUT_S,
                                    cwd=folder, env=children.clean_environment(**variables))
    try:
        return status, json.loads(out)["hash"]
    except (ValueError, KeyError):
        return status, out + err


def check_surroundings(tap, lab, scenario, scratch):
    here = run(lab, scenario, scratch)
    for claim, folder, variables in (
            ("another-zone", scratch, {"TZ": "Asia/Kathmandu"}),
            ("another-locale", scratch, {"LANG": "de_DE.UTF-8", "LC_ALL": "C.UTF-8"}),
            ("another-environment", scratch, {"NAMESRV_ADDR": "127.0.0.1:1", "COLUMNS": "7"}),
            ("another-folder", "/", {})):
        there = run(lab, scenario, folder, **variables)
        tap.check(f"/scenarios/replay/{scenario}/{claim}-same-hash", there == here and here[0] == 0,
                  (here, there))


def check_path(tap, lab, scratch):
    """A folder of one's own, with a name that a shell would split."""
    folder = os.path.join(scratch, "my own")
    os.mkdir(folder)
    path = os.path.join(folder, "mine.scn")
    with open(path, "w", encoding="utf-8") as scenario:
        scenario.write("nameserver ns1\nbroker b\ntopic T queues 1 on b\nproducer P group G\n"
                       "P sends 3 x to T every 10ms\n")
    status, _ = run(lab, "mine", scratch, RMQLAB_SCENARIO_PATH=folder)
    tap.check("/scenarios/path/is-searched", status == 0, status)
    status, out, err = children.run([lab, "run", path, "--headless"], TIMEOUT_S)
    tap.check("/scenarios/path/replay-line-is-quoted", f"run '{path}' --seed 1" in out, out + err)


def check_lines(tap, lab):
    """A run that lines were given to, by the command that its report prints."""
    lines = ("at ev:400 broker-b delay 3ms 30% of send responses", "at ev:900+70us broker-b kill",
             "at ev:1500 expect failed = 0")
    arguments = [word for line in lines for word in ("--line", line)]
    status, out, err = children.run([lab, "run", "broker-a-dies", "--headless", *arguments],
                                    TIMEOUT_S)
    replay = re.search(r"^replay: rmqlab (.*)$", out, re.MULTILINE)
    tap.check("/scenarios/replay/lines-stand-in-the-command",
              status == 1 and replay and all(line in shlex.split(replay[1]) for line in lines),
              out + err)
    again = children.run([lab, *shlex.split(replay[1]), "--headless"], TIMEOUT_S)
    tap.check("/scenarios/replay/lines-same-report", again == (status, out, err), again)
    for claim, words, complaint in (
            ("line-is-told-where-it-is-wrong", ["--line", "broker-a kil"], "--line:1:10: error"),
            ("line-needs-a-simulated-run", ["--real", "--line", lines[1]], "simulated run"),
            ("goto-needs-a-simulated-run", ["--real", "--goto", "ev:7"], "simulated run"),
            ("goto-wants-a-number", ["--goto", "7"], "ev:48617")):
        status, out, err = children.run([lab, "run", "broker-a-dies", "--headless", *words],
                                        TIMEOUT_S)
        tap.check(f"/scenarios/replay/{claim}", status == 2 and complaint in err, (status, err))


def check_goto(tap, lab):
    """The screen of a moment is the screen of that moment, however one comes there."""
    def look(ev):
        return children.run([lab, "run", "broker-a-dies", "--once", "--goto", f"ev:{ev}"],
                            TIMEOUT_S)
    status, out, err = look(700)
    tap.check("/scenarios/replay/goto-shows-a-moment",
              status == 4 and " ev 700 " in out and look(700) == (status, out, err)
              and look(701)[1] != out, out + err)


def main(lab):
    tap = Tap()
    with tempfile.TemporaryDirectory() as scratch:
        for scenario in SHIPPED:
            check_surroundings(tap, lab, scenario, scratch)
        check_lines(tap, lab)
        check_goto(tap, lab)
        check_path(tap, lab, scratch)
    tap.done()


main(os.path.abspath(sys.argv[1]))
