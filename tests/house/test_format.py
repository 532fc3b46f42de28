#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every C file is as clang-format prints it; `./lab format` makes it so.

usage: test_format.py SOURCE-ROOT
"""
import os
import re
import subprocess
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tap import Tap, skip_all

VERSION = 14  # others print some constructs otherwise


def c_files(root):
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if not re.match(r"\.|build", f)]
        yield from (os.path.join(folder, n) for n in sorted(names) if n.endswith((".c", ".h")))


def differs(root, *arguments, **options):
    """The files that clang-format would print otherwise."""
    done = subprocess.run(["clang-format", "--dry-run", "--Werror", *arguments], cwd=root,
                          check=False, stderr=subprocess.PIPE, encoding="utf-8", **options)
    return sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", done.stderr, re.MULTILINE)))


def main(root):
    if shutil.which("clang-format") is None:
        skip_all("clang-format is not installed")
    version = subprocess.check_output(["clang-format", "--version"], encoding="utf-8")
    if f"version {VERSION}." not in version:
        skip_all(f"needs clang-format {VERSION}, here is {version.strip()}")
    tap = Tap()
    files = sorted(c_files(root))
    tap.check("/house/format/a-breach-is-seen", differs(root, "--assume-filename=a.c",
                                                        input="int f(void){return 1;}\n"))
    found = [name for at in range(0, len(files), 40) for name in differs(root, *files[at:at + 40])]
    tap.check("/house/format/files-are-as-clang-format-prints-them", not found, "\n".join(found))
    tap.done()


main(sys.argv[1])
