#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`rmqlab send` to Apache's own name server and broker; Apache's consumer reads everything back.

usage: test_apache_servers.py RMQLAB
"""
import base64
import collections
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import apache
import children
import rmqlab
from tap import Tap, skip_all

TOPIC = "LabTopic"
COUNT = 10
# what is sent: name → options of `rmqlab send`; the name is also the tag
SENDS = {
    "sync": ["--count", COUNT],
    "async": ["--count", COUNT, "--mode", "async"],
    "oneway": ["--count", COUNT, "--mode", "oneway"],
    "big": ["--count", 1, "--size", 6000],
    "selector": ["--count", COUNT, "--select-by", "key"],
    "queue": ["--count", 2, "--queue", "broker-a:3"],
    "stdin": ["--stdin"],
}
STDIN = "first line\nzweite Zeile, grün\n"


def read_back(java):
    """tag → what Apache's consumer read: queue, offset, msgId, tag, key, colour, body."""
    found = collections.defaultdict(list)
    for message in java.drive("ReadBack", java.namesrv, TOPIC):
        found[message[3]].append(message)
    return found


def check_sends(tap, program, namesrv):
    """name → the answers of `rmqlab send`."""
    answers = {}
    for name, options in SENDS.items():
        text = STDIN if "--stdin" in options else None
        labels = ["--tag", name, "--key", name + "-key", "--property", "colour=blau-grün"]
        status, lines, err = rmqlab.send(program, namesrv, TOPIC, *map(str, options), *labels,
                                         text=text)
        answers[name] = lines
        tap.check(f"apache/4.9.7/{name}-sends-are-accepted", status == 0 and lines, err or lines)
    return answers


def check_read(tap, answers, found):
    for name, lines in answers.items():
        seen = found[name]
        tap.check(f"apache/4.9.7/{name}-messages-are-read-back-once",
                  len({m[2] for m in seen}) == len(seen) == len(lines) > 0, (len(lines), seen))
        if name != "oneway":
            told = sorted((a["msgId"], f"{a['broker']}:{a['queueId']}", a["queueOffset"])
                          for a in lines)
            there = sorted((m[2], m[0], int(m[1])) for m in seen)
            tap.check(f"apache/4.9.7/{name}-answers-tell-the-place", told == there, (told, there))
    everything = [m for seen in found.values() for m in seen]
    wrong = [m for m in everything if m[4] != m[3] + "-key" or m[5] != "blau-grün"]
    tap.check("apache/4.9.7/keys-and-user-properties-are-as-sent", not wrong, wrong)
    sizes = [len(base64.b64decode(m[6])) for m in found["big"]]
    tap.check("apache/4.9.7/compressed-body-is-read-whole", sizes == [6000], sizes)
    lines = sorted(base64.b64decode(m[6]).decode() for m in found["stdin"])
    tap.check("apache/4.9.7/stdin-lines-are-the-bodies", lines == sorted(STDIN.splitlines()), lines)
    queues = {m[0] for m in found["selector"]}
    tap.check("apache/4.9.7/one-key-stays-on-one-queue", len(queues) == 1, queues)
    queues = {m[0] for m in found["queue"]}
    tap.check("apache/4.9.7/queue-is-the-chosen-one", queues == {"broker-a:3"}, queues)


def main(program):
    tap = Tap()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            java = apache.Apache(os.path.join(scratch, "home"))
            java.compile("ReadBack")
            java.start_servers()
            answers = check_sends(tap, program, java.namesrv)
            check_read(tap, answers, read_back(java))
        except apache.Absent as why:
            skip_all(str(why))
        finally:
            children.stop_all()
    tap.done()


main(sys.argv[1])
