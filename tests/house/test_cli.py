#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What others script against: options, exit statuses, lines on standard output, HTTP.

usage: test_cli.py RMQLAB MOCK-NAMESERVER MOCK-BROKER
"""
import json
import os
import re
import socket
import sys
import tempfile
import time
import urllib.error

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import children
import rmqlab
from tap import Tap

TIMEOUT_S = 60
TYPO = 'scenario "typo"\nnameserver ns1\nbroker broker-a\ntopic T quees 4 on broker-a\n'


def check_run(tap, claim, command, status, output="", errors=""):
    """Exit status, and what must be found in standard output and standard error."""
    got, out, err = children.run(command, TIMEOUT_S)
    holds = got == status and re.search(output, out) and re.search(errors, err)
    tap.check(claim, holds, f"status {got}\n{out}\n{err}")
    return out


def check_options(tap, programs):
    for program in programs:
        name = os.path.basename(program)
        check_run(tap, f"/cli/{name}/help-is-status-0", [program, "--help"], 0, "(?i)usage")
        check_run(tap, f"/cli/{name}/version-is-told", [program, "--version"], 0, r"\d+\.\d+\.\d+")
        check_run(tap, f"/cli/{name}/unknown-option-is-status-2", [program, "--vresion"], 2, "^$",
                  "did you mean.*--version")
    lab = programs[0]
    for word in ("run", "lint", "serve", "ctl", "send"):
        check_run(tap, f"/cli/{word}/help-is-status-0", [lab, word, "--help"], 0, "(?i)usage")
        check_run(tap, f"/cli/{word}/version-is-told", [lab, word, "--version"], 0,
                  r"\d+\.\d+\.\d+")
    check_run(tap, "/cli/rmqlab/unknown-word-gets-a-suggestion", [lab, "serv"], 2, "^$", "serve")
    for claim, options, said in (("namesrv-is-an-address", ["--namesrv", "nonsense"], "--namesrv"),
                                 ("timeout-is-some-time", ["--timeout", "0"], "--timeout")):
        check_run(tap, f"/cli/send/{claim}", [lab, "send", "--namesrv", "127.0.0.1:1", "--topic",
                                              "T", *options], 2, "^$", said)
    check_run(tap, "/cli/rmqlab/unsupported-is-a-list", [lab, "unsupported"], 0, r"\w")


def check_scenarios(tap, lab, scratch):
    check_run(tap, "/cli/run/empty-file-is-status-2", [lab, "run", "/dev/null"], 2, "^$",
              ":1:1: error")
    typo = os.path.join(scratch, "typo.scn")
    with open(typo, "w", encoding="utf-8") as out:
        out.write(TYPO)
    told = r"(?s)typo\.scn:4:9: error.*\^.*queues"
    check_run(tap, "/cli/run/typo-has-position-caret-suggestion", [lab, "run", typo], 2, "^$", told)
    check_run(tap, "/cli/lint/typo-has-position-caret-suggestion", [lab, "lint", typo], 2, told)
    check_run(tap, "/cli/run/unknown-scenario-is-status-2", [lab, "run", "first-sned"], 2, "^$",
              "first-send")
    check_run(tap, "/cli/lint/shipped-scenario-is-clean", [lab, "lint", "broker-a-dies"], 0)
    runs = [check_run(tap, f"/cli/run/first-send-passes/{i}",
                      [lab, "run", "first-send", "--seed", seed, "--json"], 0)
            for i, seed in enumerate(("1", "1", "2"))]
    hashes = [json.loads(run)["hash"] for run in runs]
    tap.check("/cli/run/same-seed-same-hash", hashes[0] == hashes[1], hashes)
    tap.check("/cli/run/another-seed-another-hash", hashes[0] != hashes[2], hashes)
    check_run(tap, "/cli/run/json-is-all-that-is-printed",
              [lab, "run", "first-send", "--once", "--json"], 0, r"^\{")
    check_run(tap, "/cli/run/once-prints-a-screen", [lab, "run", "first-send", "--once"], 0,
              "(?m)^.{78,}$")


def http_error(call, *arguments):
    """(status, decoded body) of a request that fails."""
    try:
        call(*arguments)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    return 0, {}


def check_garbage(tap, served):
    """Each stranger is sent away and the next send still works."""
    host, port = served.namesrv.split(":")
    for name, sent in {"garbage": b"\xff" * 64, "http2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                       "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64}.items():
        with socket.create_connection((host, int(port)), timeout=5) as stranger:
            stranger.sendall(sent)
            try:
                got = stranger.recv(4096)
            except ConnectionResetError:
                got = b""
            tap.check(f"/cli/serve/{name}-is-sent-away", got == b"" or name != "garbage", got)


def check_http(tap, served):
    tap.check("/http/health-is-ready", served.get("/v1/health")["ready"] is True)
    tables = served.get("/v1/snapshot")
    tap.check("/http/snapshot-has-tables", tables["tables"] and "asOf" in tables, tables)
    tap.check("/http/requests-are-listed", served.get("/v1/requests?code=310")["requests"])
    status, body = http_error(served.get, "/v1/nothing")
    tap.check("/http/unknown-path-is-404-with-a-reason", status == 404 and body["error"]["message"],
              (status, body))
    status, body = http_error(served.post, "/v1/lines", "broker-a kil")
    tap.check("/http/bad-line-is-4xx-with-its-column",
              400 <= status < 500 and body["error"]["column"] > 0, (status, body))


def check_serve(tap, lab, scratch):
    started = time.monotonic()
    served = rmqlab.Served(lab, os.path.join(scratch, "serve.log"), "--brokers", "2",
                           "--topic", "T:2")
    took = time.monotonic() - started
    tap.check("/cli/serve/is-ready-within-a-second", took < 1, took)
    status, sent, err = rmqlab.send(lab, served.namesrv, "T", "--count", "3")
    tap.check("/cli/send/prints-a-line-a-message", status == 0
              and [(one["status"], one["attempts"]) for one in sent] == [("SEND_OK", 1)] * 3,
              sent or err)
    stored = sorted(message["properties"]["UNIQ_KEY"] for message in served.messages("T"))
    tap.check("/http/messages-are-what-was-sent", stored == sorted(s["msgId"] for s in sent),
              stored)
    check_http(tap, served)
    check_garbage(tap, served)
    for broker in ("broker-a", "broker-b"):
        check_run(tap, f"/cli/ctl/{broker}-can-be-killed", [lab, "ctl", "--http", served.http,
                                                            f"{broker} kill"], 0)
    status, sent, err = rmqlab.send(lab, served.namesrv, "T", "--timeout", "1000")
    tap.check("/cli/send/an-error-is-status-1-and-told", status == 1 and sent
              and sent[0]["error"]["domain"] and "retriable" in sent[0]["error"], sent or err)
    tap.check("/cli/serve/ends-on-sigterm-with-0", served.stop() == 0, served.log())


def start_daemon(scratch, *command):
    """A daemon, the address of its ready line."""
    child = children.start([*command], os.path.join(scratch, "daemon.log"), stdout=children.PIPE,
                           encoding="utf-8", env=children.clean_environment())
    line = children.read_line(child, 10)
    return child, line.split("addr=")[-1].split()[0] if "ready addr=" in line else line


def check_daemons(tap, lab, nameserver, broker, scratch):
    first, namesrv = start_daemon(scratch, nameserver)
    second, address = start_daemon(scratch, broker, "--namesrv", namesrv, "--topic", "D:1")
    status, sent, err = rmqlab.send(lab, namesrv, "D", "--count", "2")
    tap.check("/cli/daemons/take-sends", status == 0 and len(sent) == 2,
              (sent, err, namesrv, address))
    for child, name in ((second, "mock-broker"), (first, "mock-nameserver")):
        child.terminate()
        tap.check(f"/cli/{name}/ends-on-sigterm-with-0", child.wait(10) == 0)


def main(programs):
    tap = Tap()
    lab = programs[0]
    with tempfile.TemporaryDirectory() as scratch:
        try:
            check_options(tap, programs)
            check_scenarios(tap, lab, scratch)
            check_serve(tap, lab, scratch)
            check_daemons(tap, *programs, scratch)
        finally:
            children.stop_all()
    tap.done()


main(sys.argv[1:4])
