#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Apache's unmodified Java producer sends to `rmqlab serve`; every message is found over HTTP.

usage: test_java_client.py RMQLAB
"""
import collections
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import apache
import children
import rmqlab
from stored import body_of
from tap import Tap, skip_all

TOPIC = "PeerTopic"
EACH = 10
KINDS = {"sync": EACH, "big": 1, "selector": EACH, "async": EACH, "oneway": EACH, "last": EACH}


def expected_bodies():
    bodies = {}
    for kind, count in KINDS.items():
        for i in range(count):
            text = f"{kind}-{i} grün"
            while kind == "big" and len(text) < 6000:
                text += chr(ord("a") + len(text) % 26)
            bodies[f"{kind}-key-{i}"] = text
    return bodies


def check_results(tap, results):
    answered = collections.Counter(kind for kind, *_ in results)
    wanted = {kind: count for kind, count in KINDS.items() if kind != "oneway"}
    tap.check("java/4.9.7/every-send-but-oneway-is-answered", answered == wanted, answered)
    tap.check("java/4.9.7/every-answer-is-SEND_OK", {r[2] for r in results} == {"SEND_OK"}, results)
    tap.check("java/4.9.7/ids-are-unique",
              len({r[3] for r in results}) == len({r[4] for r in results}) == len(results), results)
    by_key = collections.defaultdict(set)
    for kind, index, *_, queue in results:
        if kind == "selector":
            by_key[int(index) % 3].add(queue)
    tap.check("java/4.9.7/selector-keeps-a-key-on-one-queue",
              [len(queues) for queues in by_key.values()] == [1, 1, 1], dict(by_key))


def check_stored(tap, results, messages):
    bodies = expected_bodies()
    by_key = {m["properties"].get("KEYS"): m for m in messages}
    keys = sorted(str(m["properties"].get("KEYS")) for m in messages)
    tap.check("java/4.9.7/each-message-is-stored-once", keys == sorted(bodies), keys)
    wrong = [key for key, m in by_key.items() if body_of(m).decode() != bodies.get(key)]
    tap.check("java/4.9.7/bodies-are-as-sent", not wrong, wrong)
    wrong = [key for key, m in by_key.items()
             if m["properties"].get("TAGS") != "Tag-" + key.split("-")[0]
             or m["properties"].get("colour") != "blau-grün " + key.rsplit("-", 1)[1]]
    tap.check("java/4.9.7/tags-and-user-properties-are-as-sent", not wrong, wrong)
    where = {m["properties"]["UNIQ_KEY"]: f"{m['broker']}:{m['queue']}" for m in messages}
    brokers = {queue.split(":")[0] for queue in where.values()}
    tap.check("java/4.9.7/round-robin-reaches-both-brokers", len(brokers) == 2, brokers)
    wrong = [r for r in results if where.get(r[3]) != r[5]]
    tap.check("java/4.9.7/messages-lie-in-the-queue-that-was-answered", not wrong, wrong)


def main(program):
    tap = Tap()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            java = apache.Apache(os.path.join(scratch, "home"))
            java.compile("SendDriver")
            served = rmqlab.Served(program, os.path.join(scratch, "serve.log"), "--brokers", "2",
                                   "--topic", TOPIC + ":4")
            results = java.drive("SendDriver", served.namesrv, TOPIC)
            check_results(tap, results)
            check_stored(tap, results, served.messages(TOPIC))
            tap.check("java/4.9.7/serve-ends-well", served.stop() == 0, served.log())
        except apache.Absent as why:
            skip_all(str(why))
        finally:
            children.stop_all()
    tap.done()


main(sys.argv[1])
