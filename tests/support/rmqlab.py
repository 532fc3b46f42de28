# SPDX-License-Identifier: Apache-2.0
"""`rmqlab` as another program sees it: its ready line, its HTTP answers, its lines of JSON."""
import json
import re
import urllib.error
import urllib.request

import children

READY_TIMEOUT_S = 10
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Served:
    """`rmqlab serve` on free ports, until stop ()."""

    def __init__(self, program, log_path, *options):
        self.log_path = log_path
        self.child = children.start([program, "serve", *options], log_path,
                                    env=children.clean_environment(), stdout=children.PIPE,
                                    encoding="utf-8")
        self.ready_line = children.read_line(self.child, READY_TIMEOUT_S)
        found = re.fullmatch(r"ready namesrv=(\S+) http=(\S+)\n", self.ready_line)
        if not found:
            raise RuntimeError(f"no ready line but {self.ready_line!r}: {self.log()}")
        self.namesrv, self.http = found.groups()

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as lines:
            return lines.read()

    def get(self, path):
        with direct.open(f"http://{self.http}{path}", timeout=10) as answer:
            return json.load(answer)

    def post(self, path, text):
        request = urllib.request.Request(f"http://{self.http}{path}", data=text.encode(),
                                         headers={"Content-Type": "text/plain"})
        with direct.open(request, timeout=10) as answer:
            return answer.read().decode()

    def call(self, method, path, body=None):
        """(status, decoded answer) of any request; body: what becomes JSON."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://{self.http}{path}", data=data, method=method)
        try:
            with direct.open(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or "null")
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def messages(self, topic):
        return self.get(f"/v1/messages?topic={topic}&limit=10000")["messages"]

    def stop(self):
        """SIGTERM; the exit status."""
        self.child.terminate()
        return self.child.wait(10)


def send(program, namesrv, topic, *options, text=None, timeout_s=30, **more):
    """`rmqlab send`: its exit status and one dictionary a message."""
    if text is not None:
        more["input"] = text
    status, out, err = children.run(
        [program, "send", "--namesrv", namesrv, "--topic", topic, *options], timeout_s, **more)
    return status, [json.loads(line) for line in out.splitlines()], err
