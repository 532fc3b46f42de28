# SPDX-License-Identifier: Apache-2.0
"""Apache's own jars, servers and clients, in the version that versions.ini pins."""
import configparser
import os
import shutil
import subprocess

import children

HERE = os.path.dirname(os.path.abspath(__file__))
FETCH_TIMEOUT_S = 240
BROKER_PORTS = [-2, 1]  # beside its own: the VIP and the HA port
OPENS = [f"--add-opens=java.base/{package}=ALL-UNNAMED"
         for package in ("java.nio", "sun.nio.ch", "jdk.internal.ref")]


class Absent(Exception):
    """Why Apache's programs can't be had here."""


def pinned(version=None):
    """What versions.ini pins; another version of the same artifacts when asked for."""
    config = configparser.ConfigParser()
    config.read(os.path.join(HERE, "versions.ini"))
    config["apache"]["version"] = version or config["apache"]["version"]
    return config


def write_pom(path, apache):
    dependencies = "".join(
        f"<dependency><groupId>{apache['group']}</groupId><artifactId>{artifact}</artifactId>"
        f"<version>{apache['version']}</version></dependency>\n"
        for artifact in apache["artifacts"].split())
    with open(path, "w", encoding="utf-8") as pom:
        pom.write(f"""<project><modelVersion>4.0.0</modelVersion>
<groupId>lab</groupId><artifactId>peers</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>
{dependencies}</dependencies></project>
""")


def fetch(directory, config):
    """All jars into directory/lib, which exists only when complete."""
    fresh = os.path.join(directory, "lib.part")
    shutil.rmtree(fresh, ignore_errors=True)
    os.makedirs(directory, exist_ok=True)
    pom = os.path.join(directory, "pom.xml")
    write_pom(pom, config["apache"])
    command = ["mvn", "-B", "-q", "-f", pom, config["maven"]["plugin"] + ":copy-dependencies",
               "-DincludeScope=runtime", "-DoutputDirectory=" + fresh]
    try:
        status, out, err = children.run(command, FETCH_TIMEOUT_S)
    except subprocess.TimeoutExpired as expired:
        raise Absent(f"maven fetched nothing within {FETCH_TIMEOUT_S} s") from expired
    if status != 0:
        lines = [line for line in (out + err).splitlines() if "ERROR" in line] or ["no reason"]
        raise Absent("maven could not fetch the artifacts: " + lines[0][:160])
    os.rename(fresh, os.path.join(directory, "lib"))


def cache():
    """Where peers are kept, outside the source tree."""
    root = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(root, "rmqlab", "peers")


def class_path(version=None):
    """The class path of Apache's jars; raises Absent."""
    for tool in ("java", "javac"):
        if shutil.which(tool) is None:
            raise Absent(f"{tool} is not installed")
    config = pinned(version)
    directory = os.path.join(cache(), config["apache"]["version"])
    if not os.path.isdir(os.path.join(directory, "lib")):
        if shutil.which("mvn") is None:
            raise Absent("mvn is not installed")
        fetch(directory, config)
    return os.path.join(directory, "lib", "*")


class Apache:
    """One home folder, its compiled drivers, and whichever servers were asked for."""

    def __init__(self, home, version=None):
        self.home = home
        self.jars = class_path(version)
        self.namesrv = self.broker = None  # their addresses, once started
        self.n_starts = 0
        os.makedirs(os.path.join(home, "conf"))
        for name in ("namesrv", "broker"):  # without these files a 4.x server dies
            path = os.path.join(home, "conf", f"logback_{name}.xml")
            with open(path, "w", encoding="utf-8") as out:
                out.write('<configuration><root level="WARN"/></configuration>\n')

    def java(self, main, *arguments, memory="128m"):
        return ["java", "-Xmx" + memory, "-XX:MaxDirectMemorySize=256m",
                "-Duser.home=" + self.home, "-Drocketmq.client.logRoot=" + self.home,
                "-Dfile.encoding=UTF-8", *OPENS, "-cp", self.jars + ":" + self.home,
                main, *arguments]

    def compile(self, *names):
        sources = [os.path.join(HERE, "java", name + ".java") for name in names]
        javac = ["javac", "-encoding", "UTF-8", "-d", self.home, "-cp", self.jars]
        status, _, err = children.run([*javac, *sources], 60)
        if status != 0:
            raise RuntimeError("javac: " + err)

    def drive(self, main, *arguments, timeout_s=60):
        """Runs one of our drivers; its lines of output, split at tabs."""
        status, out, err = children.run(self.java(main, *arguments), timeout_s)
        if status != 0:
            raise RuntimeError(f"{main} ended with {status}: {err}\n{out}")
        return [line.split("\t") for line in out.splitlines() if "\t" in line]

    def start_server(self, main, settings, name, memory, wait=True):
        """Starts it and, unless told otherwise, waits until it listens; the process."""
        path = os.path.join(self.home, name + ".conf")
        with open(path, "w", encoding="utf-8") as out:
            out.writelines(f"{key}={value}\n" for key, value in settings.items())
        self.n_starts += 1
        log = os.path.join(self.home, f"{name}-{self.n_starts}.log")
        child = children.start(self.java(main, "-c", path, memory=memory), log,
                               env=children.clean_environment(ROCKETMQ_HOME=self.home))
        # 4.x says so when it listens and, for a broker, when the name server knows it.
        if wait and not children.wait_until(lambda: self.says(log, "boot success"), 60):
            with open(log, encoding="utf-8", errors="replace") as lines:
                raise RuntimeError(f"Apache's {name} did not start:\n" + lines.read()[-2000:])
        return child

    @staticmethod
    def says(log, words):
        with open(log, encoding="utf-8", errors="replace") as lines:
            return words in lines.read()

    def start_namesrv(self, port, **how):
        self.namesrv = f"127.0.0.1:{port}"
        return self.start_server("org.apache.rocketmq.namesrv.NamesrvStartup",
                                 {"listenPort": port}, "namesrv", "128m", **how)

    def start_broker(self, name, namesrv, port, **how):
        """It also takes port - 2 and port + 1; the store is this home's."""
        store = os.path.join(self.home, "store")
        self.broker = f"127.0.0.1:{port}"
        return self.start_server("org.apache.rocketmq.broker.BrokerStartup", {
            "brokerClusterName": "LabCluster", "brokerName": name, "brokerId": 0,
            "brokerIP1": "127.0.0.1", "brokerIP2": "127.0.0.1", "listenPort": port,
            "namesrvAddr": namesrv, "storePathRootDir": store,
            "storePathCommitLog": os.path.join(store, "commitlog"),
            "mappedFileSizeCommitLog": 16777216, "mappedFileSizeConsumeQueue": 60000,
            "maxIndexNum": 20000, "maxHashSlotNum": 5000,
        }, "broker", "384m", **how)

    def start_servers(self):
        """A name server and one broker, on loopback and free ports."""
        self.start_namesrv(children.free_ports([]))
        self.start_broker("broker-a", self.namesrv, children.free_ports(BROKER_PORTS))
