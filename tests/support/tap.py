# SPDX-License-Identifier: Apache-2.0
"""What Python tests print: TAP, one line a check."""
import sys


class Tap:
    """Checks are claims: `check (claim, holds, what was seen instead)`."""

    def __init__(self):
        self.number = 0
        self.failed = 0

    def check(self, claim, holds, seen=""):
        self.number += 1
        if not holds:
            self.failed += 1
        print(f"{'ok' if holds else 'not ok'} {self.number} {claim}", flush=True)
        if not holds:
            for line in str(seen).splitlines():
                print(f"# {line}", flush=True)
        return bool(holds)

    def skip(self, claim, reason):
        self.number += 1
        print(f"ok {self.number} {claim} # SKIP {reason}", flush=True)

    def done(self):
        """The plan; a failed check is in the lines, not in the exit status, as meson wants it."""
        print(f"1..{self.number}")
        sys.exit(0)


def skip_all(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)
