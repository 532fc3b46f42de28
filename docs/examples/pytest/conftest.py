# SPDX-License-Identifier: Apache-2.0
"""One served process a session, one cluster a test. RMQLAB names the program, or it is on PATH."""
import json
import os
import subprocess
import urllib.request

import pytest

RMQLAB = os.environ.get("RMQLAB", "rmqlab")
without_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Cluster:
    """`namesrv` for the client under test, and the control API under `base`."""

    def __init__(self, base, namesrv):
        self.base, self.namesrv = base, namesrv

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=data, method=method)
        with without_proxy.open(request, timeout=60) as answer:
            return json.load(answer)

    def expect(self, claim, within="5s"):
        found = self.call("POST", "/v1/expect", {"expect": claim, "within": within})
        assert found["verdict"] == "ok", found

    def messages(self, topic):
        return self.call("GET", f"/v1/messages?topic={topic}")["messages"]


@pytest.fixture(scope="session")
def served():
    process = subprocess.Popen([RMQLAB, "serve", "--exit-with-parent"], stdout=subprocess.PIPE,
                               encoding="utf-8")
    ready = dict(word.split("=", 1) for word in process.stdout.readline().split()[1:])
    yield Cluster("http://" + ready["http"], ready["namesrv"])
    process.terminate()
    process.wait(10)


@pytest.fixture
def cluster(served):
    made = served.call("POST", "/v1/clusters", {"brokers": 1, "topics": ["Orders:4"]})
    yield Cluster(f"{served.base}/v1/clusters/{made['id']}", made["namesrv"])
    served.call("DELETE", f"/v1/clusters/{made['id']}")
