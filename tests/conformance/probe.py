# SPDX-License-Identifier: Apache-2.0
"""Probe files: what a probe says, read with positioned errors. README.md describes the form."""
import os
import re

import frames

HERE = os.path.dirname(os.path.abspath(__file__))
PROBES = os.path.join(HERE, "probes")
KINDS = os.path.join(HERE, "kinds.txt")
VERSIONS = ["4.5.1", "4.9.7", "5.3.3"]
TARGETS = ("broker", "nameserver")
ROLES = ("before", "probe", "after")
VERBS = ("await", "close")
ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|[12nrt\\'])")
ESCAPED = {"1": "\x01", "2": "\x02", "n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'"}
OPTIONS = {  # what may follow `!`, and whether it takes a value
    "oneway": False, "no-ext": False, "waits": False, "split": False,
    "flag": True, "version": True, "language": True, "opaque": True, "remark": True,
    "length": True, "header-length": True, "type": True, "header": True, "cut": True, "tail": True,
    "until": True,
}


class ProbeError(Exception):
    """Where a file is wrong, and why."""


class Step:
    """One request (or verb): what is said about it, before any name is filled in."""

    def __init__(self, role, label):
        self.role, self.label = role, label
        self.verb = None
        self.target, self.code = None, None
        self.fields, self.typed = {}, set()
        self.body = ""
        self.raw = None
        self.options = {}
        self.connection = "a"


class Line:
    """One logical line; knows where each of its words stands."""

    def __init__(self, path, number, text):
        self.path, self.number, self.text = path, number, text

    def fail(self, column, message):
        raise ProbeError(f"{os.path.relpath(self.path)}:{self.number}:{column + 1}: {message}")

    def words(self, start):
        """(column, word) each; quotes may stand anywhere in a word and hold blanks."""
        column, found = start, []
        while column < len(self.text):
            if self.text[column].isspace():
                column += 1
                continue
            begin, word, quote = column, "", -1
            while column < len(self.text) and (quote >= 0 or not self.text[column].isspace()):
                char = self.text[column]
                if char == "\\" and column + 1 < len(self.text):
                    word += self.text[column:column + 2]
                    column += 2
                    continue
                if char == "'":
                    quote = -1 if quote >= 0 else column
                else:
                    word += char
                column += 1
            if quote >= 0:
                self.fail(quote, "quote without an end")
            found.append((begin, word))
        return found


def logical_lines(path):
    """Lines without comments; an indented line goes on with the one above."""
    current = None
    with open(path, encoding="utf-8") as text:
        for number, line in enumerate(text, 1):
            line = line.rstrip("\n")
            if not line.strip() or line.startswith("#"):
                continue
            if line[0].isspace():
                if current is None:
                    Line(path, number, line).fail(0, "nothing to go on with")
                current.text += " " + line.strip()
                continue
            if current:
                yield current
            current = Line(path, number, line)
    if current:
        yield current


def unescape(text):
    return ESCAPE.sub(lambda found: ESCAPED.get(found.group(1)) or
                      chr(int(found.group(1)[1:], 16)), text)


def add_option(step, line, column, word):
    name, _, value = word[1:].partition("=")
    if name not in OPTIONS:
        line.fail(column, f"no option is called !{name}")
    if OPTIONS[name] != ("=" in word):
        line.fail(column, f"!{name} takes {'a' if OPTIONS[name] else 'no'} value")
    step.options[name] = unescape(value) if OPTIONS[name] else True


def add_word(step, line, column, word):
    """One word after the request's name."""
    if word.startswith("!"):
        add_option(step, line, column, word)
    elif word.startswith("@"):
        step.connection = word[1:]
    elif word.startswith("body="):
        step.body = unescape(word[5:])
    elif word.startswith("-") and "=" not in word:
        if step.fields.pop(word[1:], None) is None:
            line.fail(column, f"there is no field {word[1:]} to leave out")
    elif "=" in word:
        name, _, value = word.partition("=")
        step.typed.discard(name.rstrip(":"))
        if name.endswith(":"):
            name = name[:-1]
            step.typed.add(name)
        step.fields[name] = unescape(value)
    else:
        line.fail(column, f"{word!r} is no field, option, body or connection")


def read_step(line, start, kinds, step):
    """`KIND …`, `TARGET CODE …`, `raw TARGET HEX`, `await …` or `close …`"""
    words = line.words(start)
    if not words:
        line.fail(start, "a request is missing")
    (column, first), rest = words[0], words[1:]
    if first in VERBS:
        step.verb = first
        step.target = "broker"
    elif first in kinds:
        kind = kinds[first]
        step.target, step.code, step.body = kind.target, kind.code, kind.body
        step.fields, step.typed = dict(kind.fields), set(kind.typed)
        step.options = dict(kind.options)
    elif first in TARGETS or first == "raw":
        if first == "raw" and (len(rest) < 2 or rest[0][1] not in TARGETS):
            line.fail(column, "raw is followed by a target and bytes in hex")
        if first in TARGETS and (not rest or not rest[0][1].lstrip("-").isdigit()):
            line.fail(column, f"{first} is followed by a request code")
        step.target = rest[0][1] if first == "raw" else first
        if first == "raw":
            step.raw = rest[1][1]
        else:
            step.code = int(rest[0][1])
        rest = rest[2:] if first == "raw" else rest[1:]
    else:
        line.fail(column, f"{first} is neither a kind of request nor a target")
    for column, word in rest:
        add_word(step, line, column, word)
    return step


def read_kinds(path=KINDS):
    kinds = {}
    for line in logical_lines(path):
        name, colon, _ = line.text.partition(":")
        if not colon:
            line.fail(0, "a kind is NAME: REQUEST")
        if name in kinds:
            line.fail(0, f"{name} is there already")
        kinds[name] = read_step(line, len(name) + 1, kinds, Step("kind", name))
    return kinds


class Difference:
    """An explained difference: lines like this may differ from these versions' servers."""

    def __init__(self, versions, pattern, reason):
        self.versions, self.pattern, self.reason = versions, pattern, reason

    def is_about(self, version):
        return self.versions is None or version in self.versions


def read_difference(line, start):
    """`VERSIONS PATTERN: reason`; versions by commas, or `all`."""
    text = line.text[start:].strip()
    found = re.fullmatch(r"(\S+)\s+(\S+):\s+(.+)", text)
    if not found:
        line.fail(start, "a difference is VERSIONS PATTERN: reason")
    versions = None if found.group(1) == "all" else found.group(1).split(",")
    return Difference(versions, found.group(2), found.group(3))


class Probe:
    """One file: its steps in order and what is said about comparing."""

    def __init__(self, path, kinds):
        self.path = path
        self.name = os.path.relpath(path, PROBES).removesuffix(".probe")
        self.about = ""
        self.encodings = (frames.JSON, frames.ROCKETMQ)
        self.versions = None
        self.steps, self.differences, self.varies, self.ignored = [], [], [], []
        self.forms_only = False
        counts = dict.fromkeys(ROLES, 0)
        for line in logical_lines(path):
            self.read_line(line, kinds, counts)
        if not counts["probe"]:
            raise ProbeError(f"{os.path.relpath(path)}:1:1: there is no probe: line")
        if not self.about:
            raise ProbeError(f"{os.path.relpath(path)}:1:1: there is no about: line")

    def read_line(self, line, kinds, counts):
        key, colon, _ = line.text.partition(":")
        start = len(key) + 1
        value = line.text[start:].strip()
        if not colon:
            line.fail(0, "a line is KEY: …")
        if key in ROLES:
            counts[key] += 1
            label = key if counts[key] == 1 else f"{key}{counts[key]}"
            self.steps.append(read_step(line, start, kinds, Step(key, label)))
        elif key == "about":
            self.about = value
        elif key == "encoding":
            if value not in frames.TYPES:
                line.fail(start, f"encoding is json or rocketmq (both when unsaid), not {value}")
            self.encodings = (value,)
        elif key == "versions":
            self.versions = value.split()
        elif key == "varies":
            self.varies += value.split()
        elif key == "ignore":
            self.ignored += value.split()
        elif key == "compare":
            if value != "forms":
                line.fail(start, "only `compare: forms` is known")
            self.forms_only = True
        elif key == "differs":
            self.differences.append(read_difference(line, start))
        else:
            line.fail(0, f"no line is called {key}")

    def runs_at(self, version):
        return self.versions is None or version in self.versions


def probe_names():
    """Of all files, sorted."""
    return sorted(os.path.relpath(os.path.join(folder, file), PROBES).removesuffix(".probe")
                  for folder, _, files in os.walk(PROBES) for file in files
                  if file.endswith(".probe"))


def all_probes(names=()):
    """The probes of those names (folders too), or all, sorted."""
    there = probe_names()
    for name in names:
        if not any(n == name or n.startswith(name + "/") for n in there):
            raise ProbeError(f"no probe or folder of probes is called {name}")
    kinds = read_kinds()
    return [Probe(os.path.join(PROBES, n + ".probe"), kinds) for n in there
            if not names or any(n == name or n.startswith(name + "/") for name in names)]


def read_common_differences():
    """explained.txt: `PROBE-PATTERN VERSIONS LINE-PATTERN: reason`, for many probes at once."""
    found = []
    for line in logical_lines(os.path.join(HERE, "explained.txt")):
        pattern, _, _ = line.text.partition(" ")
        found.append((pattern, read_difference(line, len(pattern))))
    return found
