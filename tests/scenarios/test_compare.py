#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A run held against the log of another: where they differ, and what is no log of it.

usage: test_compare.py RMQLAB
"""
import json
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import children
from tap import Tap

TIMEOUT_S = 60
SEED = "7"
PARTS = ("wire", "client", "broker", "verdict")


class Lab:
    """Runs of one scenario, and logs made from one of them."""

    def __init__(self, program, scratch):
        self.program, self.scratch = program, scratch
        self.log = os.path.join(scratch, "whole.log")
        self.written = self.run("--log", self.log)
        with open(self.log, encoding="utf-8") as log:
            self.lines = log.readlines()

    def run(self, *options, scenario="stored-but-answer-lost"):
        """(status, output, errors)"""
        return children.run([self.program, "run", scenario, "--seed", SEED, "--headless", *options],
                            TIMEOUT_S)

    def against(self, lines, *options):
        """A run held against a log of these lines."""
        path = os.path.join(self.scratch, "other.log")
        with open(path, "w", encoding="utf-8") as log:
            log.writelines(lines)
        return self.run("--compare", path, *options)

    def changed(self, index):
        """All lines; in one an event of its kind happened otherwise."""
        line = re.sub(r"=(\d+)", r"=\g<1>1", self.lines[index], count=1)
        return [*self.lines[:index], line, *self.lines[index + 1:]]

    def find(self, part):
        """Index of an event of a sub-hash, in the middle of its like."""
        found = [i for i, line in enumerate(self.lines)
                 if i > 3 and line.split()[3] == part]
        return found[len(found) // 2]


def check_same(tap, lab):
    n_events = len(lab.lines) - 5
    for claim, options in (("a-run-is-as-its-log-says", []),
                           ("with-threads-too", ["--tasks", "threads"])):
        status, out, err = lab.run("--compare", lab.log, *options)
        tap.check(f"/compare/same/{claim}", status == 0 and out == lab.written[1]
                  and f"same: {n_events} events" in err, (status, out, err))
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "../../scenarios/stored-but-answer-lost.scn")
    status, out, err = lab.run("--compare", lab.log, scenario=path)
    tap.check("/compare/same/a-scenario-may-go-by-its-path", status == 0, (status, out, err))


def check_different(tap, lab):
    for part in PARTS:
        index = lab.find(part)
        status, out, err = lab.against(lab.changed(index))
        ours = lab.lines[index].strip()
        tap.check(f"/compare/different/{part}-is-named-with-both-sides", status == 3
                  and f"in the sub-hash {part}, after {index - 4} events" in out
                  and f"both  {lab.lines[index - 1].strip()}\n" in out
                  and f"run   {ours}\n" in out and f"log   {ours}\n" not in out
                  and f"diverged at ev:{ours.split()[0]}," in out, (status, out, err))
    index = lab.find("client")
    status, out, err = lab.against(lab.changed(index), "--json")
    tap.check("/compare/different/json-says-the-same", status == 3
              and json.loads(out)["subHash"] == "client"
              and json.loads(out)["run"][0] == lab.lines[index].strip(), (status, out, err))
    index = lab.find("wire")
    status, out, err = lab.against([*lab.lines[:index], *lab.lines[index + 1:]])
    tap.check("/compare/different/an-event-more", status == 3
              and f"log   {lab.lines[index + 1].strip()}\n" in out, (status, out, err))
    status, out, err = lab.against([*lab.lines[:-3], lab.lines[-1]])
    tap.check("/compare/different/the-log-ends-first", status == 3 and "log   ends here" in out,
              (status, out, err))
    status, out, err = lab.against([*lab.lines[:-1], lab.lines[-2], lab.lines[-1]])
    tap.check("/compare/different/the-run-ends-first", status == 3 and "run   ends here" in out,
              (status, out, err))


def check_cut_off(tap, lab):
    half = lab.lines[:len(lab.lines) // 2]
    for claim, lines in (("at-a-line", half), ("within-a-line", [*half, lab.lines[-4][:20]])):
        status, out, err = lab.against(lines)
        tap.check(f"/compare/cut-off/{claim}-is-unknown", status == 4
                  and f"same: {len(half) - 4} events" in err and "breaks off" in err,
                  (status, out, err))


def check_refused(tap, lab):
    folder = os.path.join(lab.scratch, "folder")
    os.mkdir(folder)
    head, events = lab.lines[:4], lab.lines[4:]
    for claim, lines, said in (
            ("garbage", ["once upon a time\n"], r":1: no event log; .*--log"),
            ("nothing", [], r":1: no event log"),
            ("another-format", ["# rmqlab events 9\n", *head[1:], *events], ":1: no event log"),
            ("another-scenario", [head[0], "# scenario x 0123456789abcdef\n", *head[2:], *events],
             ":2: of another scenario"),
            ("another-profile", [*head[:2], "# profile 5.3\n", head[3], *events],
             ":3: of producers of another version; see --profile"),
            ("another-seed", [*head[:3], "# seed 8\n", *events], ":4: of another seed; see --seed"),
            ("a-line-that-is-no-event", [*head, events[0], "hello\n", *events[1:]],
             ':6: no event: "hello"'),
            ("an-unknown-sub-hash", [*head, events[0].replace(" broker ", " butter "), *events[1:]],
             ":5: no event")):
        status, out, err = lab.against(lines)
        tap.check(f"/compare/refused/{claim}", status == 2 and out == "" and re.search(said, err),
                  (status, out, err))
    for claim, options, said in (
            ("a-folder", ["--compare", folder], "no regular file"),
            ("a-missing-file", ["--compare", os.path.join(folder, "none")], "No such file"),
            ("a-real-run", ["--compare", lab.log, "--real"], "simulated"),
            ("its-own-log", ["--compare", lab.log, "--log", lab.log], "two files")):
        status, out, err = lab.run(*options)
        tap.check(f"/compare/refused/{claim}", status == 2 and out == "" and said in err,
                  (status, out, err))


def check_log(tap, lab):
    tap.check("/compare/log/says-what-it-is-of", lab.lines[0] == "# rmqlab events 1\n"
              and lab.lines[1].startswith("# scenario stored-but-answer-lost ")
              and lab.lines[3] == f"# seed {SEED}\n", lab.lines[:4])
    whole = re.search(r"hash (\w+)", lab.written[1]).group(1)
    tap.check("/compare/log/ends-with-the-hash", lab.lines[-1].endswith(f", hash {whole}\n"),
              lab.lines[-1])
    folder = os.path.join(lab.scratch, "result")
    status, _, err = lab.run("--result", folder)
    with open(os.path.join(folder, "events.log"), encoding="utf-8") as log:
        tap.check("/compare/log/is-in-the-result-folder", log.readlines() == lab.lines
                  and status == 0, err)
    status, out, err = lab.run("--log", os.path.join(folder, "none", "log"))
    tap.check("/compare/log/that-cannot-be-written-is-status-2", status == 2 and out == ""
              and "can't be written" in err, (status, out, err))


def main(program):
    tap = Tap()
    with tempfile.TemporaryDirectory() as scratch:
        lab = Lab(program, scratch)
        for check in (check_same, check_different, check_cut_off, check_refused, check_log):
            check(tap, lab)
    tap.done()


main(os.path.abspath(sys.argv[1]))
