#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One file and one seed make one run, whatever else is different.

usage: test_determinism.py RUN-HASHES SCENARIO-FOLDER

Every shipped scenario with the seeds 1 to RMQ_TEST_SEEDS (default 200) in RMQ_TEST_JOBS processes
at a time (default 1): `./lab test determinism --seeds N --jobs J`.
"""
import concurrent.futures
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import children
from tap import Tap

SEEDS = int(os.environ.get("RMQ_TEST_SEEDS", "200"))
JOBS = int(os.environ.get("RMQ_TEST_JOBS", "1"))
FEW = min(SEEDS, 5)
CHUNK = 50
TIMEOUT_S = 900
PARTS = ("hash", "wire", "client", "broker", "verdict")

ZONE = {"TZ": "Asia/Kathmandu"}
LOCALE = {"LANG": "de_DE.UTF-8", "LC_ALL": "C.UTF-8", "LANGUAGE": "tr"}
ENVIRONMENT = {"NAMESRV_ADDR": "127.0.0.1:1", "ROCKETMQ_SERIALIZE_TYPE": "ROCKETMQ", "COLUMNS": "7",
               "HOME": "/nonexistent", "G_RANDOM_SEED": "5", "NO_COLOR": "1"}
NOBODY = {"user": "nobody", "group": "nogroup", "extra_groups": []}


class Way:
    """What is different: options of the program, variables, who runs it and from where."""

    def __init__(self, claim, seeds, *options, variables=None, **process):
        self.claim, self.seeds, self.options = claim, seeds, options
        self.variables, self.process = variables or {}, process


def ways():
    as_root = os.geteuid() == 0
    everything = {"variables": {**ZONE, **LOCALE, **ENVIRONMENT}, "cwd": "/",
                  **(NOBODY if as_root else {})}
    yield Way("threads-run-as-fibers-do", SEEDS, "--tasks", "threads")
    yield Way("watched-stepped-looked-into-and-elsewhere-it-runs-the-same", SEEDS, "--watched",
              "--paranoid", **everything)
    yield Way("watched-paused-and-stepped", FEW, "--watched")
    yield Way("another-zone", FEW, variables=ZONE)
    yield Way("another-locale", FEW, variables=LOCALE)
    yield Way("another-environment", FEW, variables=ENVIRONMENT)
    yield Way("another-folder", FEW, cwd="/")
    yield Way("another-user", FEW, **NOBODY) if as_root else None


def chunk_of(program, scenario, first, last, way):
    """Lines of some seeds; what went wrong stands in them, as it would compare unequal."""
    status, out, err = children.run(
        [program, "--from", str(first), "--to", str(last), *way.options, scenario], TIMEOUT_S,
        env=children.clean_environment(**way.variables), **way.process)
    lines = out.splitlines()
    return lines + ([] if status == 0 else [f"{scenario} ended with {status}: {err}"])


def hashes(pool, program, scenario, way):
    firsts = range(1, way.seeds + 1, CHUNK)
    chunks = pool.map(lambda first: chunk_of(program, scenario, first,
                                             min(first + CHUNK - 1, way.seeds), way), firsts)
    return [line for chunk in chunks for line in chunk]


def difference(scenario, expected, seen):
    """(nullable) In words: the first line that differs, and how to look into it."""
    for ours, theirs in zip(expected, seen):
        if ours != theirs:
            seed = ours.split()[1]
            parts = [part for part, a, b in zip(PARTS, ours.split()[2:], theirs.split()[2:])
                     if a != b]
            return (f"{scenario} --seed {seed}: {' '.join(parts) or theirs} differ; see\n"
                    f"rmqlab run {scenario} --seed {seed} --headless --log FILE, and then the other"
                    f" way with --compare FILE")
    return None if len(expected) == len(seen) else f"{len(seen)} runs, not {len(expected)}"


def check(tap, pool, program, scenario):
    plain = hashes(pool, program, scenario, Way("", SEEDS))
    path = f"/determinism/{scenario}"
    tap.check(f"{path}/each-seed-has-a-run-of-its-own",
              len({line.split()[2] for line in plain}) == SEEDS == len(plain), plain[-1:])
    for way in ways():
        if way is None:
            tap.skip(f"{path}/another-user", "needs root to become somebody else")
            continue
        wrong = difference(scenario, plain[:way.seeds], hashes(pool, program, scenario, way))
        tap.check(f"{path}/{way.claim}", wrong is None, wrong)


def main(program, folder):
    tap = Tap()
    scenarios = sorted(name[:-4] for name in os.listdir(folder) if name.endswith(".scn"))
    with tempfile.TemporaryDirectory() as scratch, \
            concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        # where anybody may read them
        os.chmod(scratch, 0o755)
        os.environ["RMQLAB_SCENARIO_PATH"] = scratch
        for scenario in scenarios:
            shutil.copy(os.path.join(folder, scenario + ".scn"), scratch)
        ours = shutil.copy(program, os.path.join(scratch, "run-hashes"))
        for scenario in scenarios:
            check(tap, pool, ours, scenario)
    tap.done()


main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))
