# SPDX-License-Identifier: Apache-2.0
"""Names that belong to one run of one probe, filled into requests and taken out of answers.

Two runs never share a name, so that probes don't see each other in a server that serves them all.
What belongs to another run is known by its form and left out of lists.
"""
import re
import time
import zlib

PLACEHOLDER = re.compile(r"\{([a-z][A-Za-z0-9._-]*)(?::([^{}]*))?\}")
LETTERS = {"topic": "T", "group": "G", "client": "C", "broker": "B", "cluster": "L", "ns": "N"}
TAIL = "[0-9a-f]{8}[abc]"
FOREIGN = re.compile(f"\\b[{''.join(LETTERS.values())}]_{TAIL}")
DAY_MS = 24 * 3600 * 1000
TIME = re.compile(r"(?<![\w.])(1[5-9]\d{11})(?![\w.])")
OFFSET_ID = re.compile(r"(?<![0-9A-F])[0-9A-F]{32}(?![0-9A-F])")
UNIQ_KEY = re.compile(r"(?<![0-9A-F])(?:[0-9A-F]{32}|[0-9A-F]{56})(?![0-9A-F])")
STACK = re.compile(r", (?:java|sun|jdk|com|org|io)\.[\w.$/<>]+"
                   r"\((?:[\w$]+\.java(?::\d+)?|[\w ]+)\)$")
PORT = r"(?<![0-9A-Fa-f])%s(?![0-9A-Fa-f])"  # an id's or a time's digits may look like one
NULL_POINTER = re.compile(r"(java\.lang\.NullPointerException): [^\n]*")


class Names:
    """Placeholder → text of this run, and back."""

    def __init__(self, run, server):
        tail = f"{zlib.crc32(run.encode()):08x}"
        self.values = {name + more: f"{letter}_{tail}{'abc'[i]}"
                       for name, letter in LETTERS.items() for i, more in enumerate(("", "2", "3"))}
        for i, more in enumerate(("", "2", "3", "4")):  # ports below those a system gives away
            self.values["key" + more] = f"7F0000010001{tail.upper()}00000000000{i + 1}"
            self.values["port" + more] = str(10000 + int(tail[:3], 16) * 4 + i)
        self.server = server
        self.peers = {}  # "127.0.0.1:PORT" → name of the connection
        self.positions = {}  # a physical offset that was filled in → its placeholder
        self.answers = {}  # step label → fields of its answer
        self.last = {}

    def remember(self, label, fields):
        self.answers[label] = fields
        if "msgId" in fields:
            self.last = fields

    def value(self, name, argument):
        if argument is not None:
            return self.made(name, argument)
        if name in self.values:
            return self.values[name]
        label, _, field = name.rpartition(".")
        answer = self.answers.get(label, {}) if label else self.last
        if field == "phy":
            position = str(int(answer.get("msgId", "0")[16:32] or "0", 16))
            self.positions[position] = "{" + name + "}"
            return position
        if field == "now":
            return str(int(time.time() * 1000))
        if field in ("broker-address", "nameserver-address"):
            return self.server.addresses[field.partition("-")[0]]
        if field == "broker-port":
            return self.server.addresses["broker"].rpartition(":")[2]
        if field == "msgId":
            return answer.get("msgId", "").split(",")[0]
        return answer.get(field, "")

    def made(self, name, argument):
        """`{rep:TEXT:COUNT}` and `{add:NAME:N}`"""
        first, _, second = argument.rpartition(":")
        if name == "rep":
            return first * int(second)
        if name == "add":
            moved = str(int(self.value(first, None) or 0) + int(second))
            self.positions[moved] = "{" + first + "+" + second + "}"
            return moved
        raise ValueError(f"nothing is called {{{name}:…}}")

    def fill(self, text):
        return PLACEHOLDER.sub(lambda found: self.value(found.group(1), found.group(2)), text)

    def takes_out(self, text):
        """The text without what differs from run to run."""
        for name, value in self.values.items():
            if value in text:
                text = re.sub(PORT % value if value.isdecimal() else re.escape(value),
                              "{" + name + "}", text)
        for role, address in self.server.addresses.items():
            text = text.replace(address, "{" + role + "-address}")
        for address, connection in self.peers.items():
            text = text.replace(address, "{peer-" + connection + "}")
        text = OFFSET_ID.sub(self.offset_id, text)
        text = UNIQ_KEY.sub("<unique key>", text)
        text = TIME.sub(self.time, text)
        for position, placeholder in self.positions.items():
            text = re.sub(rf"(?<![\w.]){position}(?![\w.])", placeholder, text) \
                if len(position) > 4 else text
        return NULL_POINTER.sub(r"\1", STACK.sub("", text))

    def offset_id(self, found):
        """An offsetMsgId is known by the broker's address in it."""
        text = found.group()
        address = ".".join(str(int(text[i:i + 2], 16)) for i in range(0, 8, 2))
        known = f"{address}:{int(text[8:16], 16)}" == self.server.addresses["broker"]
        return "<offset id>" if known else text

    @staticmethod
    def time(found):
        is_near = abs(int(found.group()) - time.time() * 1000) < DAY_MS
        return "<time>" if is_near else found.group()

    def is_foreign(self, text):
        """Whether it names what only another run knows."""
        return any(name not in self.values.values() for name in FOREIGN.findall(text))
