#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The clocks of name servers and brokers, measured at Apache's and at ours, side by side.

usage: clocks.py BUILD [--version V]... [--write PAGE] [--tap]

Everything is looked at from outside, by raw frames, all clocks of all servers at once: about three
minutes. Exit status 1 where ours differ by more than the row's slack.
"""
import argparse
import datetime
import json
import os
import socket
import subprocess
import struct
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "conformance")]
import apache
import children
import frames
import servers
from connection import OPEN, Connection
from probe import VERSIONS
from tap import Tap, skip_all

REGISTER, ROUTE, CLUSTER, SEND = 103, 105, 106, 310
HEARTBEAT, MEMBERS, CHECK, NOTIFY = 34, 38, 39, 40
REGISTRATION_WATCH_S = 75
EXPIRY_WATCH_S = 140
CHECK_WATCH_S = 100
LOOK_EVERY_S = 0.02
BUSY_EVERY_S = 5
# name → (what it is, unit, slack in that unit, the test that holds it in simulated time)
ROWS = {
    "registration": ("a broker's registrations, after its first", "s", 1.5,
                     "mock-broker-life: register/4.9/at-0-10-40-60-70"),
    "broken connection": ("a broker's connection is closed → it is out of routes", "ms", 300,
                          "mock-nameserver: leave/4.9/fin-drops-the-broker-at-once"),
    "idle close": ("silent since its registration → the name server closes the connection", "s",
                   0.3, "mock-nameserver: leave/4.9/idle-connection-ends-after-120-s"),
    "idle route": ("the same → it is out of routes", "s", 0.3, "the same"),
    "expiry": ("registered once, its connection kept busy → out of routes, by the scan", "s", 10,
               "mock-nameserver: leave/4.9/silence-ends-at-a-scan-after-120-s"),
    "member gone": ("a consumer's connection is closed → the other one is told (40)", "ms", 60,
                    "mock-groups"),
    "transaction checks": ("a half message nobody decided → first, second question (39)", "s", 60,
                           "mock-later: transaction/4.9/…"),
}


def ask(connection, opaque, code, fields, body=b"", flag=0):
    header = {"code": code, "extFields": fields, "flag": flag, "language": "JAVA", "opaque": opaque,
              "version": 407}
    connection.send(frames.encode(header, body, frames.JSON))
    connection.wait(lambda: connection.answered(opaque), 10)
    return connection.take_until(opaque)


def register_at(namesrv, name):
    """A connection over which a broker of that name has just registered."""
    connection = Connection(namesrv)
    topics = {"T" + name: {"order": False, "perm": 6, "readQueueNums": 1, "writeQueueNums": 1,
                           "topicFilterType": "SINGLE_TAG", "topicName": "T" + name,
                           "topicSysFlag": 0}}
    for extra in range(2):  # 5.3 refuses an unknown broker that brings a single topic
        topics[f"U{extra}{name}"] = dict(topics["T" + name], topicName=f"U{extra}{name}")
    wrapper = {"dataVersion": {"counter": 1, "timestamp": 1700000000000},
               "topicConfigTable": topics}
    body = json.dumps({"filterServerList": [], "topicConfigSerializeWrapper": wrapper}).encode()
    fields = {"brokerName": name, "brokerAddr": f"{name}:1", "clusterName": "LabCluster",
              "haServerAddr": f"{name}:2", "brokerId": "0", "compressed": "false",
              "bodyCrc32": str(frames.crc(body))}
    answer = ask(connection, 1, REGISTER, fields, body)[-1]
    assert answer.header["code"] == 0, answer.header
    return connection, time.monotonic()


def wait_unrouted(namesrv, name, timeout_s):
    """When the topic of that broker has no route any more."""
    look, opaque = Connection(namesrv), 0
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        opaque += 1
        if ask(look, opaque, ROUTE, {"topic": "T" + name})[-1].header["code"] != 0:
            return time.monotonic()
        time.sleep(LOOK_EVERY_S)
    return None


# ---- one function a clock ----------------------------------------------------------------------

def measure_broken(pair):
    connection, _ = register_at(pair.namesrv, "broken")
    begin = time.monotonic()
    connection.close()
    return {"broken connection": [(wait_unrouted(pair.namesrv, "broken", 10) - begin) * 1000]}


def measure_idle(pair):
    connection, begin = register_at(pair.namesrv, "idle")
    connection.wait(lambda: False, EXPIRY_WATCH_S)
    closed = time.monotonic() - begin if connection.state != OPEN else None
    gone = wait_unrouted(pair.namesrv, "idle", 20)
    return {"idle close": [closed], "idle route": [gone and gone - begin]}


def measure_expiry(pair):
    connection, begin = register_at(pair.namesrv, "busy")
    stop = threading.Event()

    def keep_busy():
        opaque = 10
        while not stop.wait(BUSY_EVERY_S) and connection.state == OPEN:
            opaque += 1
            ask(connection, opaque, CLUSTER, None)

    busy = threading.Thread(target=keep_busy, daemon=True)
    busy.start()
    gone = wait_unrouted(pair.namesrv, "busy", EXPIRY_WATCH_S)
    stop.set()
    return {"expiry": [gone and gone - begin]}


def heartbeat(client, consumer_group=None, producer_group=None):
    subscription = {"classFilterMode": False, "codeSet": [], "expressionType": "TAG",
                    "subString": "*", "subVersion": 1, "tagsSet": [], "topic": "BenchmarkTest"}
    consumer = {"consumeFromWhere": "CONSUME_FROM_FIRST_OFFSET", "consumeType": "CONSUME_PASSIVELY",
                "groupName": consumer_group, "messageModel": "CLUSTERING", "unitMode": False,
                "subscriptionDataSet": [subscription]}
    return json.dumps({"clientID": client, "consumerDataSet": [consumer] if consumer_group else [],
                       "producerDataSet": [{"groupName": producer_group}] if producer_group else []}
                      ).encode()


def measure_members(pair):
    first, second = Connection(pair.broker), Connection(pair.broker)
    ask(first, 1, HEARTBEAT, None, heartbeat("first", consumer_group="CG_CLOCKS"))
    ask(second, 1, HEARTBEAT, None, heartbeat("second", consumer_group="CG_CLOCKS"))
    first.wait(lambda: False, 0.5)  # what the second one's coming caused
    first.take_all()
    begin = time.monotonic()
    second.close()
    told = lambda: any(f.header["code"] == NOTIFY and not f.is_response for f in first.frames)
    first.wait(told, 10)
    return {"member gone": [(time.monotonic() - begin) * 1000 if told() else None]}


def measure_checks(pair):
    connection = Connection(pair.broker)
    ask(connection, 1, HEARTBEAT, None, heartbeat("transactional", producer_group="PG_CLOCKS"))
    properties = "UNIQ_KEY\1CLOCKS\2TRAN_MSG\1true\2PGROUP\1PG_CLOCKS"
    fields = dict(zip("abcdefghijkm", ("PG_CLOCKS", "BenchmarkTest", "TBW102", "4", "0", "4",
                                       str(int(time.time() * 1000)), "0", properties, "0", "false",
                                       "false")))
    ask(connection, 2, SEND, fields, b"half")
    begin, times = time.monotonic(), []

    def checked():
        return any(f.header["code"] == CHECK for f in connection.frames)

    while len(times) < 2 and connection.wait(checked, CHECK_WATCH_S - (time.monotonic() - begin)):
        connection.take_all()
        times.append(time.monotonic() - begin)
    return {"transaction checks": times}


class FakeNameserver:
    """Notes when a broker registers; answers everything with success and nothing in it."""

    def __init__(self):
        self.times = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            peer, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        stream = peer.makefile("rb")
        while True:
            head = stream.read(4)
            if len(head) < 4:
                return
            frame = frames.Frame(stream.read(struct.unpack(">I", head)[0]))
            if frame.header["code"] == REGISTER:
                self.times.append(time.monotonic())
            answer = {"code": 0, "extFields": {}, "flag": 1, "language": "JAVA",
                      "opaque": frame.header["opaque"], "version": 407}
            peer.sendall(frames.encode(answer, b"", frames.JSON))


def measure_registration(pair):
    fake = FakeNameserver()
    pair.start_broker_at(fake.address)
    children.wait_until(lambda: fake.times, 40)
    time.sleep(REGISTRATION_WATCH_S)
    rounds = []
    for moment in fake.times:  # one round of several requests counts once
        if not rounds or moment - rounds[-1] > 2:
            rounds.append(moment)
    return {"registration": [moment - rounds[0] for moment in rounds[1:]]}


MEASURES = (measure_broken, measure_idle, measure_expiry, measure_members, measure_checks)


# ---- both sides ---------------------------------------------------------------------------------

class ApachePair:
    def __init__(self, version, scratch):
        self.version, self.scratch = version, scratch
        started = servers.start_apache(version, scratch)
        self.namesrv, self.broker = started.addresses["nameserver"], started.addresses["broker"]

    def start_broker_at(self, namesrv):
        home = apache.Apache(os.path.join(self.scratch, "second"), self.version)
        home.start_broker("broker-z", namesrv, children.free_ports(apache.BROKER_PORTS), wait=False)


class OurPair:
    def __init__(self, version, build, scratch):
        self.profile, self.scratch = servers.PROFILES[version], scratch
        self.program = os.path.join(build, "mock-broker", "mock-broker")
        started = servers.start_ours(version, build, scratch)
        self.namesrv, self.broker = started.addresses["nameserver"], started.addresses["broker"]

    def start_broker_at(self, namesrv):
        children.start([self.program, "--namesrv", namesrv, "--name", "broker-z", "--profile",
                        self.profile], os.path.join(self.scratch, "second.log"),
                       stdout=subprocess.DEVNULL)


def measure(pair):
    """Every clock at once. The second broker is started on this thread and lives as long as it."""
    found = {}
    threads = [threading.Thread(target=lambda m=m: found.update(m(pair)), daemon=True)
               for m in MEASURES]
    for thread in threads:
        thread.start()
    found.update(measure_registration(pair))
    for thread in threads:
        thread.join()
    return found


def measure_all(versions, build, scratch):
    """version → (Apache's, ours), all at once: they do little but wait."""
    jobs = [(v, side) for v in versions for side in ("apache", "ours")]
    for version in versions:
        apache.class_path(version)  # before anything starts: may be absent
    found = {}

    def run(version, side):
        folder = os.path.join(scratch, f"{version}-{side}")
        os.mkdir(folder)
        pair = ApachePair(version, folder) if side == "apache" else OurPair(version, build, folder)
        found[version, side] = measure(pair)

    threads = [threading.Thread(target=run, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {v: (found.get((v, "apache"), {}), found.get((v, "ours"), {})) for v in versions}


def equal(row, theirs, ours):
    """5.3's registration at the start may miss; then its first is that of 10 s."""
    slack = ROWS[row][2]
    if row == "registration" and len(theirs) < len(ours):
        ours = [moment - ours[0] for moment in ours[1:]]
    return len(theirs) == len(ours) and all(
        a is not None and b is not None and abs(a - b) <= slack for a, b in zip(theirs, ours))


def shown(values, unit):
    digits = 0 if unit == "ms" else 2
    return ", ".join("–" if v is None else f"{v:.{digits}f}" for v in values) or "–"


def page(results):
    out = ["# Clocks, at Apache's servers and at ours", "",
           "Generated by `tests/peers/clocks.py BUILD --write docs/clocks.md`, last on "
           f"{datetime.date.today().isoformat()}.",
           "Looked at from outside, by raw frames, on both sides in real time; the simulation runs",
           "the same code on its own clock, held by the test named.", ""]
    versions = list(results)
    head = ["clock", "unit"] + [f"{v} {side}" for v in versions for side in ("Apache", "ours")]
    out += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row, (what, unit, _, _) in ROWS.items():
        cells = [shown(results[v][side].get(row, []), unit) for v in versions for side in (0, 1)]
        out.append("| " + " | ".join([what, unit, *cells]) + " |")
    out += ["", "| clock | slack | held in simulated time by |", "|---|---|---|"]
    out += [f"| {row} | {slack} {unit} | {test} |" for row, (_, unit, slack, test) in ROWS.items()]
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--version", action="append")
    parser.add_argument("--write")
    parser.add_argument("--tap", action="store_true")
    options = parser.parse_args()
    versions, tap = options.version or VERSIONS, Tap()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            results = measure_all(versions, options.build, scratch)
        except apache.Absent as why:
            skip_all(str(why))
        finally:
            children.stop_all()
    for version, sides in results.items():
        for row, (_, unit, _, _) in ROWS.items():
            theirs, ours = (side.get(row, []) for side in sides)
            tap.check(f"clocks/{version}/{row}: {shown(theirs, unit)} | {shown(ours, unit)} {unit}",
                      equal(row, theirs, ours))
    if options.write:
        with open(options.write, "w", encoding="utf-8") as out:
            out.write(page(results))
    print(f"1..{tap.number}")
    sys.exit(1 if tap.failed and not options.tap else 0)


if __name__ == "__main__":
    main()
