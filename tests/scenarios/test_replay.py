#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A simulated run depends on its file and seed, on nothing else of the machine.

usage: test_replay.py RMQLAB
"""
import json
import os
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


def main(lab):
    tap = Tap()
    with tempfile.TemporaryDirectory() as scratch:
        for scenario in SHIPPED:
            check_surroundings(tap, lab, scenario, scratch)
        check_path(tap, lab, scratch)
    tap.done()


main(os.path.abspath(sys.argv[1]))
