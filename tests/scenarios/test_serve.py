#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A served cluster: its ports, its files, its scenario, the lines it takes while it runs.

usage: test_serve.py RMQLAB
"""
import http.client
import json
import os
import socket
import sys
import tempfile
import time
import urllib.error

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import children
import rmqlab
from tap import Tap

TIMEOUT_S = 60
STORY = """
nameserver ns1
broker broker-a broker-b
topic Story queues 2 on broker-a
producer P group G
P sends 5 x to Story as x
broker-b kill
for 200ms broker-a answer MESSAGE_ILLEGAL all send requests
expect duplicates = 0
"""


def refused(tap, lab, claim, said, *options):
    status, out, err = children.run([lab, "serve", *options], TIMEOUT_S)
    tap.check(claim, (status, out) == (2, "") and said in err, (status, out, err))


def check_options(tap, lab, scratch):
    refused(tap, lab, "/serve/options/profiles-are-the-known-ones", "4.9", "--profile", "3.0")
    refused(tap, lab, "/serve/options/ready-file-is-writable", "--ready-file",
            "--ready-file", os.path.join(scratch, "no", "folder"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused(tap, lab, "/serve/options/http-port-is-free", port, "--http-port", port)
        refused(tap, lab, "/serve/options/namesrv-port-is-free", port, "--namesrv-port", port)
    refused(tap, lab, "/serve/options/ports-are-numbers", "namesrv-port", "--namesrv-port", "x")
    refused(tap, lab, "/serve/options/no-more-ports-than-servers", "more ports",
            "--namesrv-port", "0,0")
    refused(tap, lab, "/serve/options/brokers-have-a-limit", "--brokers", "--brokers", "27")
    refused(tap, lab, "/serve/options/topics-are-names", "no name", "--topic", "a/b")
    story = os.path.join(scratch, "story.scn")
    with open(story, "w", encoding="utf-8") as out:
        out.write(STORY)
    refused(tap, lab, "/serve/run/its-brokers-must-be-served", "broker-b is not served",
            "--run", story)
    refused(tap, lab, "/serve/run/its-errors-are-told", "no shipped scenario", "--run", "nothing")
    return story


def check_files(tap, lab, scratch):
    ready = os.path.join(scratch, "ready")
    port = children.free_ports([])
    served = rmqlab.Served(lab, os.path.join(scratch, "log"), "--nameservers", "2", "--brokers",
                           "3", "--namesrv-port", f"0,{port}", "--ready-file", ready)
    with open(ready, encoding="utf-8") as line:
        tap.check("/serve/ready/file-holds-the-line", line.read() == served.ready_line)
    tap.check("/serve/ready/ports-are-as-asked", served.namesrv.endswith(f":{port}"),
              served.namesrv)
    tables = served.get("/v1/snapshot")["tables"]
    tap.check("/serve/ready/every-broker-is-routed", len(tables["truth"][0]["rows"]) == 3, tables)
    tap.check("/serve/ends/on-sigterm-with-0", served.stop() == 0, served.log())


def answers(served, *lines):
    answer = json.loads(served.post("/v1/lines", "\n".join(lines)))
    return [one["answer"] for one in answer["lines"]]


def check_story(tap, lab, story, scratch):
    served = rmqlab.Served(lab, os.path.join(scratch, "log"), "--brokers", "2", "--run", story)
    states = {row["broker"]: row["state"] for row in
              served.get("/v1/snapshot?tables=truth")["tables"]["truth"][0]["rows"]}
    tap.check("/serve/run/outages-happen", states == {"broker-a": "UP", "broker-b": "DOWN"}, states)
    tap.check("/serve/run/producers-do-not", served.messages("Story") == [])
    time_is_over = time.monotonic() + 10
    sent = []
    while time.monotonic() < time_is_over and not (sent and "status" in sent[0]):
        _, sent, _ = rmqlab.send(lab, served.namesrv, "Story")
    tap.check("/serve/run/outages-end", sent and sent[0]["status"] == "SEND_OK", sent)
    verdict, = answers(served, "expect duplicates = 0")
    tap.check("/serve/lines/expect-has-its-verdict", verdict["verdict"] == "ok", verdict)
    verdict, = answers(served, "expect sends to broker-b = 0")
    tap.check("/serve/lines/foreign-sends-are-counted", verdict["verdict"] == "ok", verdict)
    tap.check("/serve/lines/several-at-once",
              answers(served, "broker-b start", "topic More queues 1 on broker-b") == ["done"] * 2)
    verdict, = answers(served, "expect result = OK")
    tap.check("/serve/lines/what-nobody-saw-is-unknown", verdict["verdict"] == "unknown", verdict)
    status, out, err = children.run([lab, "ctl", "--http", served.http,
                                     "P sends 5 x to Story as y"], TIMEOUT_S)
    tap.check("/serve/lines/producers-stay-outside", status == 2 and "outside" in err, out + err)
    served.post("/v1/reset", "")
    tap.check("/serve/reset/forgets-messages", served.messages("Story") == [])
    topics = [row["topic"] for table in served.get("/v1/snapshot?tables=topicConfigTable")["tables"]
              ["topicConfigTable"] for row in table["rows"]]
    tap.check("/serve/reset/keeps-the-topics-of-the-start",
              "Story" in topics and "More" not in topics, topics)
    verdict, = answers(served, "expect duplicates = 0")
    tap.check("/serve/reset/forgets-evidence", verdict["verdict"] == "unknown", verdict)
    tap.check("/serve/run/nothing-seen-is-status-4", served.stop() == 4, served.log())


def check_verdicts(tap, lab, scratch):
    """Of the scenario's own expectations, at the end; not of what was asked over HTTP."""
    scenario = os.path.join(scratch, "verdicts.scn")
    for claim, status, word in (("sends to broker-a = 1", 0, "ok"),
                                ("sends to broker-a = 2", 1, "failed")):
        with open(scenario, "w", encoding="utf-8") as out:
            out.write(f"broker broker-a\ntopic T queues 1 on broker-a\nexpect {claim}\n")
        served = rmqlab.Served(lab, os.path.join(scratch, "log"), "--run", scenario)
        answers(served, "expect sends to broker-a = 0")
        rmqlab.send(lab, served.namesrv, "T")
        ended = served.stop()
        out = served.child.stdout.read()
        tap.check(f"/serve/run/{word}-is-status-{status}", ended == status
                  and f"{word} " in out and "sends to broker-a = 0" not in out, (ended, out))


def check_duplicates(tap, lab, scratch):
    """A foreign producer meets the reset after the store: the verdict names the event."""
    served = rmqlab.Served(lab, os.path.join(scratch, "log"), "--brokers", "2", "--topic", "T:1")
    answers(served, "broker-a reset next 1 send responses after store",
            "broker-b reset next 1 send responses after store")
    status, sent, err = rmqlab.send(lab, served.namesrv, "T")
    verdict, = answers(served, "expect duplicates = 0")
    tap.check("/serve/lines/foreign-duplicates-are-seen",
              status == 0 and verdict["verdict"] == "failed" and verdict["ev"] > 0,
              json.dumps([sent, err, verdict]))
    served.stop()


def ask_and_leave(served):
    """As a client that would keep its connection, and goes."""
    connection = http.client.HTTPConnection(served.http, timeout=10)
    connection.request("GET", "/v1/health")
    connection.getresponse().read()
    connection.close()


def open_files(served):
    return len(os.listdir(f"/proc/{served.child.pid}/fd"))


def post_lines(served, text):
    """Status, and what was said if it isn't 200."""
    try:
        served.post("/v1/lines", text)
        return 200, ""
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def check_lines(tap, served):
    served.post("/v1/reset", "")
    taken = post_lines(served, "broker-a heal\n" * 10000)
    refusal = post_lines(served, "broker-a heal")
    tap.check("/serve/lines/have-a-limit", taken[0] == 200 and refusal[0] == 400
              and "/v1/reset" in refusal[1], (taken, refusal))
    served.post("/v1/reset", "")
    tap.check("/serve/reset/forgets-lines", post_lines(served, "broker-a heal")[0] == 200)


def check_long_life(tap, lab, scratch):
    served = rmqlab.Served(lab, os.path.join(scratch, "log"))
    ask_and_leave(served)
    before = open_files(served)
    for _ in range(50):
        ask_and_leave(served)
    tap.check("/serve/http/clients-that-leave-leave-nothing",
              children.wait_until(lambda: open_files(served) <= before + 2, TIMEOUT_S),
              f"{before} files open, then {open_files(served)}")
    host, port = served.namesrv.split(":")
    with socket.create_connection((host, int(port)), TIMEOUT_S) as peer:
        peer.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        peer.recv(1)
    tap.check("/serve/log/says-who-was-sent-away-and-why",
              children.wait_until(lambda: "TLS" in served.log(), TIMEOUT_S), served.log())
    status, out, err = children.run([lab, "ctl", "--http", served.http, "expect duplicates = 0"],
                                    TIMEOUT_S)
    tap.check("/serve/ctl/unknown-is-status-4", status == 4 and "unknown" in out, out + err)
    rmqlab.send(lab, served.namesrv, "T")
    status, out, err = children.run([lab, "ctl", "--http", served.http, "expect duplicates = 5"],
                                    TIMEOUT_S)
    tap.check("/serve/ctl/failed-is-status-1", status == 1 and "failed" in out, out + err)
    check_lines(tap, served)
    served.stop()


def main(lab):
    tap = Tap()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            story = check_options(tap, lab, scratch)
            check_files(tap, lab, scratch)
            check_story(tap, lab, story, scratch)
            check_verdicts(tap, lab, scratch)
            check_duplicates(tap, lab, scratch)
            check_long_life(tap, lab, scratch)
        finally:
            children.stop_all()
    tap.done()


main(os.path.abspath(sys.argv[1]))
