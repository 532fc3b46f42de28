#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What other people's test suites use of a served cluster: clusters of their own, expectations that
are waited for, outages with an id, an end with the suite.

usage: test_for_ci.py RMQLAB
"""
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import children
import rmqlab
from tap import Tap

TIMEOUT_S = 60
STATES = ("kill", "stop", "refuse", "hang", "pause")
WHAT = {"what": "send responses", "afterStore": True, "key": "K", "amount": "every 5th"}
BUSY = {"target": "broker-a", "verb": "answer", "code": "SYSTEM_BUSY", "what": "send requests"}


class Cluster:
    """One of one's own in a served process."""

    def __init__(self, served, **options):
        self.served = served
        status, made = served.call("POST", "/v1/clusters", options)
        if status != 200:
            raise RuntimeError(made)
        self.path, self.namesrv = f"/v1/clusters/{made['id']}", made["namesrv"]

    def call(self, method, path, body=None):
        return self.served.call(method, self.path + path, body)

    def stored(self, topic):
        return self.call("GET", f"/v1/messages?topic={topic}")[1]["total"]

    def outages(self, broker):
        _, answer = self.call("GET", "/v1/snapshot?tables=truth")
        rows = {row["broker"]: row for row in answer["tables"]["truth"][0]["rows"]}
        return rows[broker]["state"], rows[broker]["outages"]

    def end(self):
        return self.served.call("DELETE", self.path)


def check_apart(tap, lab, served):
    first = Cluster(served, brokers=2, topics=["Orders:2"])
    second = Cluster(served, nameservers=2, topics=["Orders"], profile="5.3")
    tap.check("/clusters/ports-are-its-own", first.namesrv != second.namesrv != served.namesrv)
    tap.check("/clusters/name-servers-are-as-many-as-asked", second.namesrv.count(";") == 1,
              second.namesrv)
    rmqlab.send(lab, first.namesrv, "Orders", "--count", "3")
    rmqlab.send(lab, second.namesrv, "Orders")
    tap.check("/clusters/messages-stay-apart",
              (first.stored("Orders"), second.stored("Orders"), served.messages("Orders"))
              == (3, 1, []))
    first.call("POST", "/v1/outages", {"target": "broker-a", "verb": "kill"})
    tap.check("/clusters/outages-stay-apart",
              (first.outages("broker-a")[0], second.outages("broker-a")[0]) == ("DOWN", "UP"))
    tap.check("/clusters/short-paths-are-the-same",
              served.call("GET", first.path + "/messages?topic=Orders")[1]["total"] == 3)
    status, out, err = children.run([lab, "ctl", "--http", f"http://{served.http}{second.path}/",
                                     "broker-a pause"], TIMEOUT_S)
    tap.check("/clusters/ctl-takes-one-as-its-base", status == 0 and
              second.outages("broker-a")[0] == "PAUSED", out + err)
    second.call("POST", "/v1/reset")
    tap.check("/clusters/reset-keeps-declared-topics",
              rmqlab.send(lab, second.namesrv, "Orders")[0] == 0 and second.stored("Orders") == 1)
    host, port = first.namesrv.split(":")
    tap.check("/clusters/delete-ends-it", first.end() == (200, {}) and refuses(host, int(port)))
    tap.check("/clusters/ended-ones-are-404",
              (first.end()[0], first.call("GET", "/v1/health")[0]) == (404, 404))
    second.end()


def refuses(host, port):
    try:
        with socket.create_connection((host, port), 5):
            return False
    except ConnectionRefusedError:
        return True


def check_refusals(tap, served):
    for claim, body, said in (
            ("unknown-members", {"brokrs": 1}, "brokers"),
            ("wrong-types", {"brokers": "2"}, "brokers"),
            ("numbers-out-of-bounds", {"nameservers": 0}, "nameservers"),
            ("topics-that-are-no-list", {"topics": "T"}, "topics"),
            ("topics-that-are-no-names", {"topics": ["a b"]}, "a b"),
            ("topics-on-no-broker", {"brokers": 0, "topics": ["T"]}, "broker"),
            ("profiles-nobody-has", {"profile": "3.0"}, "4.9"),
            ("bodies-that-are-no-object", [1], "object")):
        status, answer = served.call("POST", "/v1/clusters", body)
        error = answer.get("error", {})
        tap.check(f"/clusters/refuses/{claim}",
                  status == 400 and said in f"{error.get('message')} {error.get('hint')}", answer)
    tap.check("/clusters/refused-ones-take-no-number",
              Cluster(served).path == "/v1/clusters/1")


def check_speed(tap, served):
    started = time.monotonic()
    clusters = [Cluster(served, brokers=2) for _ in range(10)]
    took = time.monotonic() - started
    tap.check("/clusters/ten-are-there-within-two-seconds", took < 2, took)
    for cluster in clusters:
        cluster.end()


def check_expect(tap, lab, served):
    cluster = Cluster(served, brokers=1, topics=["T:1"])
    sender = threading.Thread(target=rmqlab.send, args=(lab, cluster.namesrv, "T", "--count", "3"))
    sender.start()
    _, answer = cluster.call("POST", "/v1/expect",
                             {"expect": "sends to broker-a = 3", "within": "20s"})
    sender.join()
    tap.check("/expect/waits-until-it-holds", answer["verdict"] == "ok"
              and answer["nearestMiss"] is None and answer["waitedMs"] < 20000, answer)
    _, answer = cluster.call("POST", "/v1/expect",
                             {"expect": "expect sends to broker-a >= 5", "within": "50ms"})
    tap.check("/expect/tells-the-nearest-miss", answer["verdict"] == "failed"
              and answer["nearestMiss"]["off"] == 2 and "3 of 3" in answer["evidence"], answer)
    tap.check("/expect/waits-no-longer-than-asked", 50 <= answer["waitedMs"] < 5000, answer)
    _, answer = cluster.call("POST", "/v1/expect", {"expect": "result = OK", "within": "1ms"})
    tap.check("/expect/what-nobody-saw-is-unknown", answer["verdict"] == "unknown", answer)
    for claim, body in (("claims-that-are-none", {"expect": "duplictes = 0"}),
                        ("two-lines", {"expect": "duplicates = 0\nduplicates = 0"}),
                        ("other-statements", {"expect": "note"}),
                        ("no-claim", {"within": "1s"}),
                        ("times-without-a-unit", {"expect": "duplicates = 0", "within": "5"})):
        status, answer = cluster.call("POST", "/v1/expect", body)
        tap.check(f"/expect/refuses/{claim}", status == 400 and answer["error"]["message"], answer)
    waiting = http.client.HTTPConnection(served.http, timeout=20)
    waiting.request("POST", cluster.path + "/v1/expect",
                    json.dumps({"expect": "sends to broker-a = 99", "within": "60s"}))
    cluster.end()
    status = waiting.getresponse().status
    waiting.close()
    tap.check("/expect/ends-with-its-cluster", status == 404, status)


def check_outages(tap, lab, served):
    cluster = Cluster(served, topics=["T:1"])
    status, first = cluster.call("POST", "/v1/outages", {**BUSY, "remark": "too busy",
                                                         "amount": "next 30", "of": "T"})
    tap.check("/outages/are-the-twin-of-a-line", status == 200 and first["line"]
              == 'broker-a answer SYSTEM_BUSY "too busy" next 30 send requests of "T"', first)
    _, second = cluster.call("POST", "/v1/outages",
                             {"target": "broker-a", "verb": "delay", "delay": "1ms",
                              "amount": "50%", "what": "send responses", "afterStore": True})
    status, sent, _ = rmqlab.send(lab, cluster.namesrv, "T", "--timeout", "1000")
    tap.check("/outages/happen", status == 1 and sent[0]["error"]["remark"] == "too busy", sent)
    tap.check("/outages/delete-heals-just-that-one",
              cluster.call("DELETE", f"/v1/outages/{first['id']}")[1]["ended"]
              and cluster.outages("broker-a") == ("UP", 1), second)
    tap.check("/outages/healed-is-healed", rmqlab.send(lab, cluster.namesrv, "T")[0] == 0)
    tap.check("/outages/end-once", cluster.call("DELETE", f"/v1/outages/{first['id']}")[0] == 404)
    _, paused = cluster.call("POST", "/v1/outages", {"target": "broker-a", "verb": "pause"})
    cluster.call("DELETE", f"/v1/outages/{paused['id']}")
    tap.check("/outages/states-end-too", cluster.outages("broker-a") == ("UP", 1))
    _, later = cluster.call("POST", "/v1/outages",
                            {"target": "broker-a", "verb": "kill", "at": "10m"})
    tap.check("/outages/that-are-to-come-are-taken-back",
              cluster.call("DELETE", f"/v1/outages/{later['id']}")[1]["ended"] is True, later)
    for verb in ("kill", "stop", "refuse", "hang", "pause", "drop", "close", "reset", "answer",
                 "delay"):
        more = {"answer": {"code": 2}, "delay": {"delay": "1ms"}}.get(verb, {})
        _, made = cluster.call("POST", "/v1/outages", {"target": "broker-a", "verb": verb, **more,
                                                       **({} if verb in STATES else WHAT)})
        begun = cluster.outages("broker-a")
        cluster.call("DELETE", f"/v1/outages/{made['id']}")
        tap.check(f"/outages/begin-and-end/{verb}",
                  begun != ("UP", 1) and cluster.outages("broker-a") == ("UP", 1), (made, begun))
    for claim, body, said in (
            ("unknown-verbs", {"target": "broker-a", "verb": "kil"}, "kill"),
            ("what-is-no-outage", {"target": "broker-a", "verb": "start"}, "start"),
            ("unknown-members", {**BUSY, "amont": "all"}, "amount"),
            ("unknown-targets", {**BUSY, "target": "broker-b"}, "broker-b"),
            ("a-target-with-a-time", {**BUSY, "target": "at 60s broker-a"}, "target"),
            ("a-target-with-an-end", {**BUSY, "target": "for 1ms broker-a"}, "target"),
            ("a-second-line", {**BUSY, "of": "T\nbroker-a kill"}, "of"),
            ("a-second-word", {**BUSY, "of": 'T" key "1'}, "of"),
            ("members-of-another-type", {**BUSY, "afterStore": "yes"}, "afterStore"),
            ("what-the-line-could-not-say", {**BUSY, "code": "SYSTEM_BSY"}, "SYSTEM_BUSY")):
        status, answer = cluster.call("POST", "/v1/outages", body)
        error = answer.get("error", {})
        tap.check(f"/outages/refuses/{claim}",
                  status == 400 and said in f"{error.get('message')} {error.get('hint')}", answer)
    cluster.end()


def check_queries(tap, served):
    for claim, path, said in (
            ("unknown-tables", "/v1/snapshot?tables=trueth", "truth"),
            ("unknown-parameters", "/v1/messages?topic=T&brokr=x", "broker"),
            ("parameters-given-twice", "/v1/messages?topic=T&topic=U", "topic"),
            ("parameters-without-a-value", "/v1/messages?topic=", "topic"),
            ("no-topic", "/v1/messages", "topic"),
            ("unknown-brokers", "/v1/messages?topic=T&broker=broker-z", "broker-a")):
        status, answer = served.call("GET", path)
        error = answer.get("error", {})
        tap.check(f"/http/refuses/{claim}",
                  status == 400 and said in f"{error.get('message')} {error.get('hint')}", answer)
    tap.check("/http/head-is-get-without-a-body", served.call("HEAD", "/v1/health") == (200, None))
    _, answer = served.call("GET", "/v1/unsupported")
    tap.check("/http/unsupported-is-a-list", answer["unsupported"]
              and {"server", "code", "name", "help"} == set(answer["unsupported"][0]), answer)


def check_parent(tap, lab, scratch):
    """The parent is killed; no signal, no pipe tells the child."""
    ready = os.path.join(scratch, "ready")
    parent = subprocess.Popen([sys.executable, "-c", f"""
import subprocess, sys
child = subprocess.Popen([{lab!r}, "serve", "--exit-with-parent", "--ready-file", {ready!r}],
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
print(child.pid, flush=True)
child.wait()
"""], stdout=subprocess.PIPE, encoding="utf-8")
    pid = int(parent.stdout.readline())
    children.wait_until(lambda: os.path.exists(ready), TIMEOUT_S)
    parent.kill()
    parent.wait()
    tap.check("/serve/exit-with-parent/ends-when-the-parent-is-killed",
              children.wait_until(lambda: is_over(pid), 10))


def is_over(pid):
    """Gone, or a zombie that nobody here reaps."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] in "ZX"
    except FileNotFoundError:
        return True


def check_advertised(tap, lab, scratch):
    served = rmqlab.Served(lab, os.path.join(scratch, "log"), "--bind", "127.0.0.2", "--advertise",
                           "localhost", "--topic", "T:1")
    tap.check("/serve/advertise/is-what-the-ready-line-names",
              served.namesrv.startswith("localhost:") and served.http.startswith("localhost:"),
              served.ready_line)
    served.http = served.http.replace("localhost", "127.0.0.2")
    tables = served.get("/v1/snapshot?tables=brokerAddrTable")["tables"]
    tap.check("/serve/advertise/is-what-routes-name", "localhost:" in str(tables), tables)
    _, made = served.call("POST", "/v1/clusters", {})
    tap.check("/serve/advertise/holds-for-every-cluster",
              made["namesrv"].startswith("localhost:"), made)
    served.stop()


def main(lab):
    tap = Tap()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            served = rmqlab.Served(lab, os.path.join(scratch, "log"))
            check_refusals(tap, served)
            check_apart(tap, lab, served)
            check_speed(tap, served)
            check_expect(tap, lab, served)
            check_outages(tap, lab, served)
            check_queries(tap, served)
            Cluster(served)
            tap.check("/clusters/end-with-the-process", served.stop() == 0, served.log())
            check_parent(tap, lab, scratch)
            check_advertised(tap, lab, scratch)
        finally:
            children.stop_all()
    tap.done()


main(os.path.abspath(sys.argv[1]))
