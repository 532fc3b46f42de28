#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The example projects of docs/examples pass as a stranger would run them, without a network once
their packages are there.

usage: test_examples.py RMQLAB NAME
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import apache
import children
import clients
from tap import Tap, skip_all

EXAMPLES = os.path.join(clients.HERE, "..", "..", "docs", "examples")
TIMEOUT_S = 180
NOT_THERE = re.compile(r"Could not (?:resolve|transfer)|could not be resolved|in offline mode"
                       r"|dial tcp|no such host|module lookup disabled"
                       r"|cannot find module|No module named|ENOTFOUND|ECONNREFUSED.*registry")


class Example:
    def __init__(self, tool, command, passed, **more):
        self.tool = tool
        self.command = command
        self.passed = passed  # what its output holds when both tests ran well
        self.offline = more.get("offline", [])  # put behind the command's first word
        self.environment = more.get("environment", {})  # when it runs offline
        self.prepare = more.get("prepare")  # where packages belong into the project's folder


def npm_ci(folder):
    kept, is_new = clients.cached("example-node", "1", *(
        os.path.join(EXAMPLES, "node", name) for name in ("package.json", "package-lock.json")))
    clients.need("npm")
    if is_new:
        sources = [os.path.join(EXAMPLES, "node", name)
                   for name in ("package.json", "package-lock.json")]
        clients.build(kept, sources, {}, ["npm", "ci", "--no-audit", "--no-fund"])
    os.symlink(os.path.join(kept, "node_modules"), os.path.join(folder, "node_modules"))


ROWS = {
    "junit5": Example("mvn", ["mvn", "-B", "test"], "Tests run: 2, Failures: 0, Errors: 0",
                      offline=["-o"]),
    "pytest": Example(sys.executable, [sys.executable, "-B", "-m", "pytest", "-q", "-p",
                                       "no:cacheprovider"], "2 passed"),
    "go": Example("go", ["go", "test", "-v", "-count=1", "./..."], "(?s)--- PASS.*--- PASS",
                  environment={"GOPROXY": "off"}),
    "node": Example("node", ["node", "--test"], "# pass 2", prepare=npm_ci),
}


def run(example, folder, program, offline):
    """(exit status, what it said)"""
    command = [example.command[0], *(example.offline if offline else []), *example.command[1:]]
    environment = children.clean_environment(RMQLAB=program,
                                             **(example.environment if offline else {}))
    try:
        status, out, err = children.run(command, TIMEOUT_S, cwd=folder, env=environment)
    except subprocess.TimeoutExpired:
        return 1, f"{command[0]} was not done within {TIMEOUT_S} s"
    return status, out + err


def absence(said):
    """The line that tells of a package that isn't there."""
    return next((line for line in said.splitlines() if NOT_THERE.search(line)), None)


def check(tap, name, folder, program):
    example = ROWS[name]
    clients.need(example.tool)
    if example.prepare:
        example.prepare(folder)
    status, said = run(example, folder, program, True)
    if absence(said) and (example.offline or example.environment):
        status, said = run(example, folder, program, False)  # fetches
        if status == 0:
            status, said = run(example, folder, program, True)
    if absence(said):
        raise apache.Absent(absence(said).strip()[:160])
    tap.check(f"/examples/{name}/passes-offline",
              status == 0 and re.search(example.passed, said), said[-4000:])


def check_pins(tap, name):
    """Locks name packages, not where they were had; clients are as versions.ini pins them."""
    texts = {}
    for path in glob.glob(os.path.join(EXAMPLES, name, "*.*")):
        with open(path, encoding="utf-8") as text:
            texts[os.path.basename(path)] = text.read()
    pinned = apache.pinned()
    wanted = {"junit5": ("pom.xml", pinned["apache"]["version"]),
              "go": ("go.mod", f"{pinned['go']['module']} {pinned['go']['version']}"),
              "node": ("package.json", f"\"{pinned['node']['package']}\": "
                                       f"\"{pinned['node']['version']}\"")}
    if name in wanted:
        file, words = wanted[name]
        tap.check(f"/examples/{name}/has-the-pinned-client", words in texts[file], texts[file])
    hosts = [line for file in ("go.sum", "package-lock.json") if file in texts
             for line in texts[file].splitlines() if "://" in line and '"resolved"' in line]
    tap.check(f"/examples/{name}/names-no-registry", not hosts, "\n".join(hosts))


def main(program, name):
    tap = Tap()
    with tempfile.TemporaryDirectory() as scratch:
        folder = os.path.join(scratch, name)
        shutil.copytree(os.path.join(EXAMPLES, name), folder)
        try:
            check(tap, name, folder, program)
            check_pins(tap, name)
        except apache.Absent as why:
            skip_all(str(why))
        finally:
            children.stop_all()
    tap.done()


main(os.path.abspath(sys.argv[1]), sys.argv[2])
