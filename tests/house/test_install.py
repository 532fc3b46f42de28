#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is installed is enough: programs build with pkg-config and run with both libraries.

usage: test_install.py LAB-USER.C BUILD-DIR SOURCE-ROOT COMPILER...
"""
import glob
import os
import re
import shlex
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import children
import rmqlab
from tap import Tap

TIMEOUT_S = 60
PUBLIC_FUNCTIONS_MAX = 80
BOTH_LIBRARIES = """
import ctypes, sys
one, lab = (ctypes.CDLL(path) for path in sys.argv[1:3])
for library, name in ((one, "rmq_producer_get_type"), (lab, "rmq_mock_cluster_get_type")):
    function = getattr(library, name)
    function.restype = ctypes.c_size_t
    assert function() != 0, name
print("both loaded")
"""


class Installed:
    """The build, installed under a scratch folder; its .pc files are told where they are."""

    def __init__(self, build, scratch):
        status, out, err = children.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet",
                                         "--destdir", scratch], TIMEOUT_S)
        if status != 0:
            raise RuntimeError(f"meson install: {out}{err}")
        pc_files = glob.glob(os.path.join(scratch, "**", "*.pc"), recursive=True)
        self.names = sorted(os.path.basename(path) for path in pc_files)
        for path in pc_files:
            with open(path, encoding="utf-8") as pc:
                text = pc.read()
            self.prefix = scratch + re.search(r"^prefix=(.*)$", text, re.MULTILINE).group(1)
            with open(path, "w", encoding="utf-8") as pc:
                pc.write(re.sub(r"^prefix=.*$", "prefix=" + self.prefix, text, flags=re.MULTILINE))
            self.pc_folder = os.path.dirname(path)
        self.libraries = os.path.dirname(self.pc_folder)
        self.environment = children.clean_environment(
            PKG_CONFIG_PATH=self.pc_folder, LD_LIBRARY_PATH=self.libraries)

    def library(self, name):
        return os.path.join(self.libraries, name)

    def compile(self, compiler, source, program, *packages):
        """(exit status, what the compiler said)."""
        status, flags, err = children.run(["pkg-config", "--cflags", "--libs", *packages],
                                          TIMEOUT_S, env=self.environment)
        if status != 0:
            return status, err
        status, _, err = children.run([*compiler, "-Wall", "-Werror", source, "-o", program,
                                       *shlex.split(flags)], TIMEOUT_S, env=self.environment)
        return status, err

    def run(self, *command, **variables):
        return children.run(command, TIMEOUT_S, env={**self.environment, **variables})


def public_functions(library):
    """Exported names by version node."""
    _, out, _ = children.run(["nm", "-D", "--defined-only", library], TIMEOUT_S)
    return re.findall(r" T (\w+)@@(\w+)", out)


def check_example(tap, installed, compiler, source_root, scratch):
    program = os.path.join(scratch, "ordered-producer")
    source = os.path.join(source_root, "producer", "examples", "ordered-producer.c")
    status, said = installed.compile(compiler, source, program, "rmq-1")
    tap.check("/install/the-example-builds-with-pkg-config", status == 0, said)
    lab = os.path.join(installed.prefix, "bin", "rmqlab")
    served = rmqlab.Served(lab, os.path.join(scratch, "serve.log"), "--brokers", "2")
    status, out, err = installed.run(program, served.namesrv, NAMESRV_ADDR=served.namesrv)
    tap.check("/install/the-example-sends-in-order", status == 0 and "SEND_OK" in out, out + err)
    tap.check("/install/serve-ends-well", served.stop() == 0, served.log())


def check_both(tap, installed, compiler, lab_user, scratch):
    program = os.path.join(scratch, "lab-user")
    status, said = installed.compile(compiler, lab_user, program, "rmq-lab-1", "rmq-1")
    tap.check("/install/one-program-builds-with-both", status == 0, said)
    status, out, err = installed.run(program)
    tap.check("/install/one-program-runs-with-both", (status, out) == (0, "SEND_OK, 1 stored\n"),
              out + err)
    libraries = map(installed.library, ("librmq-1.so.0", "librmq-lab-1.so.0"))
    status, out, err = installed.run(sys.executable, "-c", BOTH_LIBRARIES, *libraries)
    tap.check("/install/one-script-loads-both", (status, out) == (0, "both loaded\n"), out + err)


def check_exports(tap, installed):
    exported = public_functions(installed.library("librmq-1.so.0"))
    public = [name for name, node in exported if node == "RMQ_1" and not name.endswith("_get_type")]
    tap.check("/install/public-functions-are-few", 0 < len(public) <= PUBLIC_FUNCTIONS_MAX,
              len(public))
    strange = [name for name, _ in exported if not name.startswith("rmq_")]
    tap.check("/install/nothing-but-ours-is-exported", not strange, strange)


def main(lab_user, build, source_root, compiler):
    tap = Tap()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            installed = Installed(build, os.path.join(scratch, "root"))
            tap.check("/install/both-pc-files-are-there",
                      installed.names == ["rmq-1.pc", "rmq-lab-1.pc"], installed.names)
            check_exports(tap, installed)
            check_example(tap, installed, compiler, source_root, scratch)
            check_both(tap, installed, compiler, lab_user, scratch)
        finally:
            children.stop_all()
    tap.done()


main(*sys.argv[1:4], sys.argv[4:])
