# SPDX-License-Identifier: Apache-2.0
"""A byte proxy in front of a server, frame by frame: what a network can do to requests and answers.

Rules look at whole frames; what none of them wants goes on unchanged.
"""
import json
import random
import re
import socket
import struct
import threading

SENDS = {10, 310, 320}
HARD_CLOSE = struct.pack("ii", 1, 0)


class Rule:
    """What befalls requests of some codes from a moment on."""

    def __init__(self, act, codes=None, count=None, percent=100, delay_s=0):
        self.act = act  # "drop", "reset": its answer, after the work is done; "delay": the request
        self.codes = codes or SENDS
        self.left = count  # None: no end
        self.percent = percent
        self.delay_s = delay_s

    def takes(self, code, chance):
        if code not in self.codes or self.left == 0 or chance.random() * 100 >= self.percent:
            return False
        if self.left is not None:
            self.left -= 1
        return True


def header_of(frame):
    """(code, opaque) of a frame without its length."""
    word, = struct.unpack(">I", frame[:4])
    text = frame[4:4 + (word & 0xFFFFFF)]
    if word >> 24 == 0:
        header = json.loads(text.decode())
        return header["code"], header["opaque"]
    code, _, _, opaque = struct.unpack(">hBhi", text[:9])
    return code, opaque


def read_exactly(source, size):
    data = b""
    while len(data) < size:
        piece = source.recv(size - len(data))
        if not piece:
            return None
        data += piece
    return data


class Pair:
    """A client's connection and the one to the server."""

    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.doomed = {}  # opaque → rule, of requests whose answer a rule wants
        self.lock = threading.Lock()
        for one, other, handle in ((client, server, self.request), (server, client, self.answer)):
            threading.Thread(target=self.pump, args=(one, other, handle), daemon=True).start()

    def pump(self, source, sink, handle):
        try:
            while True:
                length = read_exactly(source, 4)
                frame = length and read_exactly(source, struct.unpack(">I", length)[0])
                if not frame:
                    break
                handle(sink, frame)
        except OSError:
            pass
        self.end(sink)

    @staticmethod
    def end(sink):
        try:
            sink.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def write(self, sink, frame):
        with self.lock:
            try:
                sink.sendall(struct.pack(">I", len(frame)) + frame)
            except OSError:
                pass  # nobody is there any more

    def request(self, sink, frame):
        self.proxy.seen.append(frame)
        code, opaque = header_of(frame)
        rule = self.proxy.rule_for(code)
        if rule and rule.act == "delay":
            threading.Timer(rule.delay_s, self.write, (sink, frame)).start()
            return
        if rule:
            self.doomed[opaque] = rule
        self.write(sink, frame)

    def answer(self, sink, frame):
        rule = self.doomed.pop(header_of(frame)[1], None)
        if rule is None:
            self.write(sink, self.proxy.rewrite(frame))
        elif rule.act == "reset":
            sink.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, HARD_CLOSE)
            sink.shutdown(socket.SHUT_RD)  # else the other thread's recv keeps it from closing
            sink.close()


class Proxy:
    """Listens on a free port; everything goes to target until close ()."""

    def __init__(self, target, seed=1):
        self.target = target
        self.rules = []
        self.seen = []  # requests, as bytes without their length
        self.renamed = {}  # addresses in answers, as bytes of one length
        self.chance = random.Random(seed)
        self.pairs = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            host, port = self.target.rsplit(":", 1)
            try:
                server = socket.create_connection((host, int(port)), 3)
                server.settimeout(None)
            except OSError:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, HARD_CLOSE)
                client.close()
                continue
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.pairs.append(Pair(self, client, server))

    def rule_for(self, code):
        return next((rule for rule in self.rules if rule.takes(code, self.chance)), None)

    def add(self, rule):
        self.rules.append(rule)

    def remove(self, rule):
        self.rules.remove(rule)

    def rename(self, old, new):
        """In every answer from now on; both as long as each other, so that no length changes."""
        if len(old) != len(new):
            raise ValueError(f"{old} and {new} differ in length")
        self.renamed[old.encode()] = new.encode()

    def rewrite(self, frame):
        for old, new in self.renamed.items():
            frame = re.sub(re.escape(old) + rb"(?!\d)", new, frame)
        return frame

    def close(self):
        self.listener.close()
