#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The house rules that a machine can judge. Limits only tighten.

usage: tidy.py SOURCE-ROOT

A rule is a function from a Source to its complaints, with a bad example; the checks say that the
tree gives the rule nothing to complain about, and that the bad example does.
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from c_source import Source
from tap import Tap

FUNCTION_LINES_MAX = 70
PARAMETERS_MAX = 6
FILE_LINES_MAX = 500
COLUMNS_MAX = 100
REASON = "Longer than 500 lines because"
MADE = re.compile(r"\b(Generated|Made) by `")  # a page by a program, in its first lines

# folder → the folders whose headers it may include, besides its own
BELOW = {
    "env": [],
    "remoting": ["env"],
    "producer": ["remoting", "env"],
    "mock-common": ["remoting", "env"],
    "mock-nameserver": ["mock-common", "remoting", "env"],
    "mock-broker": ["mock-common", "remoting", "env"],
}
BELOW["scenarios"] = ["mock-nameserver", "mock-broker", "producer", *BELOW["mock-broker"]]
BELOW["tui"] = ["scenarios", *BELOW["scenarios"]]
# system header → the only files that may see it
ONLY_IN = {
    r"libsoup/.*": ["mock-common/rmq-control-api.c", "producer/rmq-address-lookup.c",
                    "tui/rmq-command-ctl.c"],
    r"n?curses\.h|panel\.h": ["tui/rmq-dashboard-curses.c"],
}
# call → what to use instead; in every C file
BANNED = {
    r"u?sleep|nanosleep|g_usleep": "wait for what you wait for",
    r"strcpy|strcat|sprintf|vsprintf|gets|strtok": "g_strlcpy, GString, g_strdup_printf",
    r"s?rand|random": "the env's random stream, g_test_rand_* in tests",
    r"g_timeout_add\w*|g_idle_add\w*": "a GSource that has an owner and a name",
    r"alloca|g_alloca|g_newa0?": "the heap",
    r"system|popen": "GSubprocess",
    r"assert": "g_assert",
}
PUBLIC_HEADERS = r"producer/rmq/.*\.h|remoting/rmq-error\.h|scenarios/rmq-mock-cluster\.h"
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|root|home)/\w|/tmp/(build)")
REGISTRY_HOST = re.compile(r"\b(repo1?|deb|proxy|registry|files|packages|mirrors?)"
                           r"\.[a-z]+\.(org|com|io)\b")
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")


def long_functions(source):
    for f in source.functions:
        if f.length > FUNCTION_LINES_MAX:
            yield f"{f.line}: {f.name} has {f.length} lines"


def many_parameters(source):
    for f in source.functions:
        if len(f.parameters) > PARAMETERS_MAX:
            yield f"{f.line}: {f.name} takes {len(f.parameters)} parameters"


def recursion(source):
    for f in source.functions:
        if re.search(rf"(?<![\w.>]){f.name}\s*\(", f.body):
            yield f"{f.line}: {f.name} calls itself"


def long_files(source):
    count, head = len(source.lines) - 1, source.lines[:12]
    is_made = source.path.endswith(".md") and any(MADE.search(line) for line in head)
    if count > FILE_LINES_MAX and not is_made and not any(REASON in line for line in head):
        yield f"1: {count} lines and no \"{REASON} …\" at the top"


def long_lines(source):
    for number, line in enumerate(source.lines, 1):
        if len(line) > COLUMNS_MAX and not source.path.endswith(".md"):
            yield f"{number}: {len(line)} columns"


def licence(source):
    if source.is_c or source.path.endswith((".py", ".java")):
        if "SPDX-License-Identifier: Apache-2.0" not in "\n".join(source.lines[:2]):
            yield "1: no SPDX line"


def opening_comment(source):
    """Tests say it in the names of their cases."""
    if source.path.endswith(".c") and not source.is_test and "\n/*" not in source.text[:120]:
        yield "2: no comment says what this file owns, where it runs, what it must never do"


def banned_calls(source):
    for pattern, instead in BANNED.items() if source.is_c else ():
        for match in re.finditer(rf"(?<![\w.>])({pattern}) \(", source.code):
            line = source.code.count("\n", 0, match.start()) + 1
            yield f"{line}: {match.group(1)}: {instead}"


def bare_asserts(source):
    if source.is_test and source.is_c:
        for match in re.finditer(r"\bg_assert \(", source.code):
            line = source.code.count("\n", 0, match.start()) + 1
            yield f"{line}: g_assert in a test says nothing: g_assert_true, g_assert_cmpint, …"


def includes(source):
    """The arrows bind the folders; tests may look everywhere, but not at curses or libsoup."""
    for number, line in enumerate(source.lines, 1):
        ours = re.match(r'#include "(.*)"', line)
        system = re.match(r"#include <(.*)>", line)
        if ours and source.folder in BELOW:
            name = re.sub(r"^rmq/", "", ours.group(1))  # the public face, as users include it
            owner = HEADERS.get(name)
            if "/" in name or owner is None:
                yield f"{number}: {ours.group(1)} is no header of the house"
            elif owner not in [source.folder, *BELOW[source.folder]]:
                yield f"{number}: {source.folder} must not see {owner} ({ours.group(1)})"
        for pattern, files in ONLY_IN.items() if system else ():
            if re.fullmatch(pattern, system.group(1)) and source.path not in files:
                yield f"{number}: {system.group(1)} is for {', '.join(files)} only"


def unlisted(source):
    """A meson.build lists its folder's sources, tests perhaps without what their names share."""
    if source.path.endswith(".c"):
        folder = os.path.dirname(source.path)
        stem = re.sub(r"^(test|fuzz|bench)-", "", source.name[:-2])
        above = [path for path in MESON_BUILDS if (folder + "/").startswith(path + "/")]
        listed = "".join(MESON_BUILDS[path] for path in above)
        relative = [source.path[len(path) + 1:] for path in above]
        if not any(f"'{name}'" in listed for name in [source.name, stem, *relative]):
            yield f"1: no meson.build of {folder} lists it"


def undocumented(source):
    if re.fullmatch(PUBLIC_HEADERS, source.path):
        for match in re.finditer(r"\bRMQ_EXPORT\b[^;]*?\b(rmq_\w+)\s*\(", source.code):
            name = match.group(1)
            line = source.code.count("\n", 0, match.start()) + 1
            if not name.endswith("_get_type") and name not in DOCUMENTED:
                yield f"{line}: {name} has no block of documentation"


def unfinished(source):
    for number, line in enumerate(source.lines, 1):
        if UNFINISHED.search(line):
            yield f"{number}: {line.strip()}"


def machine(source):
    for number, line in enumerate(source.lines, 1):
        if MACHINE_PATH.search(line) or REGISTRY_HOST.search(line):
            yield f"{number}: {line.strip()}"


LONG_BODY = "int\nf (void)\n{\n" + "  g ();\n" * FUNCTION_LINES_MAX + "}\n"
# claim, rule, path and text of a file that breaks it
RULES = [
    ("functions-fit-a-screen", long_functions, "env/a.c", LONG_BODY),
    ("functions-take-few-parameters", many_parameters, "env/a.c",
     "static void\nf (int a, int b, int c, int d, int e,\n   int (*f) (int, int), int g)\n{\n}\n"),
    ("functions-do-not-call-themselves", recursion, "env/a.c",
     "int\nf (int a)\n{\n  return f (a);\n}\n"),
    ("files-are-short-or-say-why", long_files, "env/a.c", "\n" * (FILE_LINES_MAX + 1)),
    ("lines-fit-100-columns", long_lines, "env/a.c", "x" * (COLUMNS_MAX + 1)),
    ("files-open-with-the-licence", licence, "env/a.c", "/* hello */\n"),
    ("sources-open-with-what-they-own", opening_comment, "env/a.c",
     "/* SPDX */\n\n#include <glib.h>\n"),
    ("calls-are-none-of-the-banned", banned_calls, "env/a.c", "  usleep (1);\n"),
    ("tests-assert-with-a-message", bare_asserts, "tests/env/a.c", "  g_assert (a == b);\n"),
    ("includes-follow-the-arrows", includes, "producer/a.c", '#include "rmq-mock-server.h"\n'),
    ("curses-and-soup-stay-in-their-files", includes, "tui/a.c", "#include <curses.h>\n"),
    ("sources-are-listed", unlisted, "env/rmq-forgotten.c", ""),
    ("public-symbols-are-documented", undocumented, "producer/rmq/a.h",
     "RMQ_EXPORT void rmq_nobody_wrote_about_this (void);\n"),
    ("nothing-is-left-unfinished", unfinished, "env/a.c", "/* TO" "DO */\n"),
    ("no-path-of-a-machine-no-registry", machine, "docs/a.md", "see /home" "/me/src\n"),
]


def is_judged(name):
    return (name.endswith((".c", ".h", ".py", ".java", ".md", ".scn"))
            or name in ("meson.build", "lab", "run"))


def read_tree(root):
    """Every file of ours, in the order of their paths."""
    sources = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders
                            if f == ".ci" or not re.match(r"\.|build|__pycache__", f))
        for name in sorted(filter(is_judged, names)):
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8") as text:
                sources.append(Source(os.path.relpath(path, root), text.read()))
    return sources


def documented_names(sources):
    block = re.compile(r"/\*\*\n \* (\w+):")
    return {match.group(1) for s in sources if s.is_c for match in block.finditer(s.text)}


def main():
    tap = Tap()
    for claim, rule, path, bad in RULES:
        complaints = [f"{s.path}:{complaint}" for s in SOURCES for complaint in rule(s)]
        tap.check(f"/house/tidy/{claim}", not complaints, "\n".join(complaints))
        tap.check(f"/house/tidy/{claim}/a-breach-is-seen", list(rule(Source(path, bad))))
    tap.done()


SOURCES = read_tree(sys.argv[1])
HEADERS = {s.name: s.folder for s in SOURCES if s.name.endswith(".h")}
MESON_BUILDS = {os.path.dirname(s.path): s.text
                for s in SOURCES if s.name == "meson.build" and "/" in s.path}
DOCUMENTED = documented_names(SOURCES)
main()
