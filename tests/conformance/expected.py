# SPDX-License-Identifier: Apache-2.0
"""What Apache's servers did: expected/VERSION/FOLDER.txt, one file a folder of probes.

    # peer: Apache RocketMQ 4.9.7, recorded 2026-11-24
    == NAME ENCODING…
    LABEL: VALUE

One section serves both encodings where the server did the same.
"""
import os

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "expected")


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
        return sections, head

    def lines(self, probe, encoding):
        return self.file(probe)[1].get((probe.name, encoding))

    def put(self, probe, encoding, lines):
        part, sections = self.file(probe)
        sections[(probe.name, encoding)] = lines
        self.touched.add(part)

    def save(self, peer, date):
        os.makedirs(self.folder, exist_ok=True)
        for part in self.touched:
            with open(os.path.join(self.folder, part + ".txt"), "w", encoding="utf-8") as out:
                out.write(f"# peer: {peer}, recorded {date}\n")
                for heads, lines in self.sections(part):
                    out.write(f"\n== {heads}\n")
                    out.writelines(line + "\n" for line in lines)

    def sections(self, part):
        """("NAME ENCODING…", lines) in order"""
        merged = []
        for (name, encoding), lines in sorted(self.files[part].items()):
            if merged and merged[-1][0].split()[0] == name and merged[-1][1] == lines:
                merged[-1] = (f"{merged[-1][0]} {encoding}", lines)
            else:
                merged.append((f"{name} {encoding}", lines))
        return merged
