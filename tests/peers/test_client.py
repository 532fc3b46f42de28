#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A service on somebody else's client, unmodified, on a cluster of `rmqlab serve`: everything is
sent in every form the client has, read back by its own push consumer and over HTTP, a broker dies
and returns under load, and consumers share their queues anew.

usage: test_client.py RMQLAB CLIENT
"""
import base64
import collections
import os
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import apache
import children
import clients
import rmqlab
from stored import body_of
from tap import Tap, skip_all

TOPIC = "PeerTopic"
COUNTS = collections.defaultdict(lambda: 10, big=1, delay=1, queue=2, commit=1, rollback=1, check=1)
UNANSWERED = ("oneway",)
NEVER_DELIVERED = ("rollback",)
ORDERED_TAGS = "Tag-selector || Tag-queue"
N_LOAD = 150
PERIOD_MS = 20
WAIT_S = 40
CHECKS_SOON = "set transactionCheckInterval 1000 set transactionTimeOut 4000"
SCENARIO = """
scenario "a cluster for other people's services"
nameserver ns1 profile {profile}
broker broker-a broker-b profile {profile} {checks}
topic {topic} queues 4 on broker-a broker-b
"""

Sent = collections.namedtuple("Sent", "kind index status msg_id offset_msg_id queue")
Got = collections.namedtuple("Got", "queue offset msg_id tags keys colour body times")


class Service:
    """One process of the client. Its lines are collected as they come."""

    def __init__(self, client, scratch, *arguments):
        self.log_path = os.path.join(scratch, "peer.log")
        self.lines = []
        self.child = children.start([*client.command, *map(str, arguments)], self.log_path,
                                    env=children.clean_environment(), cwd=client.folder,
                                    stdin=children.PIPE, stdout=children.PIPE, encoding="utf-8")
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.child.stdout:
            if "\t" in line:  # the rest is the client's own chatter
                self.lines.append(line.rstrip("\n").split("\t"))

    def ready(self):
        if not children.wait_until(lambda: self.named("ready"), WAIT_S):
            raise RuntimeError("the service is not ready: " + self.log())

    def named(self, word):
        return [line for line in self.lines if line[0] == word]

    def sent(self):
        return [Sent(*line) for line in self.lines if len(line) == 6]

    def failed(self):
        return [line for line in self.lines if line[2:3] == ["ERROR"]]

    def got(self):
        return [Got(*line) for line in self.lines if len(line) == 8]

    def keys(self):
        return {message.keys.strip() for message in self.got()}

    def wait_for(self, keys):
        """Whether all of these keys have come."""
        return children.wait_until(lambda: keys <= self.keys(), WAIT_S)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as lines:
            return lines.read()[-3000:]

    def done(self):
        """Ends by itself, or by the end of its input; its exit status."""
        self.child.stdin.close()
        status = self.child.wait(WAIT_S)
        self.reader.join(WAIT_S)
        return status


def expected_bodies(kinds):
    """key → body of everything that these kinds send."""
    bodies = {}
    for kind in kinds:
        for i in range(COUNTS[kind]):
            text = f"{kind}-{i} grün"
            while kind == "big" and len(text) < 6000:
                text += chr(ord("a") + len(text) % 26)
            bodies[f"{kind}-key-{i}"] = text
    return bodies


class Story:
    """The chapters share a cluster and what was sent; each makes its checks."""

    def __init__(self, tap, program, client, scratch):
        self.tap = tap
        self.client = client
        self.scratch = scratch
        path = os.path.join(scratch, "cluster.scn")
        with open(path, "w", encoding="utf-8") as out:
            out.write(SCENARIO.format(profile=client.profile, topic=TOPIC, checks=CHECKS_SOON))
        self.served = rmqlab.Served(program, os.path.join(scratch, "serve.log"), "--brokers", "2",
                                    "--run", path)
        self.bodies = expected_bodies(kind for kind in client.kinds if kind not in NEVER_DELIVERED)

    def check(self, claim, holds, seen=""):
        self.tap.check(f"{self.client.name}/{claim}", holds, seen)

    def start(self, mode, *arguments):
        return Service(self.client, self.scratch, mode, self.served.namesrv, TOPIC, *arguments)

    def consumer(self, tags, group, how):
        service = self.start("consume", tags, group, how)
        service.ready()
        return service

    def stored(self):
        """key → messages of the topic, as the brokers hold them."""
        found = collections.defaultdict(list)
        for message in self.served.messages(TOPIC):
            found[message["properties"].get("KEYS", "").strip()].append(message)
        return found

    # ---- everything is sent ------------------------------------------------------------------

    def send_all(self):
        service = self.start("send", *self.client.kinds)
        status = service.done()
        self.check("its-producer-ends-well", status == 0, service.log())
        self.check("no-send-fails", not service.failed(), service.failed())
        sent = service.sent()
        answered = collections.Counter(s.kind for s in sent)
        wanted = {kind: 1 if kind == "batch" else COUNTS[kind] for kind in self.client.kinds
                  if kind not in UNANSWERED}
        self.check("every-send-but-oneway-is-answered", answered == wanted, answered)
        self.check("every-answer-is-SEND_OK", {s.status for s in sent} == {"SEND_OK"}, sent)
        ids = [s.offset_msg_id for s in sent if s.offset_msg_id != "null"]  # Java: transactions
        twice = [i for i, n in collections.Counter(ids).items() if n > 1]
        self.check("offset-ids-are-unique", not twice,
                   [s for s in sent if s.offset_msg_id in twice])
        if "check" in self.client.kinds:
            checks = service.named("checked")
            self.check("the-broker-asks-about-an-undecided-transaction",
                       checks and checks[0][2] == TOPIC, checks)
        return sent

    def check_places(self, sent):
        by_key = collections.defaultdict(set)
        for s in sent:
            if s.kind == "selector":
                by_key[int(s.index) % 3].add(s.queue)
        if self.client.strict_selector:
            self.check("a-selector-keeps-a-key-on-one-queue",
                       all(len(queues) == 1 for queues in by_key.values()), dict(by_key))
        queues = {s.queue for s in sent if s.kind == "queue"}
        self.check("a-send-to-a-queue-goes-there", queues <= {"broker-a:3"}, queues)
        where = {m["offsetMsgId"]: f"{m['broker']}:{m['queue']}"
                 for copies in self.stored().values() for m in copies}
        plain = [s for s in sent if s.kind in ("sync", "selector", "queue", "async", "last")]
        wrong = [s for s in plain if where.get(s.offset_msg_id) != s.queue]
        self.check("messages-lie-where-the-answer-said", plain and not wrong, wrong)
        brokers = {s.queue.split(":")[0] for s in plain}
        self.check("sends-reach-both-brokers", len(brokers) == 2, brokers)

    def check_stored(self):
        children.wait_until(lambda: set(self.bodies) <= set(self.stored()), WAIT_S)
        stored = self.stored()
        counts = {key: len(copies) for key, copies in stored.items()}
        self.check("each-message-is-stored-once", counts == dict.fromkeys(self.bodies, 1), counts)
        wrong = [key for key, (m, *_) in stored.items()
                 if body_of(m).decode() != self.bodies.get(key)]
        self.check("bodies-are-as-sent", not wrong, wrong)
        wrong = [key for key, (m, *_) in stored.items()
                 if m["properties"].get("TAGS") != "Tag-" + key.split("-")[0]
                 or m["properties"].get("colour") != "blau-grün " + key.rsplit("-", 1)[1]]
        self.check("tags-and-properties-are-as-sent", not wrong, wrong)
        big = stored["big-key-0"][0]
        self.check("a-large-body-is-stored-compressed", big["sysFlag"] & 1 == 1, big["sysFlag"])

    # ---- everything is read ------------------------------------------------------------------

    def check_read(self, consumer):
        consumer.wait_for(set(self.bodies))
        got = consumer.got()
        counts = collections.Counter(m.keys.strip() for m in got)
        self.check("its-consumer-reads-each-message-once", counts == dict.fromkeys(self.bodies, 1),
                   {"wrong": {k: counts[k] for k in set(counts) ^ set(self.bodies)
                              or [k for k in counts if counts[k] != 1]}})
        wrong = [m for m in got
                 if base64.b64decode(m.body).decode() != self.bodies.get(m.keys.strip())]
        self.check("bodies-are-read-as-sent", not wrong, wrong)
        wrong = [m for m in got if m.tags != "Tag-" + m.keys.split("-")[0]
                 or m.colour != "blau-grün " + m.keys.strip().rsplit("-", 1)[1]]
        self.check("tags-and-properties-are-read-as-sent", not wrong, wrong)

    def check_read_in_order(self, consumer):
        wanted = {key for key in self.bodies if key.split("-")[0] in ("selector", "queue")}
        consumer.wait_for(wanted)
        self.check("a-tag-filter-lets-only-its-tags-through", consumer.keys() == wanted,
                   consumer.keys() ^ wanted)
        by_queue = collections.defaultdict(list)
        for m in consumer.got():
            by_queue[m.queue].append(int(m.offset))
        if all(not queue.startswith("?") for queue in by_queue):
            self.check("an-orderly-consumer-reads-each-queue-in-order",
                       all(offsets == sorted(set(offsets)) for offsets in by_queue.values()),
                       dict(by_queue))

    # ---- a broker dies and returns -------------------------------------------------------------

    def kill_under_load(self, consumer):
        load = self.start("load", N_LOAD, PERIOD_MS)
        children.wait_until(lambda: len(load.sent()) > N_LOAD // 5, WAIT_S)
        self.served.post("/v1/lines", "broker-a kill")
        children.wait_until(lambda: len(load.sent()) > N_LOAD // 2, WAIT_S)
        self.served.post("/v1/lines", "broker-a start")
        status = load.done()
        sent = load.sent()
        self.check("its-producer-survives-a-killed-broker", status == 0 and len(sent) > N_LOAD // 2,
                   load.log())
        self.check("few-sends-fail-when-a-broker-dies", len(load.failed()) <= 5, load.failed())
        self.check_nothing_lost("a-killed-broker-loses-nothing-acknowledged", sent, [consumer])
        return len(sent)

    def check_nothing_lost(self, claim, sent, consumers):
        acknowledged = {f"load-key-{s.index}" for s in sent if s.status == "SEND_OK"}
        missing = acknowledged - set(self.stored())
        self.check(claim, acknowledged and not missing, missing)
        children.wait_until(
            lambda: acknowledged <= set().union(*(c.keys() for c in consumers)), WAIT_S)
        missing = acknowledged - set().union(*(c.keys() for c in consumers))
        self.check(claim + "-and-all-is-consumed", not missing, sorted(missing))

    # ---- consumers share anew ------------------------------------------------------------------

    def load(self, consumers, claim):
        """Sends while these consumers run; the queues that each of them read from meanwhile."""
        before = [len(c.got()) for c in consumers]
        service = self.start("load", N_LOAD, PERIOD_MS)
        service.done()
        places = {s.offset_msg_id for s in service.sent()}
        wanted = len(places)
        children.wait_until(
            lambda: sum(len(c.got()) - n for c, n in zip(consumers, before)) >= wanted, WAIT_S)
        fresh = [c.got()[n:] for c, n in zip(consumers, before)]
        self.check(claim, sum(map(len, fresh)) >= wanted > 0, (wanted, list(map(len, fresh))))
        return fresh

    def rebalance(self, first):
        second = self.consumer("*", "CG_ALL", "concurrently")
        self.wait_for_shares(2)
        fresh = self.load([first, second], "all-is-read-after-a-second-consumer-joined")
        self.check("a-second-consumer-takes-its-share", all(fresh), list(map(len, fresh)))
        first.child.kill()
        first.child.wait()
        self.wait_for_shares(1)
        self.load([second], "all-is-read-after-a-consumer-was-killed")
        return second

    def wait_for_shares(self, n):
        """Until every broker knows of n members of the group; who has too much lets go then."""
        def shared():
            tables = self.served.get("/v1/snapshot?tables=groupChannelTable")["tables"]
            return all(n == sum(row["group"] == "CG_ALL" for row in table["rows"])
                       for table in tables["groupChannelTable"])
        children.wait_until(shared, WAIT_S)

    def tell(self):
        everything = self.consumer("*", "CG_ALL", "concurrently")
        in_order = self.consumer(ORDERED_TAGS, "CG_ORDER", "orderly")
        sent = self.send_all()
        self.check_stored()
        self.check_places(sent)
        self.check_read(everything)
        self.check_read_in_order(in_order)
        self.check("its-orderly-consumer-ends-well", in_order.done() == 0, in_order.log())
        self.kill_under_load(everything)
        last = self.rebalance(everything)
        self.check("its-consumer-ends-well", last.done() == 0, last.log())
        self.check("serve-ends-well", self.served.stop() == 0, self.served.log())


def main(program, name):
    tap = Tap()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            Story(tap, program, clients.CLIENTS[name](scratch), scratch).tell()
        except apache.Absent as why:
            skip_all(str(why))
        finally:
            children.stop_all()
    tap.done()


main(*sys.argv[1:])
