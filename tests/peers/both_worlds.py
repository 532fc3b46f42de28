#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The shipped scenarios with our producer, once on Apache's servers and once on ours: what came of
the sends, side by side.

usage: both_worlds.py RMQLAB [--version V]... [--scenario S]... [--write PAGE] [--tap]

On Apache's side outages are made with processes (kill, start, stop, pause) and a byte proxy (drop,
reset, delay). On ours the same file is simulated with a few seeds, in the profile of the version.
Where the real run lies outside of what the seeds gave by more than the slack of its row, exit
status 1.
"""
import argparse
import collections
import datetime
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import apache
import apache_cluster
import children
import sends
from proxy import Proxy, Rule
from servers import PROFILES
from tap import Tap, skip_all

SCENARIOS = os.path.join(HERE, "..", "..", "scenarios")
SHIPPED = ("broker-a-dies", "stored-but-answer-lost", "ordered-by-key", "name-server-down")
SEEDS = range(1, 6)
RUN_TIMEOUT_S = 200
REGISTER_EVERY_S, PHASE_S = 30, 25
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}
# What is compared: name → (what it is, slack: absolute, slack: part of the value)
ROWS = {
    "ok": ("sends that returned a stored status", 4, 0.01),
    "errors": ("sends that ended in an error", 4, 0.05),
    "retried": ("sends with more than one attempt", 4, 0.05),
    "attempts": ("most attempts of one send", 0, 0),
    "first error": ("start of the first that failed, s", 0.5, 0),
    "last error": ("start of the last that failed, s", 0.5, 0),
    "failover": ("longest send that was retried and stored, ms", 350, 0),
    "slowest error": ("longest send that failed, ms", 350, 0),
    "duplicates": ("copies beyond the first", 0, 0),
    "ghosts": ("errors that were stored all the same", 1, 0),
    "lost": ("stored by their status, but not there", 0, 0),
    "reversals": ("messages that lie before an earlier one of their key", 8, 0.5),
}


# ---- the file ------------------------------------------------------------------------------------

def seconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * UNITS[unit]


class Scenario:
    """What of a scenario's text concerns the servers."""

    def __init__(self, name):
        with open(os.path.join(SCENARIOS, name + ".scn"), encoding="utf-8") as text:
            self.text = text.read()
        self.name = name
        self.namesrvs, self.brokers, self.topics = [], [], {}
        self.outages = []  # (at s, for s or None, target, words)
        for line in self.text.splitlines():
            self.read(line.split("#")[0].split())

    def read(self, words):
        if words[:1] == ["nameserver"]:
            self.namesrvs += words[1:]
        elif words[:1] == ["broker"]:
            self.brokers += words[1:]
        elif words[:1] == ["topic"]:
            self.topics[words[1]] = int(words[words.index("queues") + 1])
        elif words[:1] == ["at"] and "sends" not in words:
            at, words = seconds(words[1]), words[2:]
            lasts = None
            if words[0] == "for":
                lasts, words = seconds(words[1]), words[2:]
            self.outages.append((at, lasts, words[0], words[1:]))

    def needs_proxy(self, name):
        return any(target == name and words[0] in ("drop", "reset", "delay")
                   for _, _, target, words in self.outages)

    def for_profile(self, profile):
        """The text with servers of that profile."""
        return re.sub(r"^(nameserver|broker)( .*)$", rf"\1\2 profile {profile}", self.text,
                      flags=re.MULTILINE)


# ---- Apache's side -------------------------------------------------------------------------------

class Stage:
    """Apache's cluster with proxies where an outage wants one, and the outages' timetable."""

    def __init__(self, scenario, version, scratch):
        self.scenario = scenario
        self.cluster = apache_cluster.ApacheCluster(version, scratch, scenario.namesrvs,
                                                    scenario.brokers)
        for topic, queues in scenario.topics.items():
            self.cluster.add_topic(topic, queues)
        self.proxies = {name: Proxy(self.cluster.addresses[name]) for name in scenario.brokers
                        if scenario.needs_proxy(name)}
        self.namesrv = self.cluster.namesrv
        if self.proxies:  # the route must lead to them
            front = Proxy(self.cluster.addresses[scenario.namesrvs[0]])
            for name, proxy in self.proxies.items():
                front.rename(self.cluster.addresses[name], proxy.address)
            self.namesrv = front.address

    def rule_of(self, words):
        text = " ".join(words)
        count = re.search(r"next (\d+)", text)
        percent = re.search(r"(\d+)%", text)
        delay = re.search(r"delay (\S+)", text)
        return Rule(words[0], count=int(count[1]) if count else None,
                    percent=int(percent[1]) if percent else 100,
                    delay_s=seconds(delay[1]) if delay else 0)

    def act(self, lasts, target, words):
        if target in self.proxies:
            rule = self.rule_of(words)
            self.proxies[target].add(rule)
            if lasts is not None:
                threading.Timer(lasts, self.proxies[target].remove, (rule,)).start()
        else:
            getattr(self.cluster.servers[target], words[0])()

    def wait_for_phase(self):
        """Where name servers return: so that brokers register well after that, at 15, 45 and 75 s
        of the story, and a JVM has the time to come up."""
        if any(target in self.scenario.namesrvs for _, _, target, _ in self.scenario.outages):
            phase = self.cluster.brokers_started + PHASE_S
            time.sleep((phase - time.monotonic()) % REGISTER_EVERY_S)

    def play(self, began):
        """On this thread: a child dies with the thread that started it."""
        for at, lasts, target, words in sorted(self.scenario.outages, key=lambda o: o[0]):
            time.sleep(max(0, began + at - time.monotonic()))
            self.act(lasts, target, words)

    def copies(self):
        """send → how many copies of it are stored"""
        return collections.Counter(
            apache_cluster.properties_of(record)["KEYS"].split()[0]
            for topic, queues in self.scenario.topics.items()
            for _, record in self.cluster.read_topic(topic, queues))


def play_real(program, scenario, version, scratch):
    stage = Stage(scenario, version, scratch)
    path = os.path.join(scratch, scenario.name + ".scn")
    with open(path, "w", encoding="utf-8") as out:
        out.write(scenario.text)
    stage.wait_for_phase()
    folder = os.path.join(scratch, "result")
    run = children.start([program, "run", path, "--namesrv", stage.namesrv, "--headless",
                          "--profile", PROFILES[version], "--result", folder],
                         os.path.join(scratch, "run.log"), stderr=subprocess.PIPE, encoding="utf-8",
                         env=children.clean_environment())
    line = run.stderr.readline()
    if "begins at" not in line:
        raise RuntimeError("the run did not begin: " + line + run.stderr.read())
    stage.play(time.monotonic())
    run.wait(RUN_TIMEOUT_S)
    copies = stage.copies()
    told = sends.sends_in(folder)
    for send in told:
        send["copies"] = copies[send["send"]]
    return told


# ---- ours ----------------------------------------------------------------------------------------

def play_simulated(program, scenario, version, scratch, seed):
    path = os.path.join(scratch, f"{scenario.name}-{seed}.scn")
    with open(path, "w", encoding="utf-8") as out:
        out.write(scenario.for_profile(PROFILES[version]))
    folder = os.path.join(scratch, f"result-{seed}")
    status, out, err = children.run([program, "run", path, "--headless", "--seed", str(seed),
                                     "--profile", PROFILES[version], "--result", folder],
                                    RUN_TIMEOUT_S)
    if status not in (0, 1, 4):
        raise RuntimeError(out + err)
    return sends.sends_in(folder)


# ---- side by side --------------------------------------------------------------------------------

def figures(told):
    return {label: sends.figures(group) for label, group in sends.by_workload(told).items()}


def agrees(row, real, seen):
    """Whether a real figure lies among the simulated ones, give or take the row's slack."""
    if real is None or None in seen:
        return (real is None) == (None in seen) or ROWS[row][1] > 0 and row.endswith("error")
    slack = max(ROWS[row][1], ROWS[row][2] * real)
    return min(seen) - slack <= real <= max(seen) + slack


def shown(values):
    texts = ["–" if v is None else f"{v:.1f}" if isinstance(v, float) else str(v) for v in values]
    numbers = [v for v in values if v is not None]
    if len(set(texts)) == 1:
        return texts[0]
    low, high = min(numbers), max(numbers)
    form = (lambda v: f"{v:.1f}") if isinstance(low, float) or isinstance(high, float) else str
    return f"{form(low)} … {form(high)}" + (" or –" if len(numbers) < len(values) else "")


def compare(program, name, version):
    """Rows (workload, figure, real, simulated, agrees)."""
    scenario = Scenario(name)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            told = play_real(program, scenario, version, scratch)
        finally:
            children.stop_all()
        real, errors = figures(told), sorted({s["error"] for s in told if s["outcome"] == "ERROR"})
        seeds = [figures(play_simulated(program, scenario, version, scratch, seed))
                 for seed in SEEDS]
    rows = []
    for label, figure in real.items():
        for row in figure:
            seen = [one[label][row] for one in seeds]
            if figure[row] in (0, None) and set(seen) <= {0, None}:
                continue  # nothing anywhere
            rows.append((label, row, shown([figure[row]]), shown(seen),
                         agrees(row, figure[row], seen)))
    return rows, errors


def page(results):
    today = datetime.date.today().isoformat()
    out = ["# The same story in both worlds", "",
           "Generated by `tests/peers/both_worlds.py RMQLAB --write docs/both-worlds.md`, last on",
           f"{today}. Each shipped scenario with our producer, in the profile of the version:",
           "once on Apache's own servers of that version, over TCP, its outages made by processes",
           "and a byte proxy; and simulated on our mocks with the seeds "
           f"{SEEDS[0]} to {SEEDS[-1]}. Rows with nothing on either side are left out.", ""]
    out += ["| figure | what it is | slack |", "|---|---|---|"]
    out += [f"| {row} | {what} | {a}{f' or {p:.0%}' if p else ''} |"
            for row, (what, a, p) in ROWS.items()]
    for (name, version), rows in results.items():
        out += ["", f"## {name}, {version}", "",
                "| workload | figure | Apache's servers | our mocks | |", "|---|---|---|---|---|"]
        out += [f"| {label} | {row} | {real} | {ours} | {'equal' if ok else '**differs**'} |"
                for label, row, real, ours, ok in rows]
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--version", action="append")
    parser.add_argument("--scenario", action="append")
    parser.add_argument("--write")
    parser.add_argument("--tap", action="store_true")
    options = parser.parse_args()
    results, tap = {}, Tap()
    for version in options.version or PROFILES:
        for name in options.scenario or SHIPPED:
            try:
                rows, errors = compare(options.program, name, version)
            except apache.Absent as why:
                skip_all(str(why))
            results[name, version] = rows
            for label, row, real, ours, ok in rows:
                tap.check(f"both-worlds/{version}/{name}/{label}/{row}: {real} | {ours}", ok,
                          "\n".join(["the real run's errors:", *errors[:5]]))
    if options.write:
        with open(options.write, "w", encoding="utf-8") as out:
            out.write(page(results))
    print(f"1..{tap.number}")
    sys.exit(1 if tap.failed and not options.tap else 0)


if __name__ == "__main__":
    main()
