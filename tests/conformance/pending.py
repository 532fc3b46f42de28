# SPDX-License-Identifier: Apache-2.0
"""pending.txt: probes that ours does not answer as Apache's yet, `PROBE VERSION…` a line."""
import os

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pending.txt")
HEAD = "# What ours does not do as Apache's yet: PROBE VERSION…\n"


def read():
    """{(probe, version)}"""
    if not os.path.exists(PATH):
        return set()
    with open(PATH, encoding="utf-8") as text:
        words = [line.split() for line in text if line.strip() and not line.startswith("#")]
    return {(name, version) for name, *versions in words for version in versions}


def lines(waiting):
    return [" ".join([name, *sorted(v for n, v in waiting if n == name)])
            for name in sorted({name for name, _ in waiting})]


def write(waiting):
    """No file when nothing waits."""
    if not waiting:
        if os.path.exists(PATH):
            os.remove(PATH)
        return
    with open(PATH, "w", encoding="utf-8") as out:
        out.write(HEAD + "".join(line + "\n" for line in lines(waiting)))
