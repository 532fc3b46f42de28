# SPDX-License-Identifier: Apache-2.0
"""What `rmqlab run --result DIR` tells of each send, and the figures that are made of it."""
import collections
import json
import os
import re


def sends_in(folder):
    with open(os.path.join(folder, "sends.ndjson"), encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def longest_ms(sends):
    return max((send["tookUs"] / 1000 for send in sends), default=None)


def count_reversals(sends):
    """Messages that lie before an earlier one of their key, in the same queue."""
    last, n = {}, 0
    for send in sends:  # in the order of their numbers
        if send["outcome"] != "STORED" or "key" not in send:
            continue
        place = send["key"], send["broker"], send["queue"]
        n += send["offset"] < last.get(place, -1)
        last[place] = max(send["offset"], last.get(place, -1))
    return n


def figures(sends):
    """The figures of one workload; None: there is nothing of the kind."""
    stored = [s for s in sends if s["outcome"] == "STORED"]
    errors = [s for s in sends if s["outcome"] == "ERROR"]
    retried = [s for s in sends if s["attempts"] > 1]
    starts = [s["startUs"] / 1e6 for s in errors]
    return {
        "ok": len(stored), "errors": len(errors), "retried": len(retried),
        "attempts": max(s["attempts"] for s in sends),
        "first error": min(starts, default=None), "last error": max(starts, default=None),
        "failover": longest_ms(s for s in retried if s["outcome"] == "STORED"),
        "slowest error": longest_ms(errors),
        "duplicates": sum(max(0, s["copies"] - 1) for s in sends),
        "ghosts": sum(s["copies"] > 0 for s in errors),
        "lost": sum(s["copies"] == 0 for s in stored),
        "reversals": count_reversals(sends),
    }


def by_workload(sends):
    """label → its sends"""
    groups = collections.defaultdict(list)
    for send in sends:
        groups[re.match(r"[A-Za-z]+", send["send"])[0]].append(send)
    return dict(sorted(groups.items()))
