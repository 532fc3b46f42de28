# SPDX-License-Identifier: Apache-2.0
"""Apache's name servers and brokers as processes: killed, stopped, paused and started again."""
import os
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "conformance")]
import apache
import children
import frames
import servers

ROUTED_TIMEOUT_S = 40
PULL, MAX_OFFSET, CREATE_TOPIC, CLUSTER_INFO, ROUTE = 11, 30, 17, 106, 105
NO_SUSPENSION_WITH_SUBSCRIPTION = 4


class Server:
    """One process and what is needed to start it again where it was."""

    def __init__(self, name, start):
        self.name = name
        self.start_process = start
        self.process = start(wait=True)

    def start(self):
        """Again, where it was; says nothing of when it will be ready."""
        self.process = self.start_process(wait=False)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)


class ApacheCluster:
    """Servers by name; every broker knows every name server."""

    def __init__(self, version, scratch, namesrvs, brokers):
        self.servers, self.addresses = {}, {}
        for name in namesrvs:
            home = apache.Apache(os.path.join(scratch, name), version)
            port = children.free_ports([])
            self.addresses[name] = f"127.0.0.1:{port}"
            self.servers[name] = Server(name, lambda wait, home=home, port=port:
                                        home.start_namesrv(port, wait=wait))
        self.namesrvs, self.brokers = list(namesrvs), list(brokers)
        self.namesrv = ";".join(self.addresses[name] for name in namesrvs)
        for name in brokers:
            home = apache.Apache(os.path.join(scratch, name), version)
            port = children.free_ports(apache.BROKER_PORTS)
            self.addresses[name] = f"127.0.0.1:{port}"
            self.servers[name] = Server(name, lambda wait, home=home, port=port, name=name:
                                        home.start_broker(name, self.namesrv, port, wait=wait))
        self.brokers_started = time.monotonic()
        self.wait_routed()

    def wait_routed(self):
        for namesrv in self.namesrvs:
            for broker in self.brokers:
                if not children.wait_until(lambda n=namesrv, b=broker: self.is_routed(n, b),
                                           ROUTED_TIMEOUT_S):
                    raise RuntimeError(f"{broker} was not routed at {namesrv}")

    def is_routed(self, namesrv, broker):
        answer = servers.ask(self.addresses[namesrv], CLUSTER_INFO, None)
        return answer and self.addresses[broker].encode() in answer.body

    def add_topic(self, topic, queues):
        for broker in self.brokers:
            answer = servers.ask(self.addresses[broker], CREATE_TOPIC, {
                "topic": topic, "defaultTopic": "TBW102", "readQueueNums": str(queues),
                "writeQueueNums": str(queues), "perm": "6", "topicFilterType": "SINGLE_TAG",
                "topicSysFlag": "0", "order": "false"})
            if answer is None or answer.header["code"] != 0:
                raise RuntimeError(f"{broker} does not make topic {topic}: {answer.header}")
        for namesrv in self.namesrvs:
            children.wait_until(lambda n=namesrv: self.routes_of(n, topic) == len(self.brokers), 20)

    def routes_of(self, namesrv, topic):
        answer = servers.ask(self.addresses[namesrv], ROUTE, {"topic": topic})
        body = answer.body if answer and answer.header["code"] == 0 else b""
        return sum(f'"{broker}"'.encode() in body for broker in self.brokers)

    def read_queue(self, broker, topic, queue):
        """All records of a queue, as the broker tells them to a consumer."""
        address = self.addresses[broker]
        at = {"topic": topic, "queueId": str(queue)}
        end = int(servers.ask(address, MAX_OFFSET, at).fields["offset"])
        records, offset = [], 0
        while offset < end:
            answer = servers.ask(address, PULL, {
                **at, "consumerGroup": "CG_READ_BACK", "queueOffset": str(offset),
                "maxMsgNums": "32", "sysFlag": str(NO_SUSPENSION_WITH_SUBSCRIPTION),
                "commitOffset": "0", "suspendTimeoutMillis": "0", "subscription": "*",
                "subVersion": "0"})
            if answer.header["code"] != 0:
                raise RuntimeError(f"{broker} {topic}:{queue} at {offset}: {answer.header}")
            records += frames.read_records(answer.body)
            offset = int(answer.fields["nextBeginOffset"])
        return records

    def read_topic(self, topic, queues):
        """(broker, record) of everything stored, queue by queue."""
        return [(broker, record) for broker in self.brokers for queue in range(queues)
                for record in self.read_queue(broker, topic, queue)]


def properties_of(record):
    """A record's properties as a dictionary."""
    pairs = [pair.split("\1", 1) for pair in record["properties"].split("\2") if "\1" in pair]
    return dict(pairs)
