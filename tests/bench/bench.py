#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`./lab bench`: what was reached beside what was aimed at, all of one run on one machine.

usage: bench.py BUILD-DIR

Times come from medians of interleaved repeats; ratios are within this run. Nothing here fails.
"""
import json
import os
import statistics
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import children
import rmqlab

TIMEOUT_S = 300
N_RUNS = 5
SCENARIO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "many-sends.scn")


def numbers(command):
    """The NAME VALUE lines of a bench program."""
    status, out, err = children.run(command, TIMEOUT_S)
    if status != 0:
        sys.exit(f"{command[0]} ended with {status}: {err}")
    return {name: float(value) for name, value in (line.split() for line in out.splitlines())}


def measure_sends(build, scratch):
    served = rmqlab.Served(os.path.join(build, "tui", "rmqlab"), os.path.join(scratch, "serve.log"))
    return numbers([os.path.join(build, "tests", "bench", "bench-sends"), served.namesrv])


def measure_events(build):
    """Events a second of the whole command, its start and report included."""
    rates = []
    for _ in range(N_RUNS):
        started = time.monotonic()
        _, out, _ = children.run([os.path.join(build, "tui", "rmqlab"), "run", SCENARIO, "--json"],
                                 TIMEOUT_S)
        rates.append(json.loads(out)["events"] / (time.monotonic() - started))
    return statistics.median(rates)


def rows(sends, cluster, events):
    """What, target, reached."""
    def share(kind):
        return f"{100 * sends[kind + '_share']:.0f} %, {1e6 / sends[kind + '_us']:,.0f}/s"

    floor = (f"bare ping-pong, {sends['request_bytes']:.0f} bytes out, "
             f"{sends['answer_bytes']:.0f} back")
    soup = "yes" if cluster["links_libsoup"] else "no"
    return [
        (floor, "the floor", f"{sends['floor_us']:.1f} us, {1e6 / sends['floor_us']:,.0f}/s"),
        ("sync sends, one thread, mock in another process", ">= 70 % of it",
         share("sync_other")),
        ("sync sends, one thread, mock in this process", ">= 70 % of it",
         share("sync_same")),
        ("async sends, <= 512 in flight, other process", ">= 100,000/s",
         f"{1e6 / sends['async_other_us']:,.0f}/s"),
        ("async sends, <= 512 in flight, this process", ">= 100,000/s",
         f"{1e6 / sends['async_same_us']:,.0f}/s"),
        ("1 name server + 3 brokers: start to first SEND_OK", "<= 5 ms",
         f"{cluster['first_send_us'] / 1000:.2f} ms"),
        ("memory of that program after 100 sends (RSS)", "<= 6 MB",
         f"{cluster['rss_kib'] / 1024:.1f} MB"),
        (f"its threads (libsoup linked: {soup})", "<= 3", f"{cluster['threads']:.0f}"),
        ("simulated events (40,000 sends, two brokers)", ">= 500,000/s", f"{events:,.0f}/s"),
    ]


def main(build):
    with tempfile.TemporaryDirectory() as scratch:
        try:
            cluster = numbers([os.path.join(build, "tests", "bench", "bench-cluster")])
            sends = measure_sends(build, scratch)
            events = measure_events(build)
        finally:
            children.stop_all()
    print(f"{'what':<52} {'target':<15} reached   ({os.cpu_count()} CPUs, load "
          f"{os.getloadavg()[0]:.1f})")
    for what, target, reached in rows(sends, cluster, events):
        print(f"{what:<52} {target:<15} {reached}")


main(sys.argv[1])
