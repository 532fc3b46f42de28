# SPDX-License-Identifier: Apache-2.0
"""Through HTTP alone: the producer is `rmqlab send`, in place of the service under test."""
import subprocess

from conftest import RMQLAB


def send(cluster, *options):
    return subprocess.run([RMQLAB, "send", "--namesrv", cluster.namesrv, "--topic", "Orders",
                           "--timeout", "2000", *options], check=False, capture_output=True)


def test_a_lost_answer_makes_a_duplicate(cluster):
    """Stored, but the broker says it failed: the producer tries again."""
    cluster.call("POST", "/v1/outages", {"target": "broker-a", "verb": "answer",
                                         "code": "SYSTEM_ERROR", "amount": "next 1",
                                         "what": "send requests", "afterStore": True})
    assert send(cluster, "--key", "o-1").returncode == 0
    cluster.expect("duplicates = 1")
    assert [m["properties"]["KEYS"] for m in cluster.messages("Orders")] == ["o-1", "o-1"]


def test_a_dead_broker_comes_back(cluster):
    outage = cluster.call("POST", "/v1/outages", {"target": "broker-a", "verb": "kill"})
    assert send(cluster).returncode == 1
    cluster.call("DELETE", f"/v1/outages/{outage['id']}")
    assert send(cluster).returncode == 0
    cluster.expect("sends to broker-a = 1")
