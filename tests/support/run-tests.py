#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the tests named and counts what they said.

usage: run-tests.py BUILD-DIR [--all] [--seeds N] [--jobs J]
                    [quick | SUITE | TEST | tests/FOLDER]... [-- MESON-TEST-OPTION...]

--all: also the long matrix of peers, where peers are run at all.
--seeds, --jobs: for tests that try many seeds (suite determinism): how many, and how many at once.

What is counted is the single check: a line of TAP where a program speaks TAP, else the program. A
program that ends badly without a line that says so counts as one more failure. The last line is
`N passed, N failed[, N skipped]`.
"""
import difflib
import json
import os
import re
import subprocess
import sys

QUICK = ["unit", "integration", "scenario", "screen", "tidy"]
NOT_BY_DEFAULT = ["soak", "matrix"]
PEERS = {"peers", "matrix"}
TAP_LINE = re.compile(r"^(not )?ok\b(.*)$", re.MULTILINE)
SKIP = re.compile(r"#\s*skip", re.IGNORECASE)


def suite_of(name):
    return name.split(":", 1)[-1]


def introspect(build):
    """Names of all tests, of all suites, and folder → names of the programs built there."""
    tests = json.loads(subprocess.check_output(["meson", "introspect", "--tests", build]))
    folders = {}
    for test in tests:
        folder = os.path.relpath(os.path.dirname(test["cmd"][0]), os.path.realpath(build))
        folders.setdefault(folder, []).append(test["name"])
    return {t["name"] for t in tests}, {suite_of(s) for t in tests for s in t["suite"]}, folders


def take_number(names, options, word, variable):
    """Removes "--word N" from the names and hands N to the tests; they may then take their time."""
    if word not in names:
        return
    at = names.index(word)
    number = names[at + 1] if at + 1 < len(names) else ""
    if not re.fullmatch(r"[1-9][0-9]*", number):
        print(f"{word} wants a number from 1", file=sys.stderr)
        sys.exit(2)
    os.environ[variable] = number
    options += ["-t", "0"]
    del names[at:at + 2]


def select(names, tests, suites, folders):
    """The `meson test` calls, as argument lists, that run what was named."""
    wants_all = "--all" in names
    names = [name for name in names if name != "--all"]
    if not names:
        left_out = NOT_BY_DEFAULT[:1] if wants_all else NOT_BY_DEFAULT
        return [[arg for s in left_out for arg in ("--no-suite", s)]]
    if wants_all and "peers" in names:
        names.append("matrix")
    wanted_suites, wanted_tests = [], []
    for name in names:
        if name == "quick":
            wanted_suites += QUICK
        elif name in suites:
            wanted_suites.append(name)
        elif name in folders:
            wanted_tests += folders[name]
        elif name in tests:
            wanted_tests.append(name)
        else:
            near = difflib.get_close_matches(name, [*tests, *suites, "quick"], 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            print(f"no test or suite is called {name}{hint}", file=sys.stderr)
            sys.exit(2)
    calls = []
    if wanted_suites:
        calls.append([arg for s in wanted_suites for arg in ("--suite", s)])
    if wanted_tests:
        calls.append(wanted_tests)
    return calls


def count(log_path):
    """(passed, failed, skipped) of one testlog.json."""
    passed = failed = skipped = 0
    with open(log_path, encoding="utf-8") as log:
        for line in log:
            test = json.loads(line)
            ok = bad = skip = 0
            for negation, rest in TAP_LINE.findall(test.get("stdout", "")):
                if SKIP.search(rest):
                    skip += 1
                elif negation:
                    bad += 1
                else:
                    ok += 1
            good_end = test["result"] in ("OK", "EXPECTEDFAIL", "SKIP")
            if not ok + bad + skip and good_end:
                if test["result"] == "SKIP":
                    skip = 1
                else:
                    ok = 1
            if not good_end and not bad:
                bad = 1
            passed, failed, skipped = passed + ok, failed + bad, skipped + skip
    return passed, failed, skipped


def peers_in(log_path):
    """(run, skipped) programs of the peers' suites."""
    run = skipped = 0
    with open(log_path, encoding="utf-8") as log:
        for line in log:
            test = json.loads(line)
            if suite_of(test["name"].partition(" / ")[0]) in PEERS:
                skipped += test["result"] == "SKIP"
                run += test["result"] != "SKIP"
    return run, skipped


def why_skipped(log_path):
    """One line per skip: test and reason."""
    with open(log_path, encoding="utf-8") as log:
        for line in log:
            test = json.loads(line)
            text = test.get("stdout", "") + "\n" + test.get("stderr", "")
            reasons = re.findall(r"#\s*skip\s*(.*)", text, re.IGNORECASE)
            for reason in reasons or ([""] if test["result"] == "SKIP" else []):
                yield f"skipped: {test['name']}: {reason or 'no reason given'}"


def main():
    build, names = sys.argv[1], sys.argv[2:]
    options = []
    if "--" in names:
        cut = names.index("--")
        names, options = names[:cut], names[cut + 1:]
    take_number(names, options, "--seeds", "RMQ_TEST_SEEDS")
    take_number(names, options, "--jobs", "RMQ_TEST_JOBS")
    total, peers = [0, 0, 0], [0, 0]
    for i, call in enumerate(select(names, *introspect(build))):
        base = "testlog" if i == 0 else f"testlog-{i}"
        log_path = os.path.join(build, "meson-logs", base + ".json")
        if os.path.exists(log_path):
            os.remove(log_path)
        sys.stdout.flush()
        subprocess.run(["meson", "test", "-C", build, "--no-rebuild", "--print-errorlogs",
                        "--logbase", base, *options, *call], check=False)
        if not os.path.exists(log_path):
            print("meson test wrote no log", file=sys.stderr)
            sys.exit(1)
        for reason in why_skipped(log_path):
            print(reason)
        total = [a + b for a, b in zip(total, count(log_path))]
        peers = [a + b for a, b in zip(peers, peers_in(log_path))]
    passed, failed, skipped = total
    if passed + failed + skipped == 0:
        print("no test ran", file=sys.stderr)
        sys.exit(1)
    if sum(peers):
        print(f"peers: {peers[0]} run, {peers[1]} skipped")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(1 if failed else 0)


main()
