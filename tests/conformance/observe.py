# SPDX-License-Identifier: Apache-2.0
"""Runs one probe against one server and says, as lines, what it did."""
import json
import time

import frames
from connection import OPEN, Connection
from lines import Writer, body_of
from names import Names

ANSWER_TIMEOUT_S = 8
UNTIL_STEP_S = 0.005
SETTLED_S = 0.2
NOT_SUPPORTED = 3  # asking again would not help
FIRST_OPAQUE, FIRST_PING = 1000, 900000
PINGS = {"broker": (35, {"clientID": "nobody"}), "nameserver": (105, {"topic": "nobody"})}
DEFAULT_VERSION = 407


class Patience:
    """How long (s) a server may think before it is silent (`known`: where an answer is expected),
    a repeated request goes on, and what comes by itself may take."""

    def __init__(self, answer, known, until, by_itself):
        self.answer, self.known = answer, known
        self.until, self.by_itself = until, by_itself


class Run:
    """The state of one run."""

    def __init__(self, probe, encoding, server, key, patience, wanted=()):
        self.wanted = set(wanted or ())  # lines that are expected, where that is known
        self.probe, self.encoding, self.server = probe, encoding, server
        self.names = Names(key, server)
        self.writer = Writer(self.names, probe)
        self.patience = patience
        self.connections = {}
        self.opaques = {}  # opaque → label of the step that used it
        self.pings = FIRST_PING
        self.unasked = []  # answers to nothing that was asked: written at the end
        self.unaskable = set()  # connections in the middle of a frame

    def connection(self, target, name):
        found = self.connections.get((target, name))
        if found is None or found.state != OPEN:
            found = Connection(self.server.addresses[target])
            self.connections[(target, name)] = found
            self.names.peers[found.local] = name if target == "broker" else name + "-ns"
        return found

    def ping(self, connection, target):
        """Whether a request that every server answers is answered."""
        self.pings += 1
        code, fields = PINGS[target]
        opaque = self.pings
        header = {"code": code, "extFields": fields, "flag": 0, "language": "JAVA",
                  "opaque": opaque, "version": DEFAULT_VERSION}
        connection.send(frames.encode(header, b"", frames.JSON))
        answered = connection.wait(lambda: connection.answered(opaque), ANSWER_TIMEOUT_S)
        connection.frames = [f for f in connection.frames if f.header.get("opaque") != opaque
                             or not f.is_response]
        return answered

    def request(self, step, opaque):
        """(bytes, opaque) of a step."""
        fill, options = self.names.fill, step.options
        if step.raw is not None:
            return bytes.fromhex(fill(step.raw))
        body = body_of(step.body, fill)
        self.names.values["body-crc"] = str(frames.crc(body))
        fields = {name: json.loads(fill(value)) if name in step.typed else fill(value)
                  for name, value in step.fields.items()}
        del self.names.values["body-crc"]
        flag = int(options.get("flag", 2 if "oneway" in options else 0))
        header = {"code": step.code, "flag": flag, "language": options.get("language", "JAVA"),
                  "opaque": opaque, "version": int(options.get("version", DEFAULT_VERSION)),
                  "extFields": None if "no-ext" in options or not fields else fields,
                  "remark": options.get("remark")}
        encoding = self.encoding if step.role == "probe" else frames.JSON
        return self.damage(header, body, encoding, options)

    def damage(self, header, body, encoding, options):
        """The frame, with whatever the options spoil."""
        text = frames.json_header(header) if encoding == frames.JSON \
            else frames.rocketmq_header(header)
        if "header" in options:
            given = self.names.fill(options["header"])
            text = given.replace("<header>", text.decode("latin-1")).encode("latin-1") \
                if encoding == frames.JSON else bytes.fromhex(given)
        numbers = {key: int(options[key], 0) for key in ("length", "header-length", "type")
                   if key in options}
        data = frames.frame(text, body, numbers.get("type", frames.TYPES[encoding]),
                            numbers.get("length"), numbers.get("header-length"))
        if "cut" in options:
            data = data[:int(options["cut"])]
        return data + bytes.fromhex(options.get("tail", ""))

    def run(self):
        try:
            for i, step in enumerate(self.probe.steps):
                if step.verb:
                    getattr(self, "verb_" + step.verb)(step)
                elif "until" in step.options:
                    self.run_until(step, FIRST_OPAQUE + 100 * i)
                else:
                    self.run_step(step, FIRST_OPAQUE + 100 * i)
            self.end()
        finally:
            for connection in self.connections.values():
                connection.close()
        return self.writer.lines

    def run_until(self, step, opaque):
        """Repeats a request until its answer is the wanted one; the last is written down."""
        field, _, wanted = self.names.fill(step.options["until"]).partition(":")
        started = time.monotonic()
        written = len(self.writer.lines)
        while True:
            frame = self.run_step(step, opaque)
            seen = None
            if frame:
                seen = frame.header.get("code") if field == "code" else frame.fields.get(field)
            is_there = field == "body" and frame and wanted.encode() in frame.body
            if is_there or str(seen) == wanted or frame is None \
                    or frame.header.get("code") == NOT_SUPPORTED:
                return
            # Where the peer's answer never became that, ours need not be asked for long.
            is_expected = self.wanted.issuperset(self.writer.lines[written:])
            if time.monotonic() - started > (SETTLED_S if is_expected else self.patience.until):
                return
            del self.writer.lines[written:]
            opaque += 1
            time.sleep(UNTIL_STEP_S)

    def run_step(self, step, opaque):
        """Sends it, waits, writes down; the answer, or None."""
        opaque = int(step.options.get("opaque", opaque))
        connection = self.connection(step.target, step.connection)
        data = self.request(step, opaque)
        self.opaques[opaque] = step.label
        connection.send(data, "split" in step.options)
        if "oneway" in step.options:  # an answer to it would be seen in later steps
            self.writer.add(step.label, "sent oneway")
            return None
        if "waits" in step.options:
            self.unaskable.add((step.target, step.connection))
        is_awaited = bool(self.wanted) and f"{step.label}: silence" not in self.wanted
        connection.wait(lambda: connection.answered(opaque),
                        self.patience.known if is_awaited else self.patience.answer)
        if not connection.answered(opaque) and connection.state == OPEN \
                and "waits" not in step.options:
            self.ping(connection, step.target)
        return self.write_step(step, connection, opaque)

    def write_step(self, step, connection, opaque):
        answer, pushes = None, []
        for frame in connection.take_until(opaque):
            if not frame.is_response:
                pushes.append(frame)
            elif frame.header.get("opaque") == opaque:
                answer = frame
            else:
                self.stray(step.label, frame)
        if step.role != "before":
            self.writer.pushed_together(step.label, pushes)
        if answer is None:
            self.writer.add(step.label, "silence" if connection.state == OPEN else connection.state)
            return None
        self.names.remember(step.label, answer.fields)
        if step.role == "before":
            self.writer.add(step.label, f"code {answer.header.get('code')}")
        else:
            self.writer.answer(step.label, answer)
        return answer

    def stray(self, label, frame):
        """An answer to an earlier request, or to none."""
        asked = self.opaques.get(frame.header.get("opaque"))
        if asked is None and label != "end":
            self.unasked.append(frame)
            return
        asked = asked or "nothing"
        self.names.remember(asked, frame.fields)
        self.writer.answer(f"{label}.late-answer-to-{asked}", frame)

    def verb_await(self, step):
        """Something comes by itself: a push, or the answer to a request that was held."""
        connection = self.connection("broker", step.connection)
        connection.wait(lambda: connection.frames, self.patience.by_itself)
        if not connection.frames:
            self.writer.add(step.label, "nothing came" if connection.state == OPEN
                            else connection.state)
            return
        frame = connection.frames.pop(0)
        if frame.is_response:
            self.stray(step.label, frame)
        else:
            self.writer.pushed(step.label + ".pushed", frame)

    def verb_close(self, step):
        for target in ("broker", "nameserver"):
            connection = self.connections.pop((target, step.connection), None)
            if connection:
                connection.close()

    def end(self):
        """Each connection's fate, and what nobody can tell the step of."""
        for frame in self.unasked:
            self.stray("end", frame)
        for (target, name), connection in self.connections.items():
            label = "end" if (target, name) == (self.probe.steps[0].target, "a") \
                else f"end.{target}-{name}"
            if connection.state == OPEN and (target, name) not in self.unaskable:
                self.ping(connection, target)
            elif connection.state == OPEN:
                connection.wait(lambda: False, self.patience.answer)
            for frame in connection.take_all():
                if frame.is_response:
                    self.stray(label, frame)
                else:
                    self.writer.pushed(label + ".pushed", frame)
            self.writer.add(label, connection.state)
