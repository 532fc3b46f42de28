#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The probes themselves: how errors in them are told, and that nothing is missing.

usage: test_probes.py SOURCE-ROOT
"""
import glob
import os
import re
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]
import fastjson
from expected import Expected
from probe import VERSIONS, Probe, ProbeError, all_probes, read_kinds
from tap import Tap

ROW = re.compile(r"ROW \((\w+), (\d+),")
ERRORS = (
    ("a-line-without-key", "about: x\nprobe: send\nhello\n", "3:1: a line is KEY: …"),
    ("an-unknown-line", "about: x\nprobes: send\n", "2:1: no line is called probes"),
    ("an-unknown-kind", "about: x\nprobe: sand\n",
     "2:8: sand is neither a kind of request nor a target"),
    ("an-unknown-option", "about: x\nprobe: send !two-way\n", "2:13: no option is called !two-way"),
    ("an-option-without-value", "about: x\nprobe: send !length\n", "2:13: !length takes a value"),
    ("a-stray-word", "about: x\nprobe: send e=1 hello\n",
     "2:17: 'hello' is no field, option, body or connection"),
    ("an-open-quote", "about: x\nprobe: send b='x\n", "2:15: quote without an end"),
    ("a-field-to-leave-out-that-is-none", "about: x\nprobe: send -zz\n",
     "2:13: there is no field zz to leave out"),
    ("a-code-that-is-no-number", "about: x\nprobe: broker ten\n",
     "2:8: broker is followed by a request code"),
    ("no-request", "about: x\nprobe:\n", "2:7: a request is missing"),
    ("no-probe", "about: x\n", "1:1: there is no probe: line"),
    ("no-claim", "probe: send\n", "1:1: there is no about: line"),
    ("a-difference-without-reason", "about: x\nprobe: send\ndiffers: 4.9.7 probe.*\n",
     "3:9: a difference is VERSIONS PATTERN: reason"),
)


def error_of(text, kinds):
    with tempfile.NamedTemporaryFile("w", suffix=".probe", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        try:
            Probe(file.name, kinds)
        except ProbeError as error:
            return str(error).removeprefix(os.path.relpath(file.name) + ":")
    return "no error"


def check_errors(tap):
    kinds = read_kinds()
    for name, text, wanted in ERRORS:
        seen = error_of(text, kinds)
        tap.check(f"/conformance/probe/error/{name}", seen == wanted, seen)


def check_recorded(tap, probes):
    """Both ways: each run has an answer, each answer a run."""
    for version in VERSIONS:
        expected = Expected(version)
        runs = {(p.name, e) for p in probes if p.runs_at(version) for e in p.encodings}
        missing = [f"{p.name} {e}" for p in probes if p.runs_at(version) for e in p.encodings
                   if expected.lines(p, e) is None]
        stray = [key for part in expected.files.values() for key in part if key not in runs]
        tap.check(f"/conformance/expected/{version}/every-run-is-recorded", not missing,
                  "\n".join(missing))
        tap.check(f"/conformance/expected/{version}/nothing-else-is-recorded", not stray,
                  "\n".join(map(str, stray)))


def served_codes(root):
    """The request codes that the mocks have a processor for."""
    with open(os.path.join(root, "remoting", "rmq-codes-private.h"), encoding="utf-8") as text:
        numbers = {name: int(number) for name, number in ROW.findall(text.read())}
    found = set()
    for path in glob.glob(os.path.join(root, "mock-*", "*.c")):
        with open(path, encoding="utf-8") as text:
            found |= set(re.findall(r"\{ RMQ_REQUEST_(\w+), rmq_|\{ RMQ_REQUEST_(\w+), [a-z]",
                                    text.read()))
    return {numbers[name] for pair in found for name in pair if name}


def check_codes(tap, probes, root):
    probed = {step.code for probe in probes for step in probe.steps if step.role == "probe"}
    missing = sorted(served_codes(root) - probed)
    tap.check("/conformance/probes/every-served-code-is-probed", not missing, missing)
    tap.check("/conformance/probes/there-are-300-at-least", len(probes) >= 300, len(probes))


def check_json(tap):
    """fastjson's bare and object keys, which Python's reader does not know."""
    value = fastjson.parse('{"a":{0:"x","1":2},"t":{{"q":1,"b":"n"}:5},"l":[true,null,-1.5]}')
    bare, quoted = list(value["a"])
    tap.check("/conformance/json/bare-keys-are-known", isinstance(bare, fastjson.Bare)
              and not isinstance(quoted, fastjson.Bare), value)
    tap.check("/conformance/json/objects-are-keys", value["t"] == {'{b="n",q=1}': 5}, value["t"])
    tap.check("/conformance/json/scalars", value["l"] == [True, None, -1.5], value["l"])


def main():
    tap, probes = Tap(), all_probes()
    check_errors(tap)
    check_json(tap)
    check_recorded(tap, probes)
    check_codes(tap, probes, sys.argv[1])
    tap.done()


main()
