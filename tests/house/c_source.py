# SPDX-License-Identifier: Apache-2.0
"""Just enough C to judge style: comments and strings blanked, functions found.

Relies on the house format (clang-format, GNU): a function's braces stand alone in column 0.
"""
import re

BLANKED = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
BODY = re.compile(r"^\{\n(.*?)^\}", re.DOTALL | re.MULTILINE)
SIGNATURE = re.compile(r"(\w+)\s*\(((?:[^()]|\([^()]*\))*)\)\s*$")


def blank(match):
    """Spaces for a comment or string, newlines kept; a string keeps its quotes."""
    text = match.group(0)
    inner = re.sub(r"[^\n]", " ", text)
    return inner if text[0] == "/" else text[0] + inner[1:-1] + text[-1]


class Function:
    def __init__(self, name, parameters, body, line):
        self.name = name
        self.parameters = parameters
        self.body = body
        self.line = line
        self.length = body.count("\n") + 2


def parameters_of(text):
    """What a caller thinks of singly: no error, no data of a function, no size of an array."""
    split = [p.strip() for p in re.sub(r"\([^()]*\)", "", text).split(",")]
    return [p for p in split if p not in ("", "void") and not p.startswith("GError **")
            and not re.fullmatch(r"gpointer \w*data|(guint|gsize) (n_\w+|size)", p)]


def functions(code):
    """The functions defined in code, whose comments and strings are blank."""
    found = []
    for match in BODY.finditer(code):
        head = code[:match.start()].rstrip()
        signature = SIGNATURE.search(re.split(r"[;}]\s", head[-2000:])[-1])
        if signature:
            line = code.count("\n", 0, match.start()) + 1
            found.append(Function(signature.group(1), parameters_of(signature.group(2)),
                                  match.group(1), line))
    return found


class Source:
    """A file of the tree. `code` is its text, for C without comments and strings."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.folder = path.split("/")[0]
        self.name = path.split("/")[-1]
        self.is_c = path.endswith((".c", ".h"))
        self.is_test = self.folder == "tests"
        self.lines = text.split("\n")
        self.code = BLANKED.sub(blank, text) if self.is_c else text
        self.functions = functions(self.code) if self.is_c else []
