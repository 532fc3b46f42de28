#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`rmqlab shrink`: what is left is a scenario of its own, fails as the original did, and has
nothing that could go.

usage: test_shrink.py RMQLAB
"""
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import children
from tap import Tap

TIMEOUT_S = 120
BUSY = """scenario "busy at times"
nameserver ns1 ns2
broker a b c
topic T queues 4 on a b
topic Other queues 8 on a b c
producer P group G timeout 2s retries 2
producer Q group H timeout 1s
P sends 200 x to T select by orderId keys 8 every 50ms as e
Q sends 100 y to Other every 100ms as o
# an outage that doesn't matter
at 1s for 3s c hang
b drop 5% of heartbeat requests
at 2s for 3s a answer SYSTEM_BUSY 20% of send requests of T
at 8s b kill
at 12s b start
expect no loss
expect failed = 0 where message e
expect duplicates = 0
"""
# Each answer that a reset loses is retried: a duplicate.
LOST = """nameserver ns1
broker a b
topic T queues 4 on a b
producer P group G timeout 3s retries 2
P sends 60 x to T every 100ms as e
at 1s for 4s a reset 40% of send responses after store
at 2s for 1s b delay 20ms all send responses
at 3s a close next 3 heartbeat responses
expect failed = 0
expect duplicates < 2
"""
FINE = "nameserver ns1\nbroker a\ntopic T queues 1 on a\nproducer P group G\nP sends 3 x to T\n"


class Lab:
    def __init__(self, tap, lab, folder):
        self.tap, self.lab, self.folder = tap, lab, folder

    def call(self, *words):
        return children.run([self.lab, *words], TIMEOUT_S, cwd=self.folder)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as scenario:
            scenario.write(text)

    def failures(self, name, *words):
        """Claims that fail, by the moment of their first offending event."""
        _, out, _ = self.call("run", name, "--json", *words)
        try:
            failed = [v for v in json.loads(out)["verdicts"] if v["verdict"] == "failed"]
        except ValueError:
            return []
        failed.sort(key=lambda v: v.get("ev", 1 << 62))
        return [v["claim"] for v in failed]

    def check(self, claim, holds, seen=""):
        self.tap.check(f"/scenarios/shrink/{claim}", holds, seen)


def check_story(lab, name, text, seed, lines_at_most):
    """Returns what is left."""
    lab.write(f"{name}.scn", text)
    before = lab.failures(f"{name}.scn", "--seed", seed)
    status, small, story = lab.call("shrink", f"{name}.scn", "--seed", seed)
    lab.write(f"{name}-small.scn", small)
    after = lab.failures(f"{name}-small.scn")
    lab.check(f"{name}/the-same-claim-fails-first", status == 0 and before[:1] == after[:1] != [],
              (before, after, small, story))
    lint, out, _ = lab.call("lint", f"{name}-small.scn")
    lab.check(f"{name}/what-is-left-is-a-scenario-with-its-seed",
              lint == 0 and f"\nseed {seed}\n" in small, out + small)
    statements = [l for l in small.splitlines() if not l.startswith(("#", "seed "))]
    lab.check(f"{name}/it-is-small", len(statements) <= lines_at_most, small)
    again = lab.call("shrink", f"{name}.scn", "--seed", seed)
    lab.check(f"{name}/twice-the-same", again == (status, small, story), again)
    check_minimal(lab, name, small, after[0])
    return small, story


def check_minimal(lab, name, small, claim):
    """Without any one line it is no scenario any more, or fails otherwise, or not at all."""
    lines = small.splitlines()
    needless = []
    for i, line in enumerate(lines):
        if line.startswith(("#", "seed ", "scenario ", "nameserver ", "broker ")):
            continue
        lab.write("less.scn", "\n".join(lines[:i] + lines[i + 1:]) + "\n")
        if lab.failures("less.scn")[:1] == [claim]:
            needless.append(line)
    lab.check(f"{name}/no-line-of-it-can-go", needless == [], (needless, small))


def check_words(lab, small, story):
    lab.check("busy/a-single-firing-is-left",
              small.count(" a answer SYSTEM_BUSY next 1 send requests of T\n") == 1, small)
    lab.check("busy/counts-are-lessened", "sends 200" not in small, small)
    lab.check("busy/the-cluster-stays",
              "nameserver ns1\n" in small and "broker a\n" in small, small)
    lab.check("busy/it-says-what-went",
              "line 15 is gone: at 12s b start\n" in story
              and "line 3: broker a b c → broker a\n" in story
              and " lines are left after " in story, story)


def check_firings(lab):
    small, _ = check_story(lab, "lost", LOST, "5", 9)
    lab.check("lost/two-firings-are-left-of-many",
              small.count("a reset next 1 send responses after store\n") == 2
              or "a reset next 2 send responses after store\n" in small, small)


def check_bounds(lab):
    status, small, story = lab.call("shrink", "busy.scn", "--seed", "3", "--max-runs", "9")
    lab.write("bounded.scn", small)
    lab.check("bounds/it-stops-with-what-it-has-and-says-so",
              status == 0 and "after 9 runs" in story and "largest number of runs" in story
              and lab.failures("bounded.scn")[:1] == lab.failures("busy.scn", "--seed", "3")[:1],
              small + story)


def check_options(lab):
    lab.write("fine.scn", FINE)
    status, out, err = lab.call("shrink", "fine.scn", "--seed", "4")
    lab.check("options/nothing-fails-is-status-2",
              status == 2 and out == "" and "no claim of fine.scn fails with seed 4" in err, err)
    for words in ((), ("busy.scn", "fine.scn"), ("nothing.scn",), ("busy.scn", "--seed", "x"),
                  ("busy.scn", "--max-runs", "0"), ("busy.scn", "--profile", "9")):
        status, out, err = lab.call("shrink", *words)
        lab.check("options/refused: " + " ".join(words), status == 2 and out == "" and err != "",
                  out + err)
    status, story, err = lab.call("shrink", "busy.scn", "--seed", "3", "--out", "written.scn")
    with open(os.path.join(lab.folder, "written.scn"), encoding="utf-8") as scenario:
        written = scenario.read()
    _, small, _ = lab.call("shrink", "busy.scn", "--seed", "3")
    lab.check("options/out-takes-the-scenario-and-leaves-the-story",
              status == 0 and written == small and " lines are left" in story and err == "", story)
    _, document, _ = lab.call("shrink", "busy.scn", "--seed", "3", "--json")
    lab.check("options/json-has-both", json.loads(document)["scenario"] == small, document)
    lab.write("odd\nname.scn", BUSY)
    status, small, _ = lab.call("shrink", "odd\nname.scn", "--seed", "3")
    lab.check("options/a-name-with-a-newline-is-no-statement",
              status == 0 and "# Shrunk from odd name.scn " in small, small)


def main(program):
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(tap, program, folder)
        small, story = check_story(lab, "busy", BUSY, "3", 7)
        check_words(lab, small, story)
        check_firings(lab)
        check_bounds(lab)
        check_options(lab)
    tap.done()


main(os.path.abspath(sys.argv[1]))
