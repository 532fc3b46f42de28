#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends probes to Apache's servers and to ours, and compares what they do. See README.md."""
import argparse
import datetime
import difflib
import fnmatch
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "peers")]
import apache
import children
import servers
from expected import Expected
from observe import Run
from probe import ProbeError, all_probes, read_common_differences

EQUAL, EXPLAINED, DIFFERS, UNKNOWN = "equal", "explained", "DIFFERS", "not recorded"
PATIENCE_APACHE_S = 0.5
PATIENCE_OURS_S = 2.0
SALT = str(os.getpid())


class Result:
    def __init__(self, probe, encoding, version, verdict, diff=(), reasons=()):
        self.probe, self.encoding, self.version = probe, encoding, version
        self.verdict, self.diff, self.reasons = verdict, list(diff), list(reasons)


def observe(probe, encoding, server, patience_s):
    key = f"{probe.name} {encoding} {server.version} {SALT}"
    return Run(probe, encoding, server, key, patience_s).run()


def without(lines, patterns):
    return [line for line in lines
            if not any(fnmatch.fnmatchcase(line.partition(": ")[0], p) for p in patterns)]


def judge(probe, encoding, version, wanted, seen, common):
    """Equal, or equal but for lines that a reason was given for, or different."""
    if wanted is None:
        return Result(probe, encoding, version, UNKNOWN)
    if wanted == seen:
        return Result(probe, encoding, version, EQUAL)
    known = probe.differences + [d for pattern, d in common
                                 if fnmatch.fnmatchcase(probe.name, pattern)]
    known = [d for d in known if d.versions is None or version in d.versions]
    diff = list(difflib.unified_diff(wanted, seen, "Apache " + version, "ours", lineterm="", n=0))
    if without(wanted, [d.pattern for d in known]) != without(seen, [d.pattern for d in known]):
        return Result(probe, encoding, version, DIFFERS, diff)
    touched = [line[1:].partition(": ")[0] for line in diff[2:] if line[0] in "+-"]
    used = [d.reason for d in known if fnmatch.filter(touched, d.pattern)]
    return Result(probe, encoding, version, EXPLAINED, diff, used)


def runs_of(probes, version):
    return [(probe, encoding) for probe in probes if probe.runs_at(version)
            for encoding in probe.encodings]


def expects_silence(wanted):
    return wanted is not None and any(": silence" in line for line in wanted)


def compare(probes, version, server, expected, patience_s):
    common = read_common_differences()
    for probe, encoding in runs_of(probes, version):
        wanted = expected.lines(probe, encoding)
        # Where silence is expected, a following request's answer tells it without waiting.
        patience = 0.02 if expects_silence(wanted) else patience_s
        seen = observe(probe, encoding, server, patience)
        yield judge(probe, encoding, version, wanted, seen, common), seen


def record(probes, version, server, expected):
    for probe, encoding in runs_of(probes, version):
        expected.put(probe, encoding, observe(probe, encoding, server, PATIENCE_APACHE_S))
    expected.save(f"Apache RocketMQ {version}", datetime.date.today().isoformat())


def show(result, seen, options):
    if options.show:
        print(f"== {result.probe.name} {result.encoding} {result.version}: {result.verdict}")
        for line in seen:
            print("  " + line)
    if result.verdict == DIFFERS or options.show and result.diff:
        print(f"-- {result.probe.name} {result.encoding} {result.version}: {result.verdict}")
        for line in result.diff[2:]:
            print("  " + line)


def table(results, versions):
    """probe × version"""
    rank = [EQUAL, EXPLAINED, UNKNOWN, DIFFERS]
    cells = {}
    for result in results:
        key = result.probe.name, result.version
        cells[key] = max(cells.get(key, EQUAL), result.verdict, key=rank.index)
    names = sorted({name for name, _ in cells})
    width = max(map(len, names), default=5)
    print(f"{'probe':{width}}  " + "  ".join(f"{v:12}" for v in versions))
    for name in names:
        print(f"{name:{width}}  " + "  ".join(f"{cells.get((name, v), '-'):12}" for v in versions))


def options_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", help="build tree whose mocks are compared")
    parser.add_argument("--version", action="append", choices=list(servers.VERSIONS),
                        help="Apache's version (default: all)")
    parser.add_argument("--probe", action="append", default=[], help="a probe or folder of probes")
    parser.add_argument("--show", action="store_true", help="print what was seen, line by line")
    parser.add_argument("--refresh", action="store_true", help="record Apache's answers anew")
    parser.add_argument("--live", action="store_true",
                        help="compare Apache's servers with what was recorded of them")
    parser.add_argument("--quiet", action="store_true", help="no table")
    return parser.parse_args(arguments)


def start(version, options, scratch):
    if options.refresh or options.live:
        return servers.start_apache(version, scratch)
    return servers.start_ours(version, options.build, scratch)


def work(options, scratch):
    probes = all_probes(options.probe)
    versions = options.version or list(servers.VERSIONS)
    results = []
    for version in versions:
        expected = Expected(version)
        server = start(version, options, scratch)
        if options.refresh:
            record(probes, version, server, expected)
        patience = PATIENCE_APACHE_S if options.live or options.refresh else PATIENCE_OURS_S
        if not options.refresh:
            for result, seen in compare(probes, version, server, expected, patience):
                show(result, seen, options)
                results.append(result)
        elif options.show:
            for probe, encoding in runs_of(probes, version):
                print(f"== {probe.name} {encoding} {version}")
                print("".join(f"  {line}\n" for line in expected.lines(probe, encoding)), end="")
        children.stop_all()
    if options.refresh:
        print(f"{len(probes)} probes recorded")
        return 0
    if not options.quiet:
        table(results, versions)
    counts = {verdict: sum(r.verdict == verdict for r in results)
              for verdict in (EQUAL, EXPLAINED, DIFFERS, UNKNOWN)}
    print(f"{len(probes)} probes: " + ", ".join(f"{n} {v}" for v, n in counts.items() if n))
    return 1 if counts[DIFFERS] + counts[UNKNOWN] else 0


def main():
    options = options_of(sys.argv[1:])
    if not options.build and not options.refresh and not options.live:
        sys.exit("--build DIR says whose mocks to compare (or --live, --refresh)")
    try:
        with tempfile.TemporaryDirectory(prefix="conformance-") as scratch:
            sys.exit(work(options, scratch))
    except (ProbeError, apache.Absent) as error:
        sys.exit(str(error))
    finally:
        children.stop_all()


if __name__ == "__main__":
    main()
