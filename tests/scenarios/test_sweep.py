#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`rmqlab sweep` as a program: the same whatever --jobs is, shards and their merge, interruptions.

usage: test_sweep.py RMQLAB
"""
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from xml.etree import ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import children
from tap import Tap

TIMEOUT_S = 60
# busy 20 % of the time: some seeds fail, others don't
FICKLE = """nameserver ns1
broker a b
topic T queues 2 on a b
producer P group G timeout 1s
P sends 20 x to T every 50ms
a answer SYSTEM_BUSY 20% of send requests
expect failed = 0
expect no loss
"""
WORDS = ("fickle.scn", "first-send", "--seeds", "30")


class Lab:
    """The program, in a folder with the scenario."""

    def __init__(self, tap, lab, folder):
        self.tap, self.lab, self.folder = tap, lab, folder
        with open(os.path.join(folder, "fickle.scn"), "w", encoding="utf-8") as scenario:
            scenario.write(FICKLE)

    def sweep(self, *words):
        return children.run([self.lab, "sweep", *words], TIMEOUT_S, cwd=self.folder)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def check(self, claim, holds, seen=""):
        self.tap.check(f"/scenarios/sweep/{claim}", holds, seen)


def lines_of(path):
    """Whole lines only, each of them JSON."""
    with open(path, encoding="utf-8") as results:
        text = results.read()
    return [json.loads(line) for line in text.split("\n")[:-1]]


def check_report(lab):
    status, out, err = lab.sweep(*WORDS)
    lab.check("report/fails-with-a-replay-command-of-the-first-seed",
              status == 1 and "failed = 0" in out
              and "replay: rmqlab run fickle.scn --seed " in out, out + err)
    seed = out.split("--seed ")[1].split()[0]
    again, _, _ = children.run([lab.lab, "run", "fickle.scn", "--seed", seed], TIMEOUT_S,
                               cwd=lab.folder)
    lab.check("report/the-replay-command-fails-too", again == 1, again)
    lab.check("report/no-progress-where-there-is-no-terminal", err == "", err)
    status, document, _ = lab.sweep(*WORDS, "--json")
    first = json.loads(document)["scenarios"][0]["claims"][0]["firstFailed"]
    lab.check("report/json-says-the-same", status == 1 and str(first["seed"]) == seed, document)


def check_jobs(lab):
    seen = {lab.sweep(*WORDS, "--jobs", jobs, "--out", lab.path("jobs" + jobs)) for jobs in "137"}
    lab.check("jobs/the-same-report", len(seen) == 1, seen)
    files = set()
    for jobs in "137":
        with open(lab.path("jobs" + jobs, "sweep-1-of-1.ndjson"), "rb") as results:
            files.add(results.read())
    lab.check("jobs/the-same-lines-byte-for-byte", len(files) == 1, len(files))


def check_shards(lab):
    whole = lab.sweep(*WORDS)
    for shard in (1, 2, 3):
        lab.sweep(*WORDS, "--shard", f"{shard}/3", "--out", "shards")
    merged = lab.sweep("--merge", "shards")
    lab.check("merge/complete-shards-are-the-whole-sweep", merged == whole, (merged, whole))
    os.mkdir(lab.path("twice"))
    shutil.copy(lab.path("shards", "sweep-2-of-3.ndjson"), lab.path("twice"))
    status, out, _ = lab.sweep("--merge", "shards", "twice")
    lab.check("merge/a-doubled-shard-is-named-and-counted-once",
              status == whole[0] and "shard 2 of 3 is there 2 times" in out
              and "counted once: 20 runs" in out
              and out.endswith(whole[1].splitlines(True)[-1]), out)
    os.remove(lab.path("shards", "sweep-2-of-3.ndjson"))
    status, out, _ = lab.sweep("--merge", "shards")
    lab.check("merge/a-missing-shard-is-named", "missing: shard 2 of 3\n" in out, out)
    check_torn(lab)
    check_strangers(lab)


def check_torn(lab):
    path = lab.path("twice", "sweep-2-of-3.ndjson")
    with open(path, encoding="utf-8") as results:
        text = results.read()
    with open(path, "w", encoding="utf-8") as results:
        results.write(text[:-20])
    _, out, _ = lab.sweep("--merge", "shards", "twice")
    lab.check("merge/a-torn-last-line-is-a-missing-run",
              "missing: 1 run of shard 2 of 3, the first first-send seed 29\n" in out, out)
    with open(path, "w", encoding="utf-8") as results:
        results.write(text.replace('"tookUs":', '"tookUs":1', 1))
    shutil.copy(path, lab.path("shards"))
    with open(path, "w", encoding="utf-8") as results:
        results.write(text)
    status, out, _ = lab.sweep("--merge", "shards", "twice")
    lab.check("merge/a-run-that-came-out-differently-is-status-3",
              status == 3 and "1 run came out differently" in out
              and "fickle.scn seed 2 came out differently" in out, out)


def check_strangers(lab):
    for claim, words in (("other-seeds", ("fickle.scn", "first-send", "--seeds", "31")),
                         ("other-scenarios", ("fickle.scn", "--seeds", "30")),
                         ("another-profile", (*WORDS, "--profile", "5.3"))):
        lab.sweep(*words, "--shard", "2/3", "--out", claim)
        status, out, err = lab.sweep("--merge", "shards", claim)
        lab.check(f"merge/{claim}-are-refused", status == 2 and out == ""
                  and claim.replace("-", " ") in err, out + err)
    with open(lab.path("twice", "sweep-9-of-9.ndjson"), "w", encoding="utf-8") as results:
        results.write("nonsense\n")
    for folder, reason in (("twice", "sweep-9-of-9.ndjson:1:"), ("nowhere", "nowhere"),
                           (".", "no file")):
        status, _, err = lab.sweep("--merge", folder)
        lab.check(f"merge/refused-with-its-place-{folder}", status == 2 and reason in err, err)


def read_junit(lab, name):
    """The document, held to the schema: counts that add up, one problem a test at most."""
    root = ElementTree.parse(lab.path(name)).getroot()
    suites = list(root)
    sound = root.tag == "testsuites" and all(s.tag == "testsuite" for s in suites)
    for suite in suites:
        cases = list(suite)
        sound &= all(c.tag == "testcase" and c.get("name") and c.get("classname") for c in cases)
        sound &= all(len(c) <= 1 for c in cases)
        for attribute, count in (("tests", len(cases)),
                                 ("failures", len(suite.findall("testcase/failure"))),
                                 ("errors", len(suite.findall("testcase/error")))):
            sound &= int(suite.get(attribute)) == count
    for attribute in ("tests", "failures", "errors"):
        sound &= int(root.get(attribute)) == sum(int(s.get(attribute)) for s in suites)
    lab.check(f"junit/{name}-is-sound", sound, ElementTree.tostring(root))
    return root


def check_junit(lab):
    lab.sweep(*WORDS, "--junit", "sweep.xml")
    root = read_junit(lab, "sweep.xml")
    cases = root.findall("testsuite[@name='fickle.scn']/testcase")
    failure = root.find("testsuite/testcase/failure")
    lab.check("junit/a-test-per-run", [c.get("name") for c in cases]
              == [f"seed {seed}" for seed in range(1, 31)]
              and len(root.findall("testsuite")) == 2, len(cases))
    lab.check("junit/a-failure-has-evidence-and-replay-command",
              failure.get("message").startswith("failed = 0: ")
              and "\nreplay: rmqlab run fickle.scn --seed " in failure.text, failure.text)
    with open(lab.path("odd<&\"\x01.scn"), "w", encoding="utf-8") as scenario:
        scenario.write(FICKLE + "expect retries > 0\nnote failed < 3\n"
                       "expect failed = 0 from 900s until 901s\n")
    status, _, err = children.run([lab.lab, "run", "odd<&\"\x01.scn", "--headless", "--junit",
                                   "run.xml", "--result", "left"], TIMEOUT_S, cwd=lab.folder)
    with open(lab.path("run.xml"), "rb") as asked:
        with open(lab.path("left", "junit.xml"), "rb") as left:
            lab.check("junit/the-result-folder-has-it-too", asked.read() == left.read())
    root = read_junit(lab, "run.xml")
    names = {c.get("name"): [e.tag for e in c] for c in root.iter("testcase")}
    lab.check("junit/a-test-per-claim", status == 1 and names.get("retries > 0") == ["failure"]
              and names.get("no loss") == []
              and names.get("failed = 0 from 900s until 901s") == ["error"], (names, err))
    lab.check("junit/text-is-escaped", root[0].get("name") == 'odd<&"\ufffd.scn',
              root[0].get("name"))
    status, _, err = lab.sweep("fickle.scn", "--seeds", "1", "--junit", "no/such/folder.xml")
    lab.check("junit/a-file-that-cannot-be-written-is-told", status == 1 and "--junit" in err, err)


def commands_of(page, title):
    """The lines in the code block under a heading, as a shell takes them."""
    with open(page, encoding="utf-8") as text:
        section = text.read().split(f"\n## {title}\n")[1]
    return section.split("```")[1]


def check_parallel(lab):
    """The page's own lines, smaller, on this machine alone."""
    if shutil.which("parallel") is None:
        lab.tap.skip("/scenarios/sweep/gnu-parallel/is-the-whole-sweep", "no GNU parallel here")
        return
    page = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs",
                        "sweeping-at-scale.md")
    script = commands_of(page, "GNU parallel")
    for was, becomes in (("--sshloginfile nodes ", "--will-cite "), ("seq 100", "seq 4"),
                         ("/100", "/4"), ("1..10000", "1..20"), ("broker-a-dies", "fickle.scn"),
                         ("rmqlab", shlex.quote(lab.lab)), (" results", " parallel-results")):
        lab.check(f"gnu-parallel/the-page-says-{was.strip()}", was in script, script)
        script = script.replace(was, becomes)
    there = children.run(["sh", "-c", script], TIMEOUT_S, cwd=lab.folder)
    here = lab.sweep("fickle.scn", "--seeds", "20")
    lab.check("gnu-parallel/is-the-whole-sweep", there[0] == here[0] and there[1].endswith(here[1]),
              (there, here))


def check_options(lab):
    for words in ((), ("fickle.scn", "--seeds", "3..1"), ("fickle.scn", "--shard", "4/3"),
                  ("fickle.scn", "--jobs", "0"), ("fickle.scn", "fickle.scn"), ("nothing.scn",),
                  ("--merge",), ("--merge", ".", "--seeds", "3"), ("fickle.scn", "--profile", "9")):
        status, out, err = lab.sweep(*words)
        lab.check("options/refused: " + " ".join(words), status == 2 and out == "" and err != "",
                  out + err)


def start_long(lab, folder):
    """A sweep that won't end soon, once it has results."""
    sweep = subprocess.Popen([lab.lab, "sweep", "fickle.scn", "--seeds", "1000000", "--jobs", "2",
                              "--out", folder], cwd=lab.folder, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, encoding="utf-8",
                             preexec_fn=children.die_with_parent)
    path = lab.path(folder, "sweep-1-of-1.ndjson")
    children.wait_until(lambda: os.path.exists(path) and len(lines_of(path)) > 5, TIMEOUT_S)
    return sweep, path


def workers_of(sweep):
    with open(f"/proc/{sweep.pid}/task/{sweep.pid}/children", encoding="ascii") as pids:
        return [int(pid) for pid in pids.read().split()]


def are_gone(pids):
    return not any(os.path.exists(f"/proc/{pid}") for pid in pids)


def check_interrupted(lab, name, number):
    sweep, path = start_long(lab, name)
    workers = workers_of(sweep)
    sweep.send_signal(number)
    out, err = sweep.communicate(timeout=TIMEOUT_S)
    results = lines_of(path)[1:]
    lab.check(f"interrupted/{name}-leaves-whole-lines-from-the-first-seed-on",
              [int(r["seed"]) for r in results] == list(range(1, len(results) + 1)), len(results))
    lab.check(f"interrupted/{name}-leaves-no-worker",
              children.wait_until(lambda: are_gone(workers), TIMEOUT_S), workers)
    status, merged, _ = lab.sweep("--merge", name)
    lab.check(f"interrupted/{name}-merges-and-says-what-is-missing",
              status == 1 and f"missing: {1000000 - len(results)} runs of shard 1 of 1" in merged,
              merged)
    if number != signal.SIGKILL:
        lab.check(f"interrupted/{name}-says-so", sweep.returncode == 1
                  and f"interrupted after {len(results)} of 1000000 runs" in out, out + err)


def check_worker_death(lab):
    sweep, path = start_long(lab, "death")
    os.kill(workers_of(sweep)[0], signal.SIGKILL)
    children.wait_until(lambda: any(r.get("hash") == "" for r in lines_of(path)), TIMEOUT_S)
    seen = len(lines_of(path))
    children.wait_until(lambda: len(lines_of(path)) > seen + 5, TIMEOUT_S)
    sweep.send_signal(signal.SIGINT)
    out, _ = sweep.communicate(timeout=TIMEOUT_S)
    results = lines_of(path)[1:]
    lab.check("worker/its-death-fails-its-run-and-no-other",
              sum(r["hash"] == "" for r in results) == 1
              and [int(r["seed"]) for r in results] == list(range(1, len(results) + 1)), out)
    lab.check("worker/its-death-is-told-with-its-signal",
              "the program survives the run" in out and "signal 9 (Killed)" in out, out)


def main(program):
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(tap, program, folder)
        check_report(lab)
        check_jobs(lab)
        check_shards(lab)
        check_junit(lab)
        check_parallel(lab)
        check_options(lab)
        for name, number in (("SIGINT", signal.SIGINT), ("SIGTERM", signal.SIGTERM),
                             ("SIGKILL", signal.SIGKILL)):
            check_interrupted(lab, name, number)
        check_worker_death(lab)
    tap.done()


main(os.path.abspath(sys.argv[1]))
