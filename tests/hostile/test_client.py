#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Servers that mean no good, at our producer over TCP: every send ends within its budget, says
SEND_OK only for what a broker said it stored, and leaks nothing; and a real mock broker that is
killed a hundred times in the middle of sends.

usage: test_client.py RMQLAB MOCK-NAMESERVER MOCK-BROKER
"""
import collections
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import children
from tap import Tap

TIMEOUT_S = 30
BUDGET_MS = 1000
KILL_BUDGET_MS = 200  # one send of each kill uses it up
SLACK_S = 10  # for a process to start and end on a busy machine
KILLS = 100
ROUTE_REQUEST, SEND_REQUESTS = 105, (10, 310, 320)


def frame(header, body=b""):
    head = json.dumps({"flag": 1, "language": "JAVA", "version": 407, **header}).encode()
    return struct.pack(">II", 4 + len(head) + len(body), len(head)) + head + body


def read_bytes(connection, size):
    parts = []
    while size > 0:
        parts.append(connection.recv(min(size, 1 << 20)))
        size -= len(parts[-1])
        if not parts[-1]:
            return b""
    return b"".join(parts)


def read_whole(connection):
    """A frame's bytes and its header; (b"", None): the connection has ended."""
    try:
        head = read_bytes(connection, 8)
        rest = read_bytes(connection, struct.unpack(">I", head[:4])[0] - 4) if head else b""
    except OSError:
        return b"", None
    if not rest:
        return b"", None
    return head + rest, json.loads(rest[:struct.unpack(">I", head[4:])[0]])


class Server:
    """One thread a connection; answer (header) gives the bytes to answer with."""

    def __init__(self, answer):
        self.answer = answer
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            while True:
                _, header = read_whole(connection)
                if header is None:
                    return
                try:
                    connection.sendall(self.answer(header))
                except OSError:
                    return


def route(address):
    brokers = [] if address is None else [
        {"brokerAddrs": {"0": address}, "brokerName": "b", "cluster": "C"}]
    queues = [] if address is None else [
        {"brokerName": "b", "perm": 6, "readQueueNums": 4, "topicSynFlag": 0, "writeQueueNums": 4}]
    return json.dumps({"brokerDatas": brokers, "filterServerTable": {},
                       "queueDatas": queues}).encode()


def name_server(body):
    """Answers every route query with that body."""
    def answer(header):
        if header["code"] != ROUTE_REQUEST:
            return frame({"code": 0, "opaque": header["opaque"]})
        return frame({"code": 0, "opaque": header["opaque"]}, body())
    return Server(answer)


def stored(header, **more):
    return frame({"code": 0, "opaque": header["opaque"], **more,
                  "extFields": {"msgId": "7F00000100002A9F0000000000000000", "queueId": "0",
                                "queueOffset": "0"}})


def send(lab, namesrv, *options):
    begin = time.monotonic()
    status, out, err = children.run([lab, "send", "--namesrv", namesrv, "--topic", "T",
                                     "--timeout", str(BUDGET_MS), *options], TIMEOUT_S)
    return status, [json.loads(line) for line in out.splitlines()], err, time.monotonic() - begin


BROKERS = {  # what one says to a send; whether that is an honest SEND_OK
    "answers-with-noise": (lambda h: b"\xff\xfe\xfd\xfc" * 1000, False),
    "answers-with-half-a-frame": (lambda h: stored(h)[:30], False),
    "answers-with-a-frame-beyond-the-limit": (lambda h: struct.pack(">II", 0x7fffffff, 1), False),
    "answers-with-a-header-that-lies": (lambda h: struct.pack(">II", 8, 4000) + b"{}{}", False),
    "answers-somebody-else": (lambda h: stored({"opaque": h["opaque"] + 1000}), False),
    "answers-with-its-own-requests": (lambda h: frame({"code": 40, "flag": 0, "opaque": 1}) * 50,
                                      False),
    "answers-without-any-field": (lambda h: frame({"code": 0, "opaque": h["opaque"]}), False),
    "answers-with-offsets-that-are-none": (
        lambda h: frame({"code": 0, "opaque": h["opaque"],
                         "extFields": {"msgId": "x", "queueId": "-", "queueOffset": "9" * 40}}),
        False),
    "says-nothing": (lambda h: b"", False),
    "answers-ten-times": (lambda h: stored(h) * 10, True),
    "answers-nobody-first": (lambda h: stored({"opaque": h["opaque"] + 7}) * 100 + stored(h), True),
}


def check_brokers(tap, lab):
    for name, (answer, is_honest) in BROKERS.items():
        def to_sends(header, answer=answer):
            if header["code"] in SEND_REQUESTS:
                return answer(header)
            return frame({"code": 0, "opaque": header["opaque"]})
        broker = Server(to_sends)
        names = name_server(lambda broker=broker: route(broker.address))
        status, results, err, took_s = send(lab, names.address, "--count", "3")
        ok = [result for result in results if result.get("status") == "SEND_OK"]
        tap.check(f"/hostile/client/a-broker-that-{name}",
                  status in (0, 1) and len(results) == 3 and len(ok) == (3 if is_honest else 0)
                  and took_s < 3 * BUDGET_MS / 1000 + SLACK_S, (status, results, err, took_s))


def check_name_servers(tap, lab):
    own = []
    loop = name_server(lambda: route(own[0]))
    own.append(loop.address)
    for name, server in (
            ("whose-route-points-to-itself", loop),
            ("whose-route-points-to-nothing", name_server(lambda: route(None))),
            ("whose-route-points-to-nobody", name_server(lambda: route("127.0.0.1:1"))),
            ("whose-route-is-no-address", name_server(lambda: route("nonsense"))),
            ("whose-route-has-queues-without-end", name_server(lambda: route("127.0.0.1:1").replace(
                b'"writeQueueNums": 4', b'"writeQueueNums": 2147483647'))),
            ("whose-route-is-noise", name_server(lambda: b"\xff\x00" * 5000)),
            ("whose-route-is-nested-without-end", name_server(lambda: b"[" * 100000)),
            ("that-says-nothing", Server(lambda header: b"")),
            ("that-answers-with-noise", Server(lambda header: b"\xff" * 4096))):
        status, results, err, took_s = send(lab, server.address, "--count", "1")
        # a send may look for its route for longer than its budget: 3 s a server and lock
        tap.check(f"/hostile/client/a-name-server-{name}",
                  status == 1 and len(results) == 1 and "error" in results[0]
                  and took_s < 6 + 2 * SLACK_S, (status, results, err, took_s))


class Wire(Server):
    """Passes bytes on to a broker and back, and counts the answers that say "stored"."""

    def __init__(self, host, port):
        self.target = "127.0.0.1", port
        self.stored = collections.Counter()
        self.listener = socket.create_server((host, port))
        threading.Thread(target=self.accept, daemon=True).start()

    def serve(self, connection):
        try:
            broker = socket.create_connection(self.target, 5)
        except OSError:
            connection.close()
            return
        threading.Thread(target=self.forward, args=(connection, broker), daemon=True).start()
        broker.settimeout(None)
        while True:
            whole, header = read_whole(broker)
            if header is None:
                break
            if header["code"] == 0 and "queueOffset" in header.get("extFields", {}):
                self.stored[header["extFields"]["msgId"]] += 1
            try:
                connection.sendall(whole)
            except OSError:
                break
        for end in (connection, broker):
            end.close()

    @staticmethod
    def forward(connection, broker):
        try:
            while chunk := connection.recv(65536):
                broker.sendall(chunk)
            broker.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def start_ready(scratch, program, *options):
    child = children.start([program, *options], os.path.join(scratch, "log"),
                           stdout=children.PIPE, encoding="utf-8",
                           env=children.clean_environment())
    return child, children.read_line(child, TIMEOUT_S)


def count_files(child):
    return len(os.listdir(f"/proc/{child.pid}/fd"))


def check_kills(tap, lab, scratch, nameserver_program, broker_program):
    """The wire stands between, on an address of its own, so that what the broker said is known."""
    _, ready = start_ready(scratch, nameserver_program)
    namesrv = ready.split("addr=")[1].split()[0]
    port = children.free_ports([])
    options = (broker_program, "--namesrv", namesrv, "--port", str(port), "--advertise",
               "127.0.0.2", "--topic", "T:4")
    wire = Wire("127.0.0.2", port)
    broker, _ = start_ready(scratch, *options)
    sender = children.start([lab, "send", "--namesrv", namesrv, "--topic", "T", "--stdin",
                             "--timeout", str(KILL_BUDGET_MS)], os.path.join(scratch, "sends"),
                            stdin=subprocess.PIPE, stdout=children.PIPE, encoding="utf-8",
                            bufsize=1, env=children.clean_environment())
    results, slowest = [], 0

    def one_send():
        nonlocal slowest
        begin = time.monotonic()
        sender.stdin.write("x\n")
        sender.stdin.flush()
        line = children.read_line(sender, TIMEOUT_S)
        slowest = max(slowest, time.monotonic() - begin)
        results.append(json.loads(line) if line else None)
    for _ in range(5):
        one_send()
    before = count_files(sender)
    for _ in range(KILLS):
        killer = threading.Timer(0.004, broker.kill)
        killer.start()
        while broker.poll() is None:
            one_send()
        one_send()  # nobody is there
        killer.join()
        broker.stdout.close()
        children.running.remove(broker)
        broker, _ = start_ready(scratch, *options)
    children.wait_until(lambda: (one_send(), "error" not in results[-1])[1], TIMEOUT_S)
    after = count_files(sender)
    sender.stdin.close()
    ok = collections.Counter(r["offsetMsgId"] for r in results if r and r.get("offsetMsgId"))
    failed = sum("error" in result for result in results if result)
    tap.check("/hostile/client/kills/every-send-ends", None not in results)
    tap.check("/hostile/client/kills/no-send-hangs-past-its-budget",
              slowest < KILL_BUDGET_MS / 1000 + SLACK_S / 2, f"{slowest:.3f} s")
    tap.check("/hostile/client/kills/both-outcomes-happen", ok and failed >= KILLS,
              (len(ok), failed))
    tap.check("/hostile/client/kills/no-send-ok-that-the-broker-did-not-say", not ok - wire.stored,
              ok - wire.stored)
    tap.check("/hostile/client/kills/no-descriptor-is-lost", after <= before + 1, (before, after))
    tap.check("/hostile/client/kills/the-sender-ends-by-itself", sender.wait(10) in (0, 1))


def main(lab, nameserver_program, broker_program):
    tap = Tap()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            check_brokers(tap, lab)
            check_name_servers(tap, lab)
            check_kills(tap, lab, scratch, nameserver_program, broker_program)
        finally:
            children.stop_all()
    tap.done()


main(*sys.argv[1:])
