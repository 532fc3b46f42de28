# SPDX-License-Identifier: Apache-2.0
"""What was seen, as lines of text `LABEL.WHAT: VALUE` that are the same when the servers are."""
import base64
import fnmatch
import re

import fastjson
import frames

LONG_TEXT = 200
JDK_EXPLAINS = "Cannot invoke"  # a remark that is the JDK's explanation of a null, or none
USUAL = {"flag": "0", "sysFlag": "0", "reconsumeTimes": "0", "preparedOffset": "0",
         "bornHost": "{peer-a}", "storeHost": "{broker-address}", "storeTimestamp": "<time>",
         "bornTimestamp": "1700000000000", "topic": "{topic}"}  # not worth a line in a record
NUMBER = r"-?\d+(\.\d+)?(E-?\d+)?"
FORMS = ((r"-?\d+", "<integer>"), (NUMBER, "<decimal>"), (r"true|false", "<boolean>"))


def form_of(text):
    """What kind of text it is, where the value itself can't be compared."""
    inner = text.strip('"')
    for pattern, form in FORMS:
        if re.fullmatch(pattern, inner):
            return form if inner == text else f'"{form}"'
    words = inner.split(" ")
    if len(words) > 1 and all(re.fullmatch(NUMBER, word) for word in words):
        return '"<numbers>"'
    return '""' if inner == "" else "<text>"


def shown(data):
    """Bytes as text where they are text; long ones by length and checksum."""
    if len(data) > LONG_TEXT:
        return f"{len(data)} bytes, crc {frames.crc(data):08x}"
    try:
        text = data.decode()
        return repr(text) if text.isprintable() or text.strip() else "hex " + data.hex()
    except UnicodeDecodeError:
        return "hex " + data.hex()


class Writer:
    """Collects the lines of one run."""

    def __init__(self, names, probe):
        self.names, self.probe = names, probe
        self.lines = []

    def add(self, label, value):
        value = self.names.takes_out(str(value))
        last = re.split(r"[.\]]", label)[-1]
        if any(re.fullmatch(name.replace("*", ".*"), last) for name in self.probe.varies):
            value = "<varies>"
        label = self.names.takes_out(label)
        if any(fnmatch.fnmatchcase(label, pattern) for pattern in self.probe.ignored):
            return
        self.lines.append(f"{label}: {value}".replace("\n", "\\n").replace("\r", "\\r")
                          .replace("\x01", "\\1").replace("\x02", "\\2"))

    def answer(self, label, frame):
        header = frame.header
        self.add(label, f"code {header.get('code')}, {frame.encoding}, flag {header.get('flag')}, "
                 f"{header.get('language')}, version {header.get('version')}")
        remark = header.get("remark")
        if remark is not None and not remark.startswith(JDK_EXPLAINS):
            self.add(label + ".remark", remark)
        self.fields(label, header.get("extFields"))
        for fault in frame.faults:
            self.add(label + ".fault", fault)
        self.body(label + ".body", frame.body)

    def pushed(self, label, frame):
        self.add(label, f"request {frame.header.get('code')}, {frame.encoding}, "
                 f"flag {frame.header.get('flag')}, {frame.header.get('language')}, "
                 f"version {frame.header.get('version')}")
        self.fields(label, frame.header.get("extFields"))
        self.body(label + ".body", frame.body)

    def pushed_together(self, label, pushes):
        """Several pushes before one answer: their order is that of a hash."""
        start, groups = len(self.lines), []
        for frame in pushes:
            self.pushed(label + ".pushed", frame)
            groups.append(self.lines[start:])
            del self.lines[start:]
        for i, group in enumerate(sorted(groups), 1):
            self.lines += [line.replace(".pushed", f".pushed{i}", 1) for line in group]

    def fields(self, label, fields):
        if fields is None:
            return
        if not fields:
            self.add(label + ".ext", "{}")
        for name in sorted(fields):
            value = fields[name]
            form = "" if isinstance(value, str) else f" ({type(value).__name__})"
            text = str(value)
            if name in ("indexLastUpdatePhyoffset",):
                text = "<position>" if text.isdigit() else text
            self.add(f"{label}.ext.{name}", text + form)

    def body(self, label, data):
        if not data:
            return
        try:
            if frames.is_record(data):
                records = frames.read_records(data)
                self.add(label, f"{len(records)} records")
                for i, record in enumerate(records):
                    self.record(f"{label}[{i}]", record)
                return
            if data[:1] in b"{[":
                self.json(label, fastjson.parse(data.decode()))
                return
        except (ValueError, UnicodeDecodeError) as error:
            self.add(label + ".fault", error)
        if b"=" in data and b"\n" in data:
            self.properties(label, data.decode(errors="replace"))
            return
        self.add(label, shown(data))

    def properties(self, label, text):
        for line in sorted(text.splitlines()):
            key, equals, value = line.partition("=")
            self.add(f"{label}.{key}", form_of(value) if self.probe.forms_only else equals + value)

    def json(self, label, value):
        """One line a leaf; lists sorted, since Java's order is that of a hash."""
        if isinstance(value, dict):
            self.members(label, value)
        elif isinstance(value, list):
            kept = [item for item in value if not self.names.is_foreign(fastjson.text_of(item))]
            kept.sort(key=lambda item: self.names.takes_out(fastjson.text_of(item)))
            if not kept:
                self.add(label, "[]")
            for i, item in enumerate(kept):
                if isinstance(item, str):  # a set of names: which, not where
                    self.add(f"{label}[{item}]", "listed")
                else:
                    self.json(f"{label}[{i}]", item)
        else:
            text = fastjson.text_of(value)
            self.add(label, form_of(text) if self.probe.forms_only else text)

    def members(self, label, value):
        if not value:
            self.add(label, "{}")
        for key in sorted(value, key=self.names.takes_out):
            if self.names.is_foreign(key):
                continue
            shown_key = f"<{key}>" if isinstance(key, fastjson.Bare) else key
            if label.endswith("ataVersion") and key in ("counter", "timestamp", "stateVersion"):
                self.add(f"{label}.{shown_key}", "<integer>" if value[key] else "0")
                continue
            self.json(f"{label}.{shown_key}", value[key])

    def record(self, label, record):
        for key, value in record.items():
            if key == "phy" or USUAL.get(key) == self.names.takes_out(str(value)):
                continue
            if key == "preparedOffset":
                value = "<position>" if value else "0"
            elif key == "faults":
                for fault in value:
                    self.add(label + ".fault", fault)
                continue
            elif key == "body":
                value = shown(value)
            elif key == "properties":
                self.record_properties(label, value)
                continue
            self.add(f"{label}.{key}", value)

    def record_properties(self, label, text):
        """The order of Java's hash map is not compared, what ends the text is."""
        pieces = text.split("\x02")
        if pieces[-1] == "":
            pieces.pop()
            self.add(label + ".properties", "end in \\2")
        for piece in sorted(pieces):
            name, separator, value = piece.partition("\x01")
            value = value if len(value) <= LONG_TEXT else f"{len(value)} characters"
            self.add(f"{label}.property.{name}", value if separator else "(no value)")


def body_of(spec, fill):
    """The bytes that `body=SPEC` stands for."""
    kind, _, rest = spec.partition(":")
    if not spec:
        return b""
    if kind in ("text", "json"):
        return fill(rest).encode()
    if kind == "hex":
        return bytes.fromhex(rest)
    if kind == "base64":
        return base64.b64decode(rest)
    if kind == "size":
        return b"x" * int(fill(rest))
    if kind == "batch":
        return batch_body(rest, fill)
    raise ValueError(f"no body is called {kind}")


def batch_body(spec, fill):
    """`batch:COUNT` or `batch:COUNT,PROPERTIES`; bodies m0, m1…"""
    count, _, properties = spec.partition(",")
    return frames.batch([(f"m{i}".encode(), fill(properties).replace("#", str(i)).encode())
                         for i in range(int(count))])
