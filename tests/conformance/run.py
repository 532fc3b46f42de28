#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends probes to Apache's servers and to ours, and compares what they do. See README.md."""
import argparse
import datetime
import difflib
import fnmatch
import itertools
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "peers")]
import apache
import children
import pending
import servers
from expected import Expected
from observe import Patience, Run
from probe import VERSIONS, ProbeError, all_probes, probe_names, read_common_differences
from tap import Tap, skip_all

EQUAL, EXPLAINED, DIFFERS, UNKNOWN = "equal", "explained", "DIFFERS", "not recorded"
RANK = [EQUAL, EXPLAINED, UNKNOWN, DIFFERS]
APACHE = Patience(answer=0.5, known=5, until=5, by_itself=10)
APACHE_IN_DOUBT = Patience(answer=3, known=5, until=5, by_itself=10)
OURS = Patience(answer=0.02, known=0.2, until=3, by_itself=3)
LIVE_ATTEMPTS = 3  # a busy machine makes Apache's broker refuse, or answer late
SALT, RUNS = os.getpid(), itertools.count()


class Result:
    """What came of one run; the differences that were explained, by which explanation."""

    def __init__(self, probe, encoding, version, verdict, diff=(), used=()):
        self.probe, self.encoding, self.version = probe, encoding, version
        self.verdict, self.diff, self.used = verdict, list(diff), list(used)


def observe(probe, encoding, server, patience, wanted=()):
    key = f"{probe.name} {encoding} {server.version} {SALT} {next(RUNS)}"
    return Run(probe, encoding, server, key, patience, wanted).run()


def without(lines, patterns):
    return [line for line in lines
            if not any(fnmatch.fnmatchcase(line.partition(": ")[0], p) for p in patterns)]


def judge(run, version, wanted, seen, known):
    """Equal, or equal but for lines that a reason was given for, or different."""
    probe, encoding = run
    if wanted is None:
        return Result(probe, encoding, version, UNKNOWN, [f"+{line}" for line in seen])
    if wanted == seen:
        return Result(probe, encoding, version, EQUAL)
    diff = list(difflib.unified_diff(wanted, seen, lineterm="", n=0))[2:]
    if without(wanted, [d.pattern for d in known]) != without(seen, [d.pattern for d in known]):
        return Result(probe, encoding, version, DIFFERS, diff)
    touched = [line[1:].partition(": ")[0] for line in diff if line[0] in "+-"]
    used = [d for d in known if fnmatch.filter(touched, d.pattern)]
    return Result(probe, encoding, version, EXPLAINED, diff, used)


def explanations(probe, version, common):
    known = probe.differences + [d for pattern, d in common
                                 if fnmatch.fnmatchcase(probe.name, pattern)]
    return [d for d in known if d.is_about(version)]


def runs_of(probes, version):
    return [(probe, encoding) for probe in probes if probe.runs_at(version)
            for encoding in probe.encodings]


def expects_silence(wanted):
    return wanted is not None and any(": silence" in line for line in wanted)


def compare(probes, version, server, expected, is_ours):
    """Where ours is expected to be silent, a following request's answer tells it at once."""
    common = read_common_differences()
    for run in runs_of(probes, version):
        wanted = expected.lines(*run)
        known = explanations(run[0], version, common) if is_ours else []
        for _ in range(1 if is_ours else LIVE_ATTEMPTS):
            seen = observe(*run, server, OURS if is_ours else APACHE, wanted)
            result = judge(run, version, wanted, seen, known)
            if result.verdict != DIFFERS:
                break
        yield result, seen


def record(probes, version, server, expected):
    try:
        for probe, encoding in runs_of(probes, version):
            before = expected.lines(probe, encoding)
            lines = observe(probe, encoding, server, APACHE)
            if expects_silence(lines) and lines != before:  # or is it slow?
                lines = observe(probe, encoding, server, APACHE_IN_DOUBT)
            expected.put(probe, encoding, lines)
    finally:
        expected.save(f"Apache RocketMQ {version}", datetime.date.today().isoformat(),
                      probe_names())


def show(result, seen, options):
    claim = f"{result.probe.name} {result.encoding} {result.version}: {result.verdict}"
    if options.show:
        print("== " + claim)
        print("".join(f"  {line}\n" for line in seen), end="")
    if not options.tap and (result.verdict in (DIFFERS, UNKNOWN) or options.show and result.diff):
        print("-- " + claim)
        print("".join(f"  {line}\n" for line in result.diff), end="")


def verdicts(results):
    """(probe, version) → the worst of its runs, with what differed."""
    cells = {}
    for result in results:
        worst, diff = cells.get((result.probe.name, result.version), (EQUAL, []))
        cells[result.probe.name, result.version] = (max(worst, result.verdict, key=RANK.index),
                                                    diff + result.diff)
    return cells


def stale(probes, versions, results):
    """Explanations of single probes that explained nothing: ours is better than they say."""
    used = {(id(d), r.version) for r in results for d in r.used}
    return [f"{probe.name} {version}: no difference is left that {d.pattern} explains"
            for probe in probes for version in versions for d in probe.differences
            if probe.runs_at(version) and d.is_about(version) and (id(d), version) not in used]


def table(results, versions):
    """probe × version"""
    cells = verdicts(results)
    names = sorted({name for name, _ in cells})
    width = max(map(len, names), default=5)
    print(f"{'probe':{width}}  " + "  ".join(f"{v:12}" for v in versions))
    for name in names:
        print(f"{name:{width}}  " + "  ".join(f"{cells.get((name, v), '-')[0]:12}"
                                              for v in versions))


def tap(results, waiting):
    """One check a probe and version; those in pending.txt are known to differ still."""
    checks = Tap()
    for (name, version), (verdict, diff) in verdicts(results).items():
        claim = f"/conformance/{name}/{version}"
        if verdict in (DIFFERS, UNKNOWN) and (name, version) in waiting:
            checks.skip(claim, "differs still, as pending.txt says")
        else:
            checks.check(claim, verdict in (EQUAL, EXPLAINED), "\n".join([verdict, *diff]))
    return checks


def options_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", help="build tree whose mocks are compared")
    parser.add_argument("--version", action="append", choices=VERSIONS,
                        help="Apache's version (default: all)")
    parser.add_argument("--probe", action="append", default=[], help="a probe or folder of probes")
    parser.add_argument("--show", action="store_true", help="print what was seen, line by line")
    parser.add_argument("--refresh", action="store_true", help="record Apache's answers anew")
    parser.add_argument("--live", action="store_true",
                        help="compare Apache's servers with what was recorded of them")
    parser.add_argument("--tap", action="store_true", help="print checks, as a test does")
    parser.add_argument("--write-pending", action="store_true",
                        help="list what differs still in pending.txt")
    return parser.parse_args(arguments)


def record_all(probes, versions, options, scratch):
    for version in versions:
        expected = Expected(version)
        record(probes, version, servers.start_apache(version, scratch), expected)
        for probe, encoding in runs_of(probes, version) if options.show else []:
            print(f"== {probe.name} {encoding} {version}")
            print("".join(f"  {line}\n" for line in expected.lines(probe, encoding)), end="")
        children.stop_all()
    print(f"{len(probes)} probes recorded")


def compare_all(probes, versions, options, scratch):
    results = []
    for version in versions:
        server = servers.start_apache(version, scratch) if options.live \
            else servers.start_ours(version, options.build, scratch)
        for result, seen in compare(probes, version, server, Expected(version), not options.live):
            show(result, seen, options)
            results.append(result)
        children.stop_all()
    return results


def report(probes, versions, results, options):
    """Exit status."""
    unused = [] if options.live else stale(probes, versions, results)
    if options.tap:
        checks = tap(results, pending.read())
        checks.check("/conformance/no-explanation-is-stale", not unused, "\n".join(unused))
        checks.done()
    table(results, versions)
    print("".join(line + "\n" for line in unused), end="")
    counts = {verdict: sum(r.verdict == verdict for r in results) for verdict in RANK}
    print(f"{len(probes)} probes: " + ", ".join(f"{n} {v}" for v, n in counts.items() if n))
    return 1 if counts[DIFFERS] + counts[UNKNOWN] + len(unused) else 0


def work(options, scratch):
    probes = all_probes(options.probe)
    versions = options.version or VERSIONS
    if options.refresh:
        record_all(probes, versions, options, scratch)
        return 0
    results = compare_all(probes, versions, options, scratch)
    if options.write_pending:
        pending.write({key for key, (verdict, _) in verdicts(results).items()
                       if verdict in (DIFFERS, UNKNOWN)})
    return report(probes, versions, results, options)


def main():
    options = options_of(sys.argv[1:])
    if not options.build and not options.refresh and not options.live:
        sys.exit("--build DIR says whose mocks to compare (or --live, --refresh)")
    try:
        with tempfile.TemporaryDirectory(prefix="conformance-") as scratch:
            sys.exit(work(options, scratch))
    except apache.Absent as error:
        if options.tap:
            skip_all(str(error))
        sys.exit(str(error))
    except ProbeError as error:
        sys.exit(str(error))
    finally:
        children.stop_all()


if __name__ == "__main__":
    main()
