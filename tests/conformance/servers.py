# SPDX-License-Identifier: Apache-2.0
"""The servers that probes are sent to: Apache's of a version, or ours in the matching profile."""
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "peers")]
import apache
import children
import frames
from connection import Connection

PROFILES = {"4.5.1": "4.5.1", "4.9.7": "4.9", "5.3.3": "5.3"}  # Apache's version → ours
BROKER, CLUSTER = "broker-a", "LabCluster"
ROUTED_TIMEOUT_S = 30
WARM_SENDS = 3


def ask(address, code, fields, body=b""):
    connection = Connection(address)
    header = {"code": code, "extFields": fields, "flag": 0, "language": "JAVA", "opaque": 1,
              "version": 407}
    connection.send(frames.encode(header, body, frames.JSON))
    connection.wait(lambda: connection.answered(1), 10)
    connection.close()
    return connection.take_all()[-1] if connection.frames else None


class Servers:
    """A name server and a broker, routed; addresses by role."""

    def __init__(self, version, namesrv, broker):
        self.version = version
        self.addresses = {"nameserver": namesrv, "broker": broker}
        routed = children.wait_until(self.is_routed, ROUTED_TIMEOUT_S)
        if not routed:
            raise RuntimeError(f"the broker of {version} was not routed in {ROUTED_TIMEOUT_S} s")
        self.warm()

    def is_routed(self):
        answer = ask(self.addresses["nameserver"], 106, None)
        return answer and self.addresses["broker"].encode() in answer.body

    def warm(self):
        """Moves the log on, so that a position in it is a number like no other."""
        for _ in range(WARM_SENDS):
            ask(self.addresses["broker"], 310, {
                "a": "warm", "b": "BenchmarkTest", "c": "TBW102", "d": "4", "e": "0", "f": "0",
                "g": str(int(time.time() * 1000)), "h": "0", "i": "", "j": "0", "k": "false",
                "m": "false"}, b"x" * 60000)


def start_apache(version, scratch):
    servers = apache.Apache(os.path.join(scratch, "apache-" + version), version)
    servers.start_servers()
    return Servers(version, servers.namesrv, servers.broker)


def start_daemon(program, scratch, *options):
    """Its address, from the ready line."""
    log = os.path.join(scratch, os.path.basename(program) + ".log")
    child = children.start([program, *options], log, stdout=children.PIPE, encoding="utf-8",
                           env=children.clean_environment())
    line = children.read_line(child, 10)
    words = dict(word.split("=", 1) for word in line.split()[1:])
    if "addr" not in words:
        with open(log, encoding="utf-8", errors="replace") as text:
            raise RuntimeError(f"{program} is not ready: {line!r} {text.read()[-500:]}")
    return words["addr"]


def start_ours(version, build, scratch):
    profile = ["--profile", PROFILES[version]]
    namesrv = start_daemon(os.path.join(build, "mock-nameserver", "mock-nameserver"), scratch,
                           *profile)
    broker = start_daemon(os.path.join(build, "mock-broker", "mock-broker"), scratch, *profile,
                          "--namesrv", namesrv, "--name", BROKER, "--cluster", CLUSTER)
    return Servers(version, namesrv, broker)
