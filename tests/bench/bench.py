#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`./lab bench`: what was reached beside what was aimed at, all of one run on one machine.

usage: bench.py BUILD-DIR [--only PART[,PART…]] [--save FILE] [--compare FILE]

Parts: cluster, sends, crowd, events. Kinds of sends take turns, each at the places where its floor
runs too: all processes on one core, ours and its peers on a core each, or wherever the system puts
them. Shares are of one round; medians count, the least and the most stand beside them. A missed
target fails nothing. --compare says what got slower than a stored run, and then ends with 1.
"""
import argparse
import contextlib
import json
import os
import socket
import statistics
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import bench_rows
import children
import rmqlab

TIMEOUT_S = 600
N_RUNS = 5
N_IDLE = 10_000
SCENARIO = os.path.join(HERE, "many-sends.scn")


class Bench:
    """Samples by name, and what they are taken from."""

    def __init__(self, build, scratch):
        self.build, self.scratch = build, scratch
        self.samples = {}

    def add(self, name, value):
        self.samples.setdefault(name, []).append(float(value))

    def run(self, program, *arguments, prefix=""):
        """Adds the NAME VALUE lines of a bench program."""
        command = [os.path.join(self.build, "tests", "bench", program), *map(str, arguments)]
        status, out, err = children.run(command, TIMEOUT_S)
        if status != 0:
            sys.exit(f"{program} ended with {status}: {err}")
        for line in out.splitlines():
            name, value = line.split()
            self.add(prefix + name, value)

    def rmqlab(self):
        return os.path.join(self.build, "tui", "rmqlab")

    def serve(self, *options):
        return rmqlab.Served(self.rmqlab(), os.path.join(self.scratch, "serve.log"),
                             *map(str, options))

    # ---- parts

    def cluster(self):
        self.run("bench-cluster")
        self.run("bench-cluster", "footprint", prefix="all.")
        for n_topics in 1, 1000:
            self.run("bench-cluster", self.serve("--brokers", 3).namesrv, n_topics,
                     prefix=f"topics_{n_topics}.")

    def sends(self):
        served = self.serve()
        rmqlab.send(self.rmqlab(), served.namesrv, "BenchTopic", "--count", "100", text="hello")
        for name, value in status_of(served.child.pid).items():
            self.add(f"serve.{name}", value)
        self.run("bench-sends", served.namesrv, served.child.pid)
        self.run("bench-sends")

    def crowd(self):
        """Idle connections to one of two brokers, for less than the 120 s that it bears them."""
        alone, crowded = self.serve(), self.serve()
        with contextlib.ExitStack() as idle:
            connect_idle(broker_address(crowded), idle)
            self.run("bench-sends", alone.namesrv, alone.child.pid, crowded.namesrv,
                     crowded.child.pid)

    def events(self):
        """Events a second of the whole command, its start and report included."""
        for _ in range(N_RUNS):
            started = time.monotonic()
            _, out, _ = children.run([self.rmqlab(), "run", SCENARIO, "--json"], TIMEOUT_S)
            self.add("events_per_s", json.loads(out)["events"] / (time.monotonic() - started))


PARTS = ["cluster", "sends", "crowd", "events"]


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as lines:
        fields = dict(line.split(":", 1) for line in lines)
    return {"rss_kib": fields["VmRSS"].split()[0], "threads": fields["Threads"]}


def broker_address(served):
    tables = served.get("/v1/snapshot?tables=truth")["tables"]
    host, port = tables["truth"][0]["rows"][0]["address"].rsplit(":", 1)
    return host, int(port)


def connect_idle(address, idle):
    for _ in range(N_IDLE):
        idle.enter_context(socket.create_connection(address))


# ---- report

def say(bench):
    """One line a row that was measured; returns what --save stores."""
    results = {}
    print(f"{'what':<61} {'target':<13} {'median':>12}   least … most   ({os.cpu_count()} CPUs, "
          f"load {os.getloadavg()[0]:.1f})")
    for row in bench_rows.ROWS:
        values = row.values(bench.samples)
        if not values:
            continue
        least, median, most = min(values), statistics.median(values), max(values)
        results[row.key] = {"median": median, "least": least, "most": most}
        noise = f"   {row.text(least)} … {row.text(most)}" if len(values) > 1 else ""
        missed = "" if row.is_reached(median) else "   missed"
        print(f"{row.what:<61} {row.target_text():<13} {row.text(median):>12}{noise}{missed}")
    return results


def slower(before, now):
    for row in bench_rows.ROWS:
        old, new = before.get(row.key), now.get(row.key)
        if old and new and row.is_worse(new["median"], old):
            yield (f"slower: {row.what}: {row.text(new['median'])}, it was "
                   f"{row.text(old['median'])} ({row.text(old['least'])} … "
                   f"{row.text(old['most'])})")


def stored_run(path):
    try:
        with open(path, encoding="utf-8") as stored:
            return json.load(stored)
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{path} is no run stored by --save: {error}")


def options():
    parser = argparse.ArgumentParser(
        prog="lab bench", usage="lab bench [--only PART[,PART…]] [--save FILE] [--compare FILE]")
    parser.add_argument("build", help=argparse.SUPPRESS)
    parser.add_argument("--only", default=",".join(PARTS), metavar="PART[,PART]")
    parser.add_argument("--save", metavar="FILE")
    parser.add_argument("--compare", metavar="FILE", type=stored_run)
    chosen = parser.parse_args()
    chosen.only = chosen.only.split(",")
    unknown = [part for part in chosen.only if part not in PARTS]
    if unknown:
        parser.error(f"no part {', '.join(unknown)}: there are {', '.join(PARTS)}")
    return chosen


def main():
    chosen = options()
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(chosen.build, scratch)
        try:
            for part in chosen.only:
                getattr(bench, part)()
        finally:
            children.stop_all()
    results = say(bench)
    if chosen.save:
        with open(chosen.save, "w", encoding="utf-8") as stored:
            json.dump(results, stored, indent=1)
    if chosen.compare is None:
        return 0
    worse = list(slower(chosen.compare, results))
    print("\n".join(worse or ["nothing got slower than in the stored run"]))
    return 1 if worse else 0


sys.exit(main())
