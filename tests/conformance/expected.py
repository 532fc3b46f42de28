# SPDX-License-Identifier: Apache-2.0
"""What Apache's servers did: expected/VERSION/FOLDER.txt, one file a folder of probes.

    # peer: Apache RocketMQ 4.9.7, recorded 2026-11-24
    == NAME ENCODING…
    LABEL: VALUE

One section serves both encodings where the server did the same, or (`mirrored`) the same but for
answering the probe in its own encoding.
"""
import os
import re

from frames import JSON, ROCKETMQ

MIRRORED = "mirrored"
HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "expected")


def mirrored(lines):
    """What was answered in JSON, answered in the other encoding."""
    return [re.sub(r"^(probe[^:]*: code -?\d+), json,", r"\1, rocketmq,", line) for line in lines]


class Expected:
    def __init__(self, version):
        self.folder = os.path.join(FOLDER, version)
        self.files = {}  # folder of probes → {(name, encoding): lines}
        self.heads = {}
        self.touched = set()

    def file(self, probe):
        part = probe.name.partition("/")[0]
        if part not in self.files:
            self.files[part], self.heads[part] = self.load(part)
        return part, self.files[part]

    def load(self, part):
        sections, lines, head = {}, None, ""
        path = os.path.join(self.folder, part + ".txt")
        if not os.path.exists(path):
            return sections, head
        with open(path, encoding="utf-8") as text:
            for line in text.read().splitlines():
                if line.startswith("# "):
                    head = line[2:]
                elif line.startswith("== "):
                    name, *encodings = line[3:].split()
                    lines = []
                    sections.update({(name, encoding): lines for encoding in encodings})
                elif line:
                    lines.append(line)
        for name, encoding in [key for key in sections if key[1] == MIRRORED]:
            sections[name, ROCKETMQ] = mirrored(sections.pop((name, encoding)))
        return sections, head

    def all_heads(self):
        """Which peer, recorded when, of every file."""
        for file in sorted(os.listdir(self.folder)):
            yield self.load(file.removesuffix(".txt"))[1].removeprefix("peer: ")

    def lines(self, probe, encoding):
        return self.file(probe)[1].get((probe.name, encoding))

    def put(self, probe, encoding, lines):
        part, sections = self.file(probe)
        sections[(probe.name, encoding)] = lines
        self.touched.add(part)

    def save(self, peer, date, known):
        """Only what is known by that name: the probes that there are."""
        os.makedirs(self.folder, exist_ok=True)
        for part in self.touched:
            self.files[part] = {key: lines for key, lines in self.files[part].items()
                                if key[0] in known}
            with open(os.path.join(self.folder, part + ".txt"), "w", encoding="utf-8") as out:
                out.write(f"# peer: {peer}, recorded {date}\n")
                for heads, lines in self.sections(part):
                    out.write(f"\n== {heads}\n")
                    out.writelines(line + "\n" for line in lines)

    def sections(self, part):
        """("NAME ENCODING…", lines) in order"""
        merged = []
        for (name, encoding), lines in sorted(self.files[part].items()):
            head, before = merged[-1] if merged else ("", None)
            if head == f"{name} {JSON}" and lines in (before, mirrored(before)):
                how = ROCKETMQ if lines == before else MIRRORED
                merged[-1] = (f"{head} {how}", before)
            else:
                merged.append((f"{name} {encoding}", lines))
        return merged
