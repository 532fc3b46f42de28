# SPDX-License-Identifier: Apache-2.0
"""Other people's clients as services that a test can drive: how each is got, and what it can do."""
import hashlib
import json
import os
import shutil
import subprocess

import apache
import children

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD_TIMEOUT_S = 240
SIMPLE = ("sync", "big", "selector", "delay", "last")


class Client:
    """One client, ready to run: `command` + mode, name server, topic, … (README.md)."""

    def __init__(self, name, profile, command, kinds, **more):
        self.name = name
        self.profile = profile  # of the mocks it meets
        self.command = command
        self.kinds = kinds  # of sends, in the order they are made
        self.strict_selector = more.get("strict_selector", True)
        self.has_unique_ids = more.get("has_unique_ids", True)
        self.folder = more.get("folder")


def java(version, scratch, *jvm_options):
    home = apache.Apache(os.path.join(scratch, "home"), version)
    home.compile("Peer")
    kinds = ("sync", "big", "selector", "queue", "batch", "delay", "async", "oneway", "commit",
             "rollback", "check", "last")
    command = home.java("Peer")
    command[1:1] = jvm_options
    profile = {"4.5.1": "4.5.1", "4.9.7": "4.9", "5.3.3": "5.3"}[version]
    return Client("java-" + version, profile, command, kinds)


def cached(what, version, *sources):
    """A folder of the cache that is this version's and these sources', and whether it is new."""
    digest = hashlib.sha256()
    for source in sources:
        with open(os.path.join(HERE, source), "rb") as data:
            digest.update(data.read())
    folder = os.path.join(apache.cache(), f"{what}-{version}-{digest.hexdigest()[:12]}")
    return folder, not os.path.isdir(folder)


def build(folder, sources, texts, command):
    """Runs command in a fresh folder that holds copies of sources and texts, then names it so."""
    fresh = folder + ".part"
    shutil.rmtree(fresh, ignore_errors=True)
    os.makedirs(fresh)
    for source in sources:
        shutil.copy(os.path.join(HERE, source), fresh)
    for name, text in texts.items():
        with open(os.path.join(fresh, name), "w", encoding="utf-8") as out:
            out.write(text)
    try:
        status, _, err = children.run(command, BUILD_TIMEOUT_S, cwd=fresh)
    except subprocess.TimeoutExpired as expired:
        raise apache.Absent(f"{command[0]} was not done within {BUILD_TIMEOUT_S} s") from expired
    if status != 0:
        reason = (err.strip().splitlines() or [""])[-1][:160]
        raise apache.Absent(f"{' '.join(command[:2])}: {reason}")
    os.rename(fresh, folder)


def need(tool):
    if shutil.which(tool) is None:
        raise apache.Absent(f"{tool} is not installed")


def go(_scratch):
    need("go")
    pinned = apache.pinned()["go"]
    sources = ["go/peer.go", "go/go.sum"]
    folder, is_new = cached("go", pinned["version"], *sources)
    if is_new:
        module = ("module rmqlab/peer\n\ngo 1.20\n\n"
                  f"require {pinned['module']} {pinned['version']}\n")
        build(folder, sources, {"go.mod": module},
              ["go", "build", "-mod=mod", "-buildvcs=false", "-o", "peer", "peer.go"])
    kinds = ("sync", "big", "selector", "queue", "batch", "delay", "async", "oneway", "commit",
             "rollback", "check", "last")
    return Client("go", "4.9", [os.path.join(folder, "peer")], kinds)


def node(_scratch):
    need("node")
    need("npm")
    pinned = apache.pinned()["node"]
    sources = ["node/peer.js", "node/package-lock.json"]
    folder, is_new = cached("node", pinned["version"], *sources)
    if is_new:
        package = {"name": "rmqlab-peer", "private": True, "license": "Apache-2.0",
                   "dependencies": {pinned["package"]: pinned["version"]}}
        build(folder, sources, {"package.json": json.dumps(package)},
              ["npm", "ci", "--omit=dev", "--no-audit", "--no-fund"])
    return Client("node", "4.9", ["node", os.path.join(folder, "peer.js")], SIMPLE,
                  strict_selector=False, has_unique_ids=False, folder=folder)


ROCKETMQ_HEADERS = "-Drocketmq.serialize.type=ROCKETMQ"
# name → how it is made, given a scratch folder
CLIENTS = {
    "java-4.5.1": lambda scratch: java("4.5.1", scratch),
    "java-4.9.7": lambda scratch: java("4.9.7", scratch),
    "java-5.3.3": lambda scratch: java("5.3.3", scratch),
    "java-4.5.1-rocketmq": lambda scratch: java("4.5.1", scratch, ROCKETMQ_HEADERS),
    "java-4.9.7-rocketmq": lambda scratch: java("4.9.7", scratch, ROCKETMQ_HEADERS),
    "java-5.3.3-rocketmq": lambda scratch: java("5.3.3", scratch, ROCKETMQ_HEADERS),
    "go": go,
    "node": node,
}
