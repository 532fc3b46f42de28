#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who adds a row is reminded of what goes with it (docs/adding-things.md).

usage: reminders.py SOURCE-ROOT
"""
import glob
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tap import Tap


def read(*patterns):
    """The text of all these files."""
    text = ""
    for pattern in patterns:
        for path in sorted(glob.glob(os.path.join(ROOT, pattern), recursive=True)):
            with open(path, encoding="utf-8", errors="replace") as one:
                text += one.read()
    return text


def request_codes():
    table = read("remoting/rmq-codes-private.h").split("RMQ_RESPONSE_CODES")[0]
    return re.findall(r"ROW \(\w+, (\d+),", table)


def has_vector_or_probe(code):
    """A recorded frame, or a probe that Apache's servers were sent, or that they sent a client."""
    return (re.search(rf'"code":{code}\b', VECTORS) is not None
            or re.search(rf": (broker|nameserver) {code}\b|: request {code},", PROBES) is not None)


def views():
    return re.findall(r'^  \{ "(\w+)",$', read("tui/rmq-dashboard-views.c"), re.MULTILINE)


def has_screens(view):
    return all(os.path.exists(os.path.join(ROOT, "tests", "screens", f"{view}-{size}.txt"))
               for size in ("80x24", "140x45"))


def scenarios():
    return [os.path.basename(p)[:-4] for p in glob.glob(os.path.join(ROOT, "scenarios", "*.scn"))]


def is_told(scenario):
    return f"`{scenario}`" in read("CHANGELOG.md")


# claim, the rows, what each must have
REMINDERS = [
    ("every-request-code-has-a-recorded-frame-or-probe", request_codes, has_vector_or_probe),
    ("every-view-has-stored-screens", views, has_screens),
    ("every-shipped-scenario-is-told-to-users", scenarios, is_told),
]


def main():
    tap = Tap()
    for claim, rows, has in REMINDERS:
        lacking = [row for row in rows() if not has(row)]
        tap.check(f"/house/reminders/{claim}", rows() and not lacking, lacking)
        tap.check(f"/house/reminders/{claim}/a-lack-is-seen", not has("99999"))
    tap.done()


ROOT = sys.argv[1]
VECTORS = read("tests/vectors/**/*.txt")
PROBES = read("tests/conformance/kinds.txt", "tests/conformance/expected/*/*.txt")
main()
