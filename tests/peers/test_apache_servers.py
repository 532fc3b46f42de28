#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`rmqlab send` to Apache's own name server and broker; Apache's consumer reads everything back,
and Apache's codec reads our frames.

usage: test_apache_servers.py RMQLAB VERSION
"""
import base64
import collections
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "conformance")]
import apache
import children
import frames
import rmqlab
import servers
from proxy import Proxy
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
ENCODINGS = ("JSON", "ROCKETMQ")


class Story:
    """Claims carry the version of Apache's side and the encoding of our headers."""

    def __init__(self, tap, version, encoding, java):
        self.tap, self.name, self.java = tap, f"apache/{version}/{encoding}", java
        os.environ["ROCKETMQ_SERIALIZE_TYPE"] = encoding
        self.topic = f"{TOPIC}{encoding}"
        self.front = Proxy(java.namesrv)  # the route leads through the other one
        self.way = Proxy(java.broker)
        self.front.rename(java.broker, self.way.address)

    def check(self, claim, holds, seen=""):
        self.tap.check(f"{self.name}/{claim}", holds, seen)


def read_back(story):
    """tag → what Apache's consumer read: queue, offset, msgId, tag, key, colour, body."""
    found = collections.defaultdict(list)
    for message in story.java.drive("ReadBack", story.java.namesrv, story.topic):
        found[message[3]].append(message)
    return found


def check_sends(story, program):
    """name → the answers of `rmqlab send`."""
    answers = {}
    for name, options in SENDS.items():
        text = STDIN if "--stdin" in options else None
        labels = ["--tag", name, "--key", name + "-key", "--property", "colour=blau-grün"]
        status, lines, err = rmqlab.send(program, story.front.address, story.topic,
                                         *map(str, options), *labels, text=text,
                                         env=dict(os.environ))
        answers[name] = lines
        story.check(f"{name}-sends-are-accepted", status == 0 and lines, err or lines)
    return answers


def check_read(story, answers, found):
    for name, lines in answers.items():
        seen = found[name]
        story.check(f"{name}-messages-are-read-back-once",
                    len({m[2] for m in seen}) == len(seen) == len(lines) > 0, (len(lines), seen))
        if name != "oneway":
            told = sorted((a["msgId"], f"{a['broker']}:{a['queueId']}", a["queueOffset"])
                          for a in lines)
            there = sorted((m[2], m[0], int(m[1])) for m in seen)
            story.check(f"{name}-answers-tell-the-place", told == there, (told, there))
    everything = [m for seen in found.values() for m in seen]
    wrong = [m for m in everything if m[4] != m[3] + "-key" or m[5] != "blau-grün"]
    story.check("keys-and-user-properties-are-as-sent", not wrong, wrong)
    sizes = [len(base64.b64decode(m[6])) for m in found["big"]]
    story.check("compressed-body-is-read-whole", sizes == [6000], sizes)
    lines = sorted(base64.b64decode(m[6]).decode() for m in found["stdin"])
    story.check("stdin-lines-are-the-bodies", lines == sorted(STDIN.splitlines()), lines)
    queues = {m[0] for m in found["selector"]}
    story.check("one-key-stays-on-one-queue", len(queues) == 1, queues)
    queues = {m[0] for m in found["queue"]}
    story.check("queue-is-the-chosen-one", queues == {"broker-a:3"}, queues)


def as_apache_says(data):
    """What Decode prints of a frame that it read without loss."""
    frame = frames.Frame(data)
    fields = "".join(f"{name}={value}\3" for name, value in sorted(frame.fields.items()))
    header = frame.header
    return [str(header[name]) for name in ("code", "flag", "opaque", "version", "language")] \
        + [fields.replace("\t", " "), base64.b64encode(frame.body).decode()]


def check_frames(story, encoding):
    """Apache's codec reads what we wrote, field by field."""
    sent = story.front.seen + story.way.seen
    path = os.path.join(story.java.home, "frames.hex")
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(data.hex() + "\n" for data in sent)
    told = story.java.drive("Decode", path)
    wrong = [(a, b) for a, b in zip(told, map(as_apache_says, sent)) if a != b]
    codes = sorted({frames.Frame(data).header["code"] for data in sent})
    story.check("apache-decodes-our-frames-without-loss",
                len(told) == len(sent) > 0 and not wrong, wrong[:2])
    story.check("all-kinds-of-our-frames-were-seen", {34, 35, 105, 310} <= set(codes), codes)
    used = {frames.Frame(data).encoding for data in sent}
    story.check("our-headers-are-in-that-encoding", used == {encoding.lower()}, used)


def main(program, version):
    tap = Tap()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            java = apache.Apache(os.path.join(scratch, "home"), version)
            java.compile("ReadBack", "Decode")
            java.start_servers()
            servers.Servers(version, java.namesrv, java.broker)  # waits until it is routed
            for encoding in ENCODINGS:
                story = Story(tap, version, encoding, java)
                answers = check_sends(story, program)
                check_read(story, answers, read_back(story))
                check_frames(story, encoding)
        except apache.Absent as why:
            skip_all(str(why))
        finally:
            children.stop_all()
    tap.done()


main(*sys.argv[1:])
