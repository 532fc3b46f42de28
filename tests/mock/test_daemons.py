#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The mocks as programs: ready line and file, HTTP, strangers on the remoting port, ends.

usage: test_daemons.py MOCK-NAMESERVER MOCK-BROKER
"""
import json
import os
import socket
import struct
import sys
import tempfile
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import children
from tap import Tap

READY_TIMEOUT_S = 10
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Daemon:
    """A program that printed its ready line."""

    def __init__(self, scratch, *command):
        self.ready_file = os.path.join(scratch, os.path.basename(command[0]) + ".ready")
        self.log_path = os.path.join(scratch, os.path.basename(command[0]) + ".log")
        self.child = children.start([*command, "--http-port", "0", "--ready-file", self.ready_file],
                                    self.log_path, stdout=children.PIPE, encoding="utf-8",
                                    env=children.clean_environment())
        self.ready_line = children.read_line(self.child, READY_TIMEOUT_S)
        words = dict(word.split("=") for word in self.ready_line.split()[1:])
        self.address, self.http = words["addr"], words["http"]

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as lines:
            return lines.read()

    def ask(self, path, body=None, method=None, **headers):
        """(status, text)"""
        request = urllib.request.Request(f"http://{self.http}{path}", data=body, method=method,
                                         headers=headers)
        try:
            with direct.open(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def get(self, path):
        return json.loads(self.ask(path)[1])

    def end(self):
        self.child.terminate()
        return self.child.wait(10)


def frame(code, fields, body=b""):
    header = json.dumps({"code": code, "extFields": fields, "flag": 0, "language": "JAVA",
                         "opaque": 7, "version": 407}).encode()
    return struct.pack(">II", 4 + len(header) + len(body), len(header)) + header + body


def exchange(address, sent):
    """What comes back within a second: (header, body), or None for a closed connection."""
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(sent)
        head = connection.recv(8, socket.MSG_WAITALL)
        if len(head) < 8:
            return None
        length, header_length = struct.unpack(">II", head)
        rest = connection.recv(length - 4, socket.MSG_WAITALL)
        return json.loads(rest[:header_length]), rest[header_length:]


def check_send(tap, broker):
    fields = {"a": "PG", "b": "D", "c": "TBW102", "d": "4", "e": "1", "f": "0", "g": "1", "h": "0",
              "i": "UNIQ_KEY\x01K1\x02TAGS\x01t", "j": "0", "k": "false", "m": "false"}
    header, _ = exchange(broker.address, frame(310, fields, b"hello"))
    tap.check("/mock/daemon/broker/stores-what-is-sent",
              header["code"] == 0 and header["extFields"]["queueId"] == "1", header)
    found = broker.get("/v1/messages?topic=D")
    message = found["messages"][0] if found["messages"] else {}
    tap.check("/mock/http/messages-show-what-is-stored",
              found["total"] == 1 and message["text"] == "hello" and message["body"] == "aGVsbG8="
              and message["properties"]["TAGS"] == "t" and message["queue"] == 1
              and message["attempt"] == 1, found)
    tap.check("/mock/http/messages-of-another-queue-are-none",
              broker.get("/v1/messages?topic=D&queue=0")["total"] == 0)
    sent = broker.get("/v1/requests?code=310")["requests"]
    tap.check("/mock/http/requests-show-what-arrived",
              len(sent) == 1 and sent[0]["extFields"]["b"] == "D" and sent[0]["answer"] == 0, sent)
    later = broker.get(f"/v1/requests?since={sent[0]['sequence']}")["requests"]
    tap.check("/mock/http/requests-since-the-last-are-none", later == [], later)


def check_route(tap, nameserver):
    header, body = exchange(nameserver.address, frame(105, {"topic": "D"}))
    tap.check("/mock/daemon/nameserver/routes-the-brokers-topic",
              header["code"] == 0 and json.loads(body)["queueDatas"][0]["writeQueueNums"] == 2,
              (header, body))


def check_errors(tap, broker):
    for claim, path, options, status in (
            ("unknown-path-is-404", "/v1/nothing", {}, 404),
            ("lines-without-a-lab-are-404", "/v1/lines", {"body": b"broker-a kill"}, 404),
            ("wrong-method-is-405", "/v1/messages", {"body": b""}, 405),
            ("bad-number-is-400", "/v1/messages?limit=many", {}, 400),
            ("large-body-is-413", "/v1/reset", {"body": b"x" * (1 << 20) + b"x"}, 413),
            ("bytes-that-are-no-text-are-400", "/v1/reset", {"body": b"\xff\xfe"}, 400)):
        got, text = broker.ask(path, **options)
        error = json.loads(text)["error"]
        tap.check(f"/mock/http/{claim}", got == status and error["message"]
                  and set(error) == {"message", "hint", "line", "column"}, (got, text))


def check_address_server(tap, nameserver):
    for path in ("/rocketmq/nsaddr", "/rocketmq/nsaddr-unit?nofix=1"):
        status, text = nameserver.ask(path)
        tap.check(f"/mock/http{path.split('?', maxsplit=1)[0]}-is-the-list",
                  status == 200 and text == nameserver.address + "\n", text)


def check_strangers(tap, broker):
    for name, sent, logged in (
            ("http2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/2"),
            ("tls", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64, "TLS"),
            ("http", b"GET / HTTP/1.1\r\n\r\n", "HTTP")):
        answer = exchange(broker.address, sent)
        tap.check(f"/mock/daemon/stranger/{name}-is-sent-away-and-named",
                  answer is None and children.wait_until(lambda w=logged: w in broker.log(), 5),
                  broker.log())


def check_reset(tap, broker):
    status, _ = broker.ask("/v1/reset", method="POST")
    tap.check("/mock/http/reset-forgets-messages",
              status == 200 and broker.get("/v1/messages")["total"] == 0)
    tables = broker.get("/v1/snapshot?tables=topicConfigTable,brokerTruth")["tables"]
    topics = {row["topic"] for row in tables["topicConfigTable"][0]["rows"]}
    tap.check("/mock/http/reset-forgets-topics", "D" not in topics and "TBW102" in topics, topics)
    tap.check("/mock/http/snapshot-tells-the-truth",
              tables["brokerTruth"][0]["rows"][0]["state"] == "up", tables)


def has_broker(nameserver):
    tables = nameserver.get("/v1/snapshot?tables=brokerAddrTable")["tables"]
    return tables["brokerAddrTable"][0]["rows"]


def main(nameserver_program, broker_program):
    tap = Tap()
    with tempfile.TemporaryDirectory() as scratch:
        nameserver = Daemon(scratch, nameserver_program)
        broker = Daemon(scratch, broker_program, "--namesrv", nameserver.address, "--topic", "D:2")
        with open(broker.ready_file, encoding="utf-8") as ready:
            tap.check("/mock/daemon/ready-file-holds-the-ready-line",
                      ready.read() == broker.ready_line)
        tap.check("/mock/daemon/broker/is-routed-when-ready", has_broker(nameserver))
        check_send(tap, broker)
        check_route(tap, nameserver)
        check_errors(tap, broker)
        check_address_server(tap, nameserver)
        check_strangers(tap, broker)
        check_reset(tap, broker)
        broker.child.kill()
        broker.child.wait()
        gone = children.wait_until(lambda: not has_broker(nameserver), 5)
        tap.check("/mock/daemon/broker/kill-9-is-noticed-at-once", gone)
        tap.check("/mock/daemon/nameserver/ends-on-sigterm-with-0", nameserver.end() == 0,
                  nameserver.log())
        children.stop_all()
    tap.done()


if __name__ == "__main__":
    main(*sys.argv[1:])
