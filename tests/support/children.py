# SPDX-License-Identifier: Apache-2.0
"""Child processes that never outlive the test."""
import ctypes
import os
import random
import select
import signal
import socket
import subprocess
import sys
import time

PIPE = subprocess.PIPE
PR_SET_PDEATHSIG = 1
SERVER_PORTS = (10100, 32000)
libc = ctypes.CDLL(None)
running = []


def die_with_parent():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def clean_environment(**more):
    """Ours, without what a RocketMQ client takes from it."""
    taken = ("NAMESRV_ADDR", "ROCKETMQ_SERIALIZE_TYPE")
    return {**{k: v for k, v in os.environ.items() if k not in taken}, **more}


def start(command, log_path, **options):
    """A background process; what it says goes to log_path (and is shown when the test fails)."""
    with open(log_path, "ab") as log:
        streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
        child = subprocess.Popen(command, preexec_fn=die_with_parent, **{**streams, **options})
    running.append(child)
    return child


def read_line(child, timeout_s):
    """The next line of a child's output, or what there is of it by then."""
    ready, _, _ = select.select([child.stdout], [], [], timeout_s)
    return child.stdout.readline() if ready else ""


def stop_all():
    for child in reversed(running):
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + 10
    for child in running:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    running.clear()


def run(command, timeout_s, **options):
    """A foreground process; (exit status, output, errors)."""
    options = {"env": clean_environment(), **options}
    if "input" not in options:
        options["stdin"] = subprocess.DEVNULL
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=timeout_s,
                          preexec_fn=die_with_parent, check=False, **options)
    return done.returncode, done.stdout, done.stderr


def free_ports(offsets):
    """A port P such that P + each offset is free right now on the wildcard address. Below those
    that the kernel gives to connections, so that none takes it before the server has come up."""
    for _ in range(100):
        port = random.randrange(*SERVER_PORTS)
        with socket.socket() as first:
            try:
                first.bind(("", port))
            except OSError:
                continue
            others = [socket.socket() for _ in offsets]
            try:
                for sock, offset in zip(others, offsets):
                    sock.bind(("", port + offset))
                return port
            except (OSError, OverflowError):
                continue
            finally:
                for sock in others:
                    sock.close()
    raise RuntimeError("no free ports")


def wait_until(condition, timeout_s, step_s=0.05):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(step_s)
    return None


signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
