#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`rmqlab run` against a cluster that another process owns, and the folder it leaves behind.

usage: test_elsewhere.py RMQLAB
"""
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import children
import rmqlab
from tap import Tap

TIMEOUT_S = 60
SCENARIO = """scenario "elsewhere"
nameserver ns1
broker broker-a
topic T queues 4 on broker-a
producer P group G
at 10ms broker-a kill
P sends 5 x to T sync select by orderId keys 2 every 10ms
settle 100ms
expect no loss
expect order per key in T as stored
expect result = OK
"""


def sends_in(folder):
    with open(os.path.join(folder, "sends.ndjson"), encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def check_elsewhere(tap, lab, scratch):
    path = os.path.join(scratch, "elsewhere.scn")
    folder = os.path.join(scratch, "result", "of this")
    with open(path, "w", encoding="utf-8") as scenario:
        scenario.write(SCENARIO)
    served = rmqlab.Served(lab, os.path.join(scratch, "serve.log"), "--topic", "T:4")
    status, out, err = children.run([lab, "run", path, "--namesrv", served.namesrv, "--json",
                                     "--result", folder], TIMEOUT_S)
    stored = served.messages("T")
    report = json.loads(out)
    verdicts = {v["claim"]: v["verdict"] for v in report["verdicts"] if v["kind"] == "expect"}
    tap.check("/scenarios/elsewhere/outages-are-left-out", verdicts.get("result = OK") == "ok", out)
    tap.check("/scenarios/elsewhere/what-brokers-hold-is-unknown",
              status == 4 and verdicts["no loss"] == "unknown"
              and verdicts["order per key in T as stored"] == "unknown", (status, verdicts))
    tap.check("/scenarios/elsewhere/it-says-what-was-left-out",
              any("somebody else's" in note for note in report["notes"]), report["notes"])
    tap.check("/scenarios/elsewhere/standard-error-says-when-it-begins",
              f"begins at {served.namesrv}" in err, err)
    told = sorted((s["send"], s["queue"], s["offset"]) for s in sends_in(folder))
    there = sorted((m["properties"]["KEYS"].split()[0], m["queue"], m["offset"]) for m in stored)
    tap.check("/scenarios/elsewhere/the-cluster-holds-what-sends-ndjson-tells",
              len(told) == 5 and told == there, (told, there))
    with open(os.path.join(folder, "report.json"), encoding="utf-8") as again:
        tap.check("/scenarios/elsewhere/report.json-is-what-was-printed",
                  json.load(again) == report, report)


def check_options(tap, lab, scratch):
    status, _, err = children.run([lab, "run", "first-send", "--profile", "4.7"], TIMEOUT_S)
    tap.check("/scenarios/profile/unknown-one-is-refused-with-the-known",
              status == 2 and "4.5.1, 4.9, 5.3, recommended" in err, err)
    status, out, _ = children.run([lab, "run", "first-send", "--profile", "5.3", "--headless"],
                                  TIMEOUT_S)
    tap.check("/scenarios/profile/stands-in-the-replay-command",
              status == 0 and "rmqlab run first-send --profile 5.3 --seed 1" in out, out)
    blocked = os.path.join(scratch, "a-file")
    with open(blocked, "w", encoding="utf-8"):
        pass
    status, _, err = children.run([lab, "run", "first-send", "--headless", "--result", blocked],
                                  TIMEOUT_S)
    tap.check("/scenarios/result/a-folder-that-cannot-be-made-is-said",
              status == 2 and "--result" in err, (status, err))


def main(lab):
    tap = Tap()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            check_elsewhere(tap, lab, scratch)
            check_options(tap, lab, scratch)
        finally:
            children.stop_all()
    tap.done()


main(sys.argv[1])
