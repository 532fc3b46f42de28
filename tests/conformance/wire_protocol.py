#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/wire-protocol.md: frames byte by byte, codes, and what servers of each version do, each
claim with the recorded frame or the probe that shows it.

usage: wire_protocol.py [--check PAGE | --write PAGE]
"""
import collections
import difflib
import os
import re
import sys

import frames
from expected import Expected
from probe import VERSIONS, all_probes

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
VECTORS = os.path.join(HERE, "..", "vectors")
CODES = os.path.join(ROOT, "remoting", "rmq-codes-private.h")
REMARK_SHOWN = 56
# the frames that are taken apart: title, recorded file
DISSECTED = (
    ("A send, header in JSON", "4.9.7/send-v2-plain.txt"),
    ("A send, header in the ROCKETMQ encoding", "4.9.7/all-rocketmq.send-v2.txt"),
    ("A route query", "4.9.7/route-known.txt"),
)


# ---- recorded frames ---------------------------------------------------------

def frames_in(name):
    """[(who sent it, bytes)] of a recorded file."""
    found = []
    with open(os.path.join(VECTORS, name), encoding="utf-8") as text:
        for line in text:
            if line.startswith("from: "):
                found.append((line[6:].strip(), b""))
            elif line.startswith("hex: "):
                sender, data = found[-1]
                found[-1] = sender, data + bytes.fromhex(line[5:].strip())
    return found


def recorded():
    """Every recorded file, VERSION/NAME."""
    for version in sorted(os.listdir(VECTORS)):
        folder = os.path.join(VECTORS, version)
        if os.path.isdir(folder):
            yield from (f"{version}/{name}" for name in sorted(os.listdir(folder)))


class Dissection:
    """Rows (offset, bytes, field, value) of one frame."""

    def __init__(self, data):
        self.data, self.at, self.rows = data, 0, []
        length = self.number(4, "length", "of all that follows")
        word = self.number(4, "header word", "encoding in the high byte, length of the header in "
                           "the others")
        self.header_end = 8 + (word & 0xFFFFFF)
        self.json() if word >> 24 == 0 else self.rocketmq()
        if self.at < len(data):
            self.take(len(data) - self.at, "body", f"{len(data) - self.at} bytes")
        assert length == len(data) - 4

    def take(self, size, field, value):
        piece = self.data[self.at:self.at + size]
        shown = piece[:12].hex(" ") + (" …" if size > 12 else "")
        self.rows.append((self.at, shown, field, value))
        self.at += size
        return piece

    def number(self, size, field, value=None):
        number = int.from_bytes(self.data[self.at:self.at + size], "big")
        self.take(size, field, f"{number}" + (f": {value}" if value else ""))
        return number

    def text(self, length_size, field):
        size = int.from_bytes(self.data[self.at:self.at + length_size], "big")
        end = self.at + length_size + size
        self.take(length_size + size, field, self.data[end - size:end].decode())

    def json(self):
        text = self.data[self.at:self.header_end].decode()
        self.take(self.header_end - self.at, "header", text)

    def rocketmq(self):
        for size, field in ((2, "code"), (1, "language"), (2, "version"), (4, "opaque"),
                            (4, "flag")):
            self.number(size, field)
        self.text(4, "remark")
        self.number(4, "length of the extension fields")
        while self.at < self.header_end:
            size = int.from_bytes(self.data[self.at:self.at + 2], "big")
            name = self.data[self.at + 2:self.at + 2 + size].decode()
            value_at = self.at + 2 + size
            value_size = int.from_bytes(self.data[value_at:value_at + 4], "big")
            value = self.data[value_at + 4:value_at + 4 + value_size].decode()
            self.take(2 + size + 4 + value_size, f"`{name}`", value)


def cell(text):
    """Safe inside a table."""
    text = re.sub(r"[\x00-\x1f]", lambda m: f"\\x{ord(m[0]):02x}", str(text))
    return text.replace("|", "\\|") or "–"


def table(head, rows):
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell(value) for value in row) + " |"


def dissect(title, name):
    yield from ["", f"### {title}", "", f"`tests/vectors/{name}`"]
    for sender, data in frames_in(name):
        yield from ["", f"From the {sender}, {len(data)} bytes:", ""]
        rows = [(at, f"`{shown}`" if shown else "–", field, f"`{value}`" if value else "–")
                for at, shown, field, value in Dissection(data).rows]
        yield from table(("at", "bytes", "field", "value"), rows)


# ---- codes -------------------------------------------------------------------

def code_rows(list_name):
    """[(name, number, help)] of a list in the C source, where they have their home."""
    with open(CODES, encoding="utf-8") as text:
        source = text.read()
    start = source.index(f"#define {list_name}(ROW)")
    part = source[start:source.index("\n\n", start)]
    rows = re.findall(r'ROW \((\w+), (\d+),\s*\\?\s*"([^"]*)"\)', part)
    return sorted((int(number), name, text) for name, number, text in rows)


def codes_shown():
    """(request code → recorded files, response code → recorded files)"""
    requests, responses = collections.defaultdict(list), collections.defaultdict(list)
    for name in recorded():
        for _, data in frames_in(name):
            frame = frames.Frame(data[4:])
            (responses if frame.is_response else requests)[frame.header["code"]].append(name)
    return requests, responses


def show_codes(title, rows, shown):
    yield from ["", f"### {title}", ""]
    yield from table(("code", "name", "what it is", "for example"), (
        (number, name, text, f"`{shown[number][0]}`" if shown[number] else "–")
        for number, name, text in rows))


# ---- what servers do ---------------------------------------------------------

def outcome(lines):
    """The first thing that a server did about the probe, in short."""
    if lines is None:
        return "not asked"
    first = next((line for line in lines if line.startswith("probe")), None)
    if first is None:
        return next((line for line in lines if line.startswith("end")), "–")
    label, _, what = first.partition(": ")
    code = re.match(r"code (-?\d+)", what)
    remark = next((line.partition(": ")[2] for line in lines
                   if line.startswith(label + ".remark")), "")
    if len(remark) > REMARK_SHOWN:
        remark = remark[:REMARK_SHOWN] + "…"
    end = next((line for line in lines if line.startswith("end: ") and line != "end: open"), "")
    words = [f"[{code[1]}]" if code else what, f"`{remark}`" if remark else "",
             f"({end[5:]})" if end else ""]
    return " ".join(word for word in words if word)


def plain(lines):
    """Without the version that every server tells of itself."""
    return lines and [re.sub(r", version \d+$", "", line) for line in lines]


def behaviours():
    """folder → [(claim, outcome by version, probe)]"""
    expected = {version: Expected(version) for version in VERSIONS}
    found = collections.defaultdict(list)
    for probe in all_probes():
        encoding = probe.encodings[0]
        answers = [plain(expected[v].lines(probe, encoding)) if probe.runs_at(v) else None
                   for v in VERSIONS]
        found[probe.name.partition("/")[0]].append((probe, answers))
    return found


def show_behaviours():
    for folder, rows in sorted(behaviours().items()):
        alike = [(p, a) for p, a in rows if a[0] == a[1] == a[2]]
        unlike = [(p, a) for p, a in rows if not a[0] == a[1] == a[2]]
        yield from ["", f"### {folder}", ""]
        if unlike:
            yield from table(("claim", *VERSIONS, "probe"), (
                (p.about, *map(outcome, a), f"`{p.name.partition('/')[2]}`") for p, a in unlike))
        if alike:
            yield from ["", f"The same in all three ({len(alike)}):", ""] if unlike else []
            yield from table(("claim", "all versions", "probe"), (
                (p.about, outcome(a[1]), f"`{p.name.partition('/')[2]}`") for p, a in alike))


def page():
    requests, responses = codes_shown()
    yield from [
        "# The wire protocol, as it was seen", "",
        "Generated by `tests/conformance/wire_protocol.py --write docs/wire-protocol.md` from",
        "frames recorded between Apache's own peers (`tests/vectors`, named VERSION/FILE below)",
        "and from what Apache's servers answered to our probes",
        "(`tests/conformance/probes/FOLDER/NAME.probe`; their answers in",
        "`tests/conformance/expected`). Where ours differ, and why:",
        "[conformance.md](conformance.md).", "",
        "## Frames", "",
        "All numbers are big-endian. A frame is at most 16777216 bytes long, its length included."]
    for title, name in DISSECTED:
        yield from dissect(title, name)
    yield from ["", "## Codes"]
    yield from show_codes("Requests", code_rows("RMQ_REQUEST_CODES"), requests)
    yield from show_codes("Responses", code_rows("RMQ_RESPONSE_CODES"), responses)
    yield from [
        "", "## What servers do, version by version", "",
        "`[n]` is the response code, then the remark, shortened. A row with a column per version",
        "differs somewhere in its answer or after-effects, which the short form may not show.",
        "*not asked*: a version that was not asked this."]
    yield from show_behaviours()


def main():
    text = "\n".join(page()) + "\n"
    if sys.argv[1:2] == ["--write"]:
        with open(sys.argv[2], "w", encoding="utf-8") as out:
            out.write(text)
    elif sys.argv[1:2] == ["--check"]:
        with open(sys.argv[2], encoding="utf-8") as there:
            differences = list(difflib.unified_diff(there.read().splitlines(), text.splitlines(),
                                                    "the page", "what it should be", n=0,
                                                    lineterm=""))
        if differences:
            print("\n".join(differences[:40]))
            sys.exit(f"{sys.argv[2]} is stale: wire_protocol.py --write {sys.argv[2]}")
    else:
        print(text, end="")


main()
