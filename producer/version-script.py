#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The version script of librmq-1, from the public headers: what they export is RMQ_1; what
librmq-lab-1 needs besides is RMQ_1_PRIVATE and may change with every release.

usage: version-script.py OUTPUT HEADER...
"""
import re
import sys

EXPORTED = re.compile(r"RMQ_EXPORT\s+(?!__attribute__)[^;{]*?\b(rmq_\w+)\s*\(")
DECLARED = re.compile(r"G_DECLARE_FINAL_TYPE\s*\(\s*\w+\s*,\s*(\w+)")


def public_symbols(headers):
    for path in headers:
        with open(path, encoding="utf-8") as header:
            text = re.sub(r"/\*.*?\*/", "", header.read(), flags=re.DOTALL)
        yield from (name + "_get_type" for name in DECLARED.findall(text))
        yield from EXPORTED.findall(re.sub(DECLARED, "", text))


def main(output, headers):
    names = sorted(set(public_symbols(headers)))
    with open(output, "w", encoding="utf-8") as script:
        script.write("RMQ_1 {\n  global:\n")
        script.writelines(f"    {name};\n" for name in names)
        script.write("};\n\nRMQ_1_PRIVATE {\n  global:\n    rmq_*;\n  local:\n    *;\n};\n")


main(sys.argv[1], sys.argv[2:])
