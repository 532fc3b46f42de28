#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/conformance.md, made from probes, recorded answers and explanations.

usage: page.py                 prints it
       page.py --check FILE    a test: FILE is what would be printed
"""
import difflib
import fnmatch
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]
import pending
from expected import Expected
from probe import VERSIONS, all_probes, read_common_differences
from tap import Tap

HEAD = """<!-- Made by `tests/conformance/page.py > docs/conformance.md`, which a test compares. -->
# Conformance

Every *probe* is one small file under `tests/conformance/probes`: a request, sent byte for byte to
Apache's name server or broker and to ours, with what must be there before and what is looked at
after. Compared are code, remark, header fields, the body's structure, what is pushed, the
connection's end, and the effect on later answers. What Apache's servers did is stored with the
probes, so that the comparison runs everywhere: `tests/conformance/run.py --build build` prints the
table probe × version; `./lab test conformance` is the test; `run.py --live` asks Apache's servers
whether they still do it, `--refresh` records them anew (`tests/conformance/README.md`).
"""


def explained(probes, common):
    """(probe or pattern, versions, lines, reason), each once."""
    rows = [(pattern, d) for pattern, d in common]
    rows += [(probe.name, d) for probe in probes for d in probe.differences]
    return [(name, ", ".join(d.versions or VERSIONS), d.pattern, d.reason) for name, d in rows]


def counts(probes, version, waiting, common):
    """(runs, probes explained, probes that differ still)"""
    here = [p for p in probes if p.runs_at(version)]
    late = [p for p in here if (p.name, version) in waiting]
    known = [p for p in here if p not in late and any(
        d.is_about(version) for d in p.differences + [
            d for pattern, d in common if fnmatch.fnmatchcase(p.name, pattern)])]
    return sum(len(p.encodings) for p in here), len(known), len(late)


def figures(probes, waiting, common):
    """The table of folders."""
    yield "| probes about | probes | " + " | ".join(VERSIONS) + " |"
    yield "|---|---|" + "---|" * len(VERSIONS)
    folders = {}
    for probe in probes:
        folders.setdefault(probe.name.partition("/")[0], []).append(probe)
    for folder, group in [*sorted(folders.items()), ("**all**", probes)]:
        cells = []
        for version in VERSIONS:
            runs, known, late = counts(group, version, waiting, common)
            cell = f"{runs} runs"
            cell += f", {known} explained" if known else ""
            cells.append(cell + (f", {late} differ still" if late else ""))
        yield f"| {folder} | {len(group)} | " + " | ".join(cells) + " |"


def peers():
    for version in VERSIONS:
        heads = sorted(set(Expected(version).all_heads()))
        yield f"* {version}: " + "; ".join(heads)


def page():
    probes, common, waiting = all_probes(), read_common_differences(), pending.read()
    lines = [HEAD, "## Figures", *figures(probes, waiting, common), "", "Recorded from:", ""]
    lines += peers()
    rows = explained(probes, common)
    lines += ["", "## Explained differences", ""]
    head = ["| probe | versions | what differs | why |", "|---|---|---|---|"]
    lines += head if rows else ["None."]
    lines += [f"| {name.replace('|', ' ')} | {versions} | `{what}` | {why} |"
              for name, versions, what, why in rows]
    if waiting:
        lines += ["", "## Differing still", "", "What ours does not do as Apache's yet:", ""]
        lines += [f"* {line}" for line in pending.lines(waiting)]
    return "\n".join(lines) + "\n"


def main():
    if sys.argv[1:2] != ["--check"]:
        print(page(), end="")
        return
    with open(sys.argv[2], encoding="utf-8") as text:
        there = text.read()
    diff = difflib.unified_diff(there.splitlines(), page().splitlines(), "there", "made", n=0,
                                lineterm="")
    checks = Tap()
    checks.check("/conformance/page/is-made-from-the-data", there == page(),
                 "tests/conformance/page.py > docs/conformance.md\n" + "\n".join(diff))
    checks.done()


main()
