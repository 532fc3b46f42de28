#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Peers that mean no good, at a mock broker over TCP: it serves on, keeps its size, says why.

usage: test_mocks.py MOCK-NAMESERVER MOCK-BROKER
"""
import json
import os
import resource
import socket
import struct
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import children
from tap import Tap

TIMEOUT_S = 20
IDLE_CONNECTIONS = 10000
TINY_FRAMES = 1000000
MIB = 1 << 20
HELD_BACK_MAX_BYTES = 16 * MIB  # 1 MiB waits for a peer, one answer more, and what malloc keeps


class Daemon:
    def __init__(self, scratch, program, *options):
        self.log_path = os.path.join(scratch, os.path.basename(program) + ".log")
        self.child = children.start([program, *options], self.log_path, stdout=children.PIPE,
                                    encoding="utf-8", env=children.clean_environment())
        self.address = children.read_line(self.child, TIMEOUT_S).split("addr=")[1].split()[0]
        host, port = self.address.split(":")
        self.place = host, int(port)

    def connect(self):
        return socket.create_connection(self.place, TIMEOUT_S)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as lines:
            return lines.read()

    def resident_bytes(self):
        with open(f"/proc/{self.child.pid}/statm", encoding="ascii") as figures:
            return int(figures.read().split()[1]) * resource.getpagesize()


def check_growth(tap, claim, daemon, before, below):
    """What the process occupies more than before."""
    grown = daemon.resident_bytes() - before
    with open(f"/proc/{daemon.child.pid}/exe", "rb") as program:
        keeps_freed = b"__asan_init" in program.read()
    if keeps_freed:
        tap.skip(claim, "built with a sanitizer that keeps what was freed")
    else:
        tap.check(claim, grown < below, grown)


def frame(code, fields=None, body=b"", flag=0, opaque=7):
    header = json.dumps({"code": code, "extFields": fields or {}, "flag": flag,
                         "language": "JAVA", "opaque": opaque, "version": 407}).encode()
    return struct.pack(">II", 4 + len(header) + len(body), len(header)) + header + body


def send_frame(body=b"x"):
    return frame(310, {"a": "PG", "b": "T", "c": "TBW102", "d": "4", "e": "1", "f": "0", "g": "1",
                       "h": "0", "i": "K\x01v", "j": "0", "k": "false", "m": "false"}, body)


def read_bytes(connection, size):
    parts = []
    while size > 0:
        parts.append(connection.recv(min(size, MIB)))
        size -= len(parts[-1])
        if not parts[-1]:
            return b""
    return b"".join(parts)


def read_frame(connection):
    """The header; None: the connection has ended."""
    head = read_bytes(connection, 8)
    if not head:
        return None
    length, header_length = struct.unpack(">II", head)
    return json.loads(read_bytes(connection, length - 4)[:header_length])


def serves(broker):
    """An honest client is served beside whoever else there is."""
    try:
        with broker.connect() as honest:
            honest.sendall(send_frame())
            answer = read_frame(honest)
            return answer is not None and answer["code"] == 0
    except OSError:
        return False


def is_ended(connection):
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def check_slow(tap, broker):
    slow, silent = broker.connect(), broker.connect()
    whole = send_frame()
    silent.sendall(whole[:20])
    for i in range(len(whole) - 1):
        slow.sendall(whole[i:i + 1])
    tap.check("/hostile/mocks/half-frames-hold-nobody-up", serves(broker))
    slow.sendall(whole[-1:])
    answer = read_frame(slow)
    tap.check("/hostile/mocks/a-frame-byte-by-byte-is-a-frame", answer and answer["code"] == 0,
              answer)
    slow.close()
    silent.close()


def check_lies(tap, broker):
    for claim, sent in (
            ("a-length-beyond-the-limit", struct.pack(">II", 0x7fffffff, 10) + b"{}"),
            ("a-negative-length", struct.pack(">iI", -5, 10) + b"{}"),
            ("a-header-longer-than-its-frame", struct.pack(">II", 20, 5000) + b"x" * 16),
            ("a-header-that-is-none", struct.pack(">II", 20, 16) + b"\xff" * 16),
            ("noise", bytes(reversed(range(256))) * 16)):
        with broker.connect() as liar:
            liar.sendall(sent)
            tap.check(f"/hostile/mocks/{claim}-ends-its-connection", is_ended(liar))
    tap.check("/hostile/mocks/lies-are-named-in-the-log",
              broker.log().count("closing the connection with") >= 5, broker.log())
    with broker.connect() as liar:
        liar.sendall(struct.pack(">II", 16 * MIB - 100, 100))
        before = broker.resident_bytes()
        tap.check("/hostile/mocks/a-large-frame-that-never-comes-costs-nothing", serves(broker)
                  and broker.resident_bytes() - before < 4 * MIB, broker.resident_bytes() - before)


def check_responses(tap, broker):
    with broker.connect() as answerer:
        for opaque in (0, 1, 7, 2147483647):
            answerer.sendall(frame(0, flag=1, opaque=opaque) * 2)
        answerer.sendall(send_frame())
        answer = read_frame(answerer)
        tap.check("/hostile/mocks/answers-nobody-asked-for-are-passed-over",
                  answer and answer["code"] == 0 and "which nobody asked" in broker.log(), answer)


def check_flood(tap, broker):
    """A million of the smallest frames that are whole: oneway requests of an unknown code."""
    tiny = frame(9, flag=2) * 1000
    before = broker.resident_bytes()
    flooder = broker.connect()

    def flood():
        for _ in range(TINY_FRAMES // 1000):
            flooder.sendall(tiny)
        flooder.sendall(send_frame())
    thread = threading.Thread(target=flood, daemon=True)
    thread.start()
    served = serves(broker)
    tap.check("/hostile/mocks/a-flood-leaves-room-for-others", served and thread.is_alive())
    flooder.settimeout(60)
    answer = read_frame(flooder)
    tap.check("/hostile/mocks/a-million-tiny-frames-are-read", answer and answer["code"] == 0,
              answer)
    check_growth(tap, "/hostile/mocks/a-million-tiny-frames-leave-no-mark", broker, before,
                 32 * MIB)
    flooder.close()


def check_never_reads(tap, broker):
    """Asks for large answers and takes none: it may ask no more, and then goes on."""
    with broker.connect() as writer:
        for _ in range(16):
            writer.sendall(send_frame(b"x" * 250000))
            read_frame(writer)
    pull = frame(11, {"consumerGroup": "G", "topic": "T", "queueId": "1", "queueOffset": "0",
                      "maxMsgNums": "32", "sysFlag": "4", "commitOffset": "0",
                      "suspendTimeoutMillis": "0", "subscription": "*", "subVersion": "0"})
    before = broker.resident_bytes()
    deaf = broker.connect()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 2, 0))
    n_sent = 0
    try:
        while n_sent < 100000:
            deaf.sendall(pull * 100)
            n_sent += 100
    except OSError:
        pass
    told = children.wait_until(lambda: "does not read" in broker.log(), TIMEOUT_S)
    tap.check("/hostile/mocks/a-peer-that-never-reads-may-ask-no-more", n_sent < 100000, n_sent)
    check_growth(tap, "/hostile/mocks/a-peer-that-never-reads-costs-little", broker, before,
                 HELD_BACK_MAX_BYTES)
    tap.check("/hostile/mocks/a-peer-that-never-reads-is-named-in-the-log", told, broker.log())
    tap.check("/hostile/mocks/a-peer-that-never-reads-holds-nobody-up", serves(broker))
    deaf.settimeout(TIMEOUT_S)
    answers = [read_frame(deaf) for _ in range(100)]
    tap.check("/hostile/mocks/who-reads-after-all-is-served-on",
              all(answer and answer["code"] == 0 for answer in answers))
    deaf.close()


def check_idle(tap, broker):
    wanted = IDLE_CONNECTIONS + 200
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard not in (resource.RLIM_INFINITY,) and hard < wanted:
        tap.skip("/hostile/mocks/ten-thousand-idle-connections", f"ulimit -Hn is {hard}")
        return
    before = broker.resident_bytes()
    idle = [broker.connect() for _ in range(IDLE_CONNECTIONS)]
    tap.check("/hostile/mocks/ten-thousand-idle-connections-hold-nobody-up", serves(broker))
    check_growth(tap, "/hostile/mocks/ten-thousand-idle-connections-cost-little", broker, before,
                 IDLE_CONNECTIONS * 4096)
    for connection in idle:
        connection.close()
    tap.check("/hostile/mocks/ten-thousand-ends-at-once-hold-nobody-up", serves(broker))


def raise_limit():
    """For ourselves and for whom we start."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    soft = IDLE_CONNECTIONS + 500 if hard == resource.RLIM_INFINITY else \
        min(hard, IDLE_CONNECTIONS + 500)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def main(nameserver_program, broker_program):
    tap = Tap()
    raise_limit()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            nameserver = Daemon(scratch, nameserver_program)
            broker = Daemon(scratch, broker_program, "--namesrv", nameserver.address,
                            "--topic", "T:4")
            check_slow(tap, broker)
            check_lies(tap, broker)
            check_responses(tap, broker)
            check_idle(tap, broker)
            check_flood(tap, broker)
            check_never_reads(tap, broker)
            broker.child.terminate()
            tap.check("/hostile/mocks/the-end-is-an-ordinary-one", broker.child.wait(10) == 0)
        finally:
            children.stop_all()
    tap.done()


main(*sys.argv[1:])
