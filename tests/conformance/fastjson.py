# SPDX-License-Identifier: Apache-2.0
"""JSON as fastjson writes it: integers and objects may be keys. Read without losing that."""
import json
import re

SCALAR = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null')


class Bare(str):
    """A key that stood there without quotes."""


class Parser:
    def __init__(self, text):
        self.text, self.at = text, 0

    def peek(self):
        return self.text[self.at:self.at + 1]

    def expect(self, char):
        if self.peek() != char:
            raise ValueError(f"{char!r} expected at {self.at}: {self.text[self.at:self.at + 20]!r}")
        self.at += 1

    def scalar(self):
        found = SCALAR.match(self.text, self.at)
        if not found:
            raise ValueError(f"no value at {self.at}: {self.text[self.at:self.at + 20]!r}")
        self.at = found.end()
        return json.loads(found.group())

    def value(self):
        if self.peek() == "{":
            return self.items("{", "}", self.member, dict)
        if self.peek() == "[":
            return self.items("[", "]", self.value, list)
        return self.scalar()

    def items(self, opening, closing, item, make):
        self.expect(opening)
        found = []
        while self.peek() != closing:
            if found:
                self.expect(",")
            found.append(item())
        self.expect(closing)
        return make(found)

    def member(self):
        is_quoted = self.peek() == '"'
        key = self.value()
        self.expect(":")
        if not is_quoted:
            key = Bare(text_of(key))
        return key, self.value()


def text_of(value):
    """One line that is the same for the same value."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}={text_of(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(sorted(map(text_of, value))) + "]"
    return json.dumps(value, ensure_ascii=False)


def parse(text):
    parser = Parser(text)
    value = parser.value()
    if parser.at != len(text):
        raise ValueError(f"text after the value: {text[parser.at:parser.at + 20]!r}")
    return value
