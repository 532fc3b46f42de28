#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What Apache's clients and servers were measured to do, our simulation does too: same count, same
branch, same copies, times within the measured ranges. One row a situation and version.

usage: test_measured.py RMQLAB
"""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import children
from sends import by_workload, figures, sends_in
from tap import Tap

TIMEOUT_S = 60
SEEDS = (1, 2, 3, 4, 5)
ALL = ("4.5.1", "4.9", "5.3")
SHIPPED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scenarios")
HEAD = """nameserver ns1 ns2 profile {profile}
broker broker-a broker-b profile {profile}
topic Orders queues 4 on broker-a broker-b
topic Narrow queues 1 on broker-a broker-b
topic Bills queues 4 on broker-a broker-b
producer P group PG timeout 3s retries 2
"""
PAUSED = """P sends 500 events to Orders sync every 100ms as e
P sends 500 orders to Orders sync select by orderId keys 8 every 100ms as o
at 5.05s broker-a pause
at 25.05s broker-a resume
"""
WAITS = """P sends 1 x to Narrow sync to queue broker-a:0 as q
at 1s P sends 2 x to Narrow sync every 100us as r
at 0s broker-a hang
"""
LOST_SYNC = "at 1s P sends 8 orders to Narrow sync every 100ms as m\n"
LOST_ASYNC = "at 1s P sends 8 orders to Narrow async every 100ms as m\n"
NEW_TOPIC = "at 20s P sends 3 bills to Bills sync every 100ms as b\n"
KNOWN = "P sends 300 events to Orders sync every 100ms as e\n"


def read(name):
    with open(os.path.join(SHIPPED, name + ".scn"), encoding="utf-8") as text:
        return text.read()


def within(value, low, high):
    return value is not None and low <= value <= high


# ---- claims: what is looked at, given the sends by workload -----------------

def killed(e_retried):
    """Section 1: broker-a dies at 5.05 s and returns at 45.05 s."""
    def claims(work):
        e, o = figures(work["e"]), figures(work["o"])
        yield "every-round-robin-send-is-stored", (e["ok"], e["errors"]) == (800, 0), e
        yield "so-many-second-attempts", within(e["retried"], *e_retried), e
        yield "never-a-third-attempt", e["attempts"] == 2, e
        yield "ordered-sends-fail-until-the-poll", within(o["errors"], 124, 127), o
        yield "they-fail-in-the-window", within(o["first error"], 5.05, 30.1) \
            and within(o["last error"], 29.5, 30.1), o
        yield "nothing-is-lost-or-twice", \
            [f[k] for f in (e, o) for k in ("lost", "duplicates", "ghosts")] == [0] * 6, (e, o)
    return claims


def outstanding(work):
    """Section 1: stored, its answer outstanding, then the kill's FIN."""
    errors = [s for s in work["o"] if s["outcome"] == "ERROR" and s["startUs"] < 5.1e6]
    yield "a-waiting-send-waits-to-the-end", \
        errors and all(within(s["tookUs"] / 1000, 3000, 3004) for s in errors), errors
    yield "one-attempt-and-a-ghost", \
        all((s["attempts"], s["copies"]) == (1, 1) for s in errors), errors


def outstanding_hears(work):
    """The same on 5.3: it fails with the FIN."""
    errors = [s for s in work["o"] if s["outcome"] == "ERROR" and s["startUs"] < 5.1e6]
    yield "a-waiting-send-fails-with-the-fin", \
        errors and all(s["tookUs"] / 1000 < 500 for s in errors), errors


def unread(work):
    """Section 1: paused one second before the kill, so the kernel answers unread bytes with RST."""
    waiting = {label: [s for s in work[label] if 4.05e6 < s["startUs"] < 5.05e6
                       and s["startUs"] + s["tookUs"] > 5.05e6] for label in ("e", "o")}
    yield "a-selector-send-fails-at-once", waiting["o"] and all(
        s["outcome"] == "ERROR" and s["startUs"] + s["tookUs"] < 5.3e6
        for s in waiting["o"]), waiting
    yield "a-round-robin-send-goes-to-the-other", waiting["e"] and all(
        (s["outcome"], s["attempts"], s["broker"]) == ("STORED", 2, "broker-b")
        for s in waiting["e"]), waiting


def paused(work):
    """Section 2: SIGSTOP at 5.05 s, SIGCONT at 25.05 s."""
    e, o = figures(work["e"]), figures(work["o"])
    timed_out = [s for s in work["e"] + work["o"] if s["outcome"] == "ERROR"
                 and "timeout, " in s["error"] and s["attempts"] == 1]
    yield "few-round-robin-sends-fail", within(e["errors"], 1, 4), e
    yield "about-one-selector-send-in-three-seconds-fails", within(o["errors"], 6, 8), o
    yield "a-timed-out-send-took-its-three-seconds", \
        all(within(s["tookUs"] / 1000, 2999, 3011) for s in timed_out), timed_out
    yield "every-error-was-stored-in-the-end", \
        (e["ghosts"], o["ghosts"]) == (e["errors"], o["errors"]), (e, o)
    yield "retries-with-the-rest-of-the-budget-store-twice", within(e["duplicates"], 1, 5), e
    yield "nothing-is-lost", (e["lost"], o["lost"]) == (0, 0), (e, o)


def met_the_close(sends):
    """The one of two sends, each to another broker first, that waited for the mute one."""
    return next(s for s in sends if s["tookUs"] > 100e3)


def waits_out(work):
    """Section 3: a FIN while a send waits, 4.5.1 and 4.9."""
    q, r = work["q"], met_the_close(work["r"])
    yield "a-send-to-a-queue-waits-to-its-end", \
        q[0]["outcome"] == "ERROR" and within(q[0]["tookUs"] / 1000, 2999, 3004), q
    yield "round-robin-waits-to-its-end-too", \
        r["outcome"] == "ERROR" and within(r["tookUs"] / 1000, 2999, 3004) and r["attempts"] == 1, r


def hears(work):
    """Section 3: RST everywhere, FIN on 5.3: the attempt fails with the close, 0.5 s later."""
    q, r = work["q"], met_the_close(work["r"])
    yield "a-send-to-a-queue-fails-with-the-close", \
        q[0]["outcome"] == "ERROR" and within(q[0]["tookUs"] / 1000, 499, 530), q
    yield "round-robin-is-stored-by-the-other", \
        (r["outcome"], r["attempts"], r.get("broker")) == ("STORED", 2, "broker-b") \
        and within(r["tookUs"] / 1000, 495, 537), r


def mute(work):
    """Section 4: first attempts on a mute broker time out; a second is not written."""
    slow = [s for s in work["e"] if s["outcome"] == "ERROR"]
    yield "it-ends-with-its-three-seconds", \
        slow and all(within(s["tookUs"] / 1000, 3000, 3029) for s in slow), slow
    yield "with-one-attempt", all(s["attempts"] == 1 for s in slow), slow


def chosen_dies(work):
    """Section 6: the chosen name server is killed: nobody notices."""
    yield "known-topics-go-on", figures(work["e"])["errors"] == 0, work["e"]
    yield "new-topics-too", figures(work["b"])["errors"] == 0, work["b"]


def mute_chosen(work):
    """Section 6: a name server goes mute: 4.9 loses the first send to a new topic, if it was the
    chosen one; then the other is chosen and stays."""
    b = work["b"]
    failed = [s for s in b if s["outcome"] == "ERROR"]
    yield "known-topics-go-on", figures(work["e"])["errors"] == 0, work["e"]
    yield "one-send-to-a-new-topic-fails-or-none", len(failed) <= 1, b
    yield "it-failed-after-three-seconds", \
        all(s is b[0] and within(s["tookUs"] / 1000, 2999, 3010) for s in failed), b


def mute_stays_chosen(work):
    """Section 6, 4.5.1: it stays the chosen one, and every send to a new topic fails."""
    b = work["b"]
    failed = [s for s in b if s["outcome"] == "ERROR"]
    yield "known-topics-go-on", figures(work["e"])["errors"] == 0, work["e"]
    yield "all-sends-to-a-new-topic-fail-or-none", len(failed) in (0, len(b)), b
    alone = failed[:2]  # the third meets the refresh of 30 s
    yield "each-after-two-lookups", all(within(s["tookUs"] / 1000, 5999, 6100) for s in alone), b


def lost_waits(low_ms, high_ms):
    """Section 7: the answer is dropped, or a FIN comes instead."""
    def claims(work):
        m = figures(work["m"])
        yield "one-error-that-is-stored-once", \
            (m["errors"], m["ghosts"], m["duplicates"]) == (1, 1, 0), m
        yield "after-so-long", within(m["slowest error"], low_ms, high_ms), m
    return claims


def lost_by_reset(work):
    """Section 7: a RST comes instead: OK on the other broker, stored twice."""
    m = figures(work["m"])
    yield "no-error-but-two-copies", (m["errors"], m["duplicates"], m["retried"]) == (0, 1, 1), m
    yield "at-once", m["failover"] < 45, m


TWO_FINS = "at 500ms broker-a close\nat 1.5s broker-a close\n"
LOSE = "at 1.15s broker-a {how} next 1 send responses after store\n"
OUTSTANDING = (read("broker-a-dies").replace("nameserver ns1", "nameserver ns1 profile {profile}")
               .replace("broker-b\ntopic", "broker-b profile {profile}\ntopic"))
# name, versions, scenario (after HEAD, unless it has servers of its own), claims
ROWS = (
    ("1-killed", ("4.5.1",), OUTSTANDING, killed((82, 84))),
    ("1-killed", ("4.9", "5.3"), OUTSTANDING, killed((62, 63))),
    ("1-answer-outstanding", ("4.5.1", "4.9"), PAUSED.split("at 5.05s")[0]
     + "at 4.5s broker-a delay 2s send responses\nat 5.05s broker-a kill\n", outstanding),
    ("1-answer-outstanding", ("5.3",), PAUSED.split("at 5.05s")[0]
     + "at 4.5s broker-a delay 2s send responses\nat 5.05s broker-a kill\n", outstanding_hears),
    ("1-unread", ("4.5.1", "4.9", "5.3"), PAUSED.split("at 5.05s")[0]
     + "at 4.05s broker-a pause\nat 5.05s broker-a kill\n", unread),
    ("2-paused", ("4.9",), PAUSED, paused),
    ("3-fin", ("4.5.1", "4.9"), WAITS + TWO_FINS, waits_out),
    ("3-fin", ("5.3",), WAITS + TWO_FINS, hears),
    ("3-rst", ALL, WAITS + "at 500ms broker-a reset\nat 1.5s broker-a reset\n", hears),
    ("4-mute", ALL, "P sends 12 x to Narrow sync every 4s as e\nat 1s broker-a hang\n", mute),
    ("6-killed", ALL, KNOWN + NEW_TOPIC + "at 5.3s ns1 kill\n", chosen_dies),
    ("6-mute", ("4.9",), KNOWN + NEW_TOPIC + "at 5.3s ns1 hang\n", mute_chosen),
    ("6-mute", ("4.5.1",), KNOWN + NEW_TOPIC + "at 5.3s ns1 hang\n", mute_stays_chosen),
    ("7-sync-dropped", ("4.9",), LOST_SYNC + LOSE.format(how="drop"), lost_waits(3000, 3007)),
    ("7-sync-fin", ("4.9",), LOST_SYNC + LOSE.format(how="close"), lost_waits(3000, 3007)),
    ("7-sync-rst", ("4.9",), LOST_SYNC + LOSE.format(how="reset"), lost_by_reset),
    ("7-async-dropped", ("4.9",), LOST_ASYNC + LOSE.format(how="drop"), lost_waits(4000, 5000)),
    ("7-async-fin", ("4.9",), LOST_ASYNC + LOSE.format(how="close"), lost_waits(4000, 5000)),
    ("7-async-rst", ("4.9",), LOST_ASYNC + LOSE.format(how="reset"), lost_by_reset),
)


def play(lab, scratch, text, profile, seed):
    """label → sends of one run."""
    path = os.path.join(scratch, "case.scn")
    with open(path, "w", encoding="utf-8") as out:
        out.write((text if "nameserver" in text else HEAD + text).format(profile=profile))
    folder = os.path.join(scratch, "result")
    status, out, err = children.run([lab, "run", path, "--headless", "--seed", str(seed),
                                     "--profile", profile, "--result", folder], TIMEOUT_S)
    if status == 2:
        raise RuntimeError(err + out)
    return by_workload(sends_in(folder))


def check_row(tap, lab, scratch, row, profile):
    """A claim holds if it does with every seed."""
    name, _, text, claims = row
    wrong = {}
    for seed in SEEDS:
        for claim, holds, seen in claims(play(lab, scratch, text, profile, seed)):
            wrong.setdefault(claim, [])
            if not holds:
                wrong[claim].append((seed, seen))
    for claim, offenders in wrong.items():
        tap.check(f"/measured/{profile}/{name}/{claim}", not offenders, str(offenders[:1])[:1500])


def main(lab):
    tap = Tap()
    with tempfile.TemporaryDirectory() as scratch:
        for row in ROWS:
            for profile in row[1]:
                check_row(tap, lab, scratch, row, profile)
    tap.done()


main(sys.argv[1])
