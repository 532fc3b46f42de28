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

    def __init__(self, scratch, *command, log=None):
        self.ready_file = os.path.join(scratch, os.path.basename(command[0]) + ".ready")
        self.log_path = os.path.join(scratch, os.path.basename(command[0]) + ".log")
        self.child = children.start([*command, "--http-port", "0", "--ready-file", self.ready_file],
                                    self.log_path, stdout=children.PIPE, encoding="utf-8",
                                    env=children.clean_environment(
                                        **({"G_MESSAGES_DEBUG": log} if log else {})))
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


def send_fields(topic):
    return {"a": "PG", "b": topic, "c": "TBW102", "d": "4", "e": "1", "f": "0", "g": "1", "h": "0",
            "i": "UNIQ_KEY\x01K1\x02TAGS\x01t", "j": "0", "k": "false", "m": "false"}


def check_send(tap, broker):
    header, _ = exchange(broker.address, frame(310, send_fields("D"), b"hello"))
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


def check_browsers(tap, broker):
    """Pages of other servers may not ask, nor may names that lead here by somebody else's will."""
    port = broker.http.split(":")[1]
    for claim, headers, status in (
            ("a-page-of-another-server", {"Origin": "http://evil.example"}, 403),
            ("a-page-of-no-server", {"Origin": "null"}, 403),
            ("a-page-of-another-port", {"Origin": "http://127.0.0.1:1"}, 403),
            ("a-name-of-somebody-else", {"Host": f"evil.example:{port}"}, 403),
            ("both-alike", {"Host": "evil.example", "Origin": "http://evil.example"}, 403),
            ("its-own-page", {"Origin": f"http://{broker.http}"}, 200),
            ("the-name-of-the-loopback", {"Host": f"localhost:{port}"}, 200),
            ("the-loopback-of-ipv6", {"Host": f"[::1]:{port}"}, 200)):
        got, text = broker.ask("/v1/reset", b"", **headers)
        tap.check(f"/mock/http/browsers/{claim}", got == status, (got, text))
    status, text = broker.ask("/rocketmq/nsaddr", Host="jmenv.tbsite.net:8080")
    tap.check("/mock/http/browsers/the-address-server-has-any-name", status == 200, text)
    tap.check("/mock/http/browsers/the-log-says-who-was-refused",
              "evil.example" in broker.log(), broker.log())


def check_privacy(tap, scratch, nameserver, broker_program):
    """What messages say is nobody's business but whose who asks for messages."""
    folder = os.path.join(scratch, "private")
    os.mkdir(folder)
    broker = Daemon(folder, broker_program, "--namesrv", nameserver.address, "--name", "broker-p",
                    log="all")
    secret = b"tell nobody 4711"
    fields = {**send_fields("P"), "i": "UNIQ_KEY\x01K2\x02note\x01also 4711"}
    exchange(broker.address, frame(310, fields, secret))
    exchange(broker.address, frame(310, {**fields, "e": "-5"}, secret))
    exchange(broker.address, frame(9999, fields, secret))
    exchange(broker.address, b"\x7f" + frame(310, fields, secret))
    requests = broker.ask("/v1/requests")[1]
    tap.check("/mock/daemon/privacy/messages-show-bodies-when-asked",
              "4711" in broker.ask("/v1/messages?topic=P")[1])
    tap.check("/mock/daemon/privacy/requests-show-sizes-of-bodies",
              "tell nobody" not in requests and '"bodySize":16' in requests, requests)
    broker.end()
    tap.check("/mock/daemon/privacy/no-log-holds-a-body", "4711" not in broker.log(), broker.log())


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
    exchange(broker.address, frame(310, send_fields("Made"), b"hello"))
    status, _ = broker.ask("/v1/reset", method="POST")
    tap.check("/mock/http/reset-forgets-messages",
              status == 200 and broker.get("/v1/messages?topic=D")["total"] == 0)
    tables = broker.get("/v1/snapshot?tables=topicConfigTable,truth")["tables"]
    topics = {row["topic"] for row in tables["topicConfigTable"][0]["rows"]}
    tap.check("/mock/http/reset-forgets-topics-that-were-created",
              "Made" not in topics and "TBW102" in topics, topics)
    tap.check("/mock/http/reset-keeps-topics-that-were-declared", "D" in topics, topics)
    tap.check("/mock/http/snapshot-tells-the-truth",
              tables["truth"][0]["rows"][0]["state"] == "UP", tables)


def check_options(tap, nameserver_program, broker_program):
    """What can't be used is said at once, with status 2."""
    anywhere = "127.0.0.1:1"
    for claim, command, said in (
            ("names-have-no-blanks", [broker_program, "--namesrv", anywhere, "--name", "a b"],
             "--name"),
            ("ids-are-not-negative", [broker_program, "--namesrv", anywhere, "--id", "-1"], "--id"),
            ("name-servers-are-addresses", [broker_program, "--namesrv", "nonsense"], "host:port"),
            ("bind-is-an-address", [nameserver_program, "--bind", "nowhere"], "--bind"),
            ("foreign-addresses-cannot-be-bound", [nameserver_program, "--bind", "192.0.2.1"],
             "192.0.2.1"),
            ("advertised-is-a-host", [nameserver_program, "--advertise", "a:1"], "--advertise"),
            ("ready-file-is-writable", [nameserver_program, "--ready-file", "/nowhere/at/all"],
             "--ready-file")):
        status, out, err = children.run(command, 10)
        tap.check(f"/mock/daemon/options/{claim}", (status, out) == (2, "") and said in err,
                  (status, out, err))
    status, out, _ = children.run([nameserver_program, "--help"], 10,
                                  env=children.clean_environment(LC_ALL="C.UTF-8"))
    tap.check("/mock/daemon/options/help-is-in-the-users-locale", status == 0 and "?" not in out,
              out)


def check_quick_end(tap, scratch, nameserver_program):
    """Whoever has read the ready line may end it at once."""
    statuses = set()
    for _ in range(20):
        child = children.start([nameserver_program], os.path.join(scratch, "quick.log"),
                               stdout=children.PIPE, encoding="utf-8")
        children.read_line(child, READY_TIMEOUT_S)
        child.terminate()
        statuses.add(child.wait(10))
    tap.check("/mock/daemon/nameserver/ends-with-0-as-soon-as-it-is-ready", statuses == {0},
              statuses)


def check_alone(tap, scratch, broker_program, nameserver_program):
    """A broker is ready once it is routed, not before."""
    port = children.free_ports([])
    log = os.path.join(scratch, "alone.log")
    broker = children.start([broker_program, "--namesrv", f"127.0.0.1:{port}"], log,
                            stdout=children.PIPE, encoding="utf-8",
                            env=children.clean_environment())

    def told():
        with open(log, encoding="utf-8") as lines:
            return "no name server" in lines.read()
    tap.check("/mock/daemon/broker/says-that-it-is-not-routed", children.wait_until(told, 15))
    children.start([nameserver_program, "--port", str(port)], log)
    line = children.read_line(broker, 20)
    tap.check("/mock/daemon/broker/is-ready-once-it-is-routed", line.startswith("ready addr="),
              line)
    broker.terminate()
    tap.check("/mock/daemon/broker/ends-on-sigterm-with-0", broker.wait(10) == 0)


def check_advertised(tap, scratch, nameserver, broker_program):
    """Routes say what was advertised; the listener is where it was bound."""
    folder = os.path.join(scratch, "advertised")
    os.mkdir(folder)
    broker = Daemon(folder, broker_program, "--namesrv", nameserver.address, "--name", "broker-x",
                    "--advertise", "mock.example", "--bind", "0.0.0.0", "--topic", "X:1")
    port = broker.address.split(":")[1]
    _, body = exchange(nameserver.address, frame(105, {"topic": "X"}))
    tap.check("/mock/daemon/broker/routes-name-the-advertised-host",
              broker.address == f"mock.example:{port}" and broker.address in body.decode(),
              (broker.address, body))
    header, _ = exchange(f"127.0.0.1:{port}", frame(34, {}, b"{}"))
    tap.check("/mock/daemon/broker/listens-where-it-was-bound", "code" in header, header)
    tap.check("/mock/daemon/broker/warns-when-it-leaves-the-loopback",
              "warning: listening on 0.0.0.0" in broker.log()
              and "warning" not in nameserver.log(), broker.log())
    http_port = broker.http.split(":")[1]
    broker.http = f"127.0.0.1:{http_port}"
    status, text = broker.ask("/v1/health", Host=f"mock.example:{http_port}")
    tap.check("/mock/http/browsers/the-advertised-name-is-ours", status == 200, text)
    broker.end()


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
        check_browsers(tap, broker)
        check_address_server(tap, nameserver)
        check_strangers(tap, broker)
        check_privacy(tap, scratch, nameserver, broker_program)
        check_reset(tap, broker)
        check_advertised(tap, scratch, nameserver, broker_program)
        check_options(tap, nameserver_program, broker_program)
        check_quick_end(tap, scratch, nameserver_program)
        check_alone(tap, scratch, broker_program, nameserver_program)
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
