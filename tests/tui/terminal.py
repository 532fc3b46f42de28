# SPDX-License-Identifier: Apache-2.0
"""A real terminal for tests: a private tmux server, one pane, one shell.

Whatever is waited for is polled with a deadline; nothing is slept for.
"""

import os
import shutil
import subprocess
import tempfile
import termios
import threading
import time

PROMPT = "READY>"


def why_not():
    """Why no terminal can be had here; None if one can."""
    return None if shutil.which("tmux") else "tmux is not installed"


class Terminal:
    """A shell in a terminal of a given size."""

    def __init__(self, width=80, height=24, deadline_s=30, environment=None):
        self.deadline_s = deadline_s
        self.folder = tempfile.TemporaryDirectory(prefix="rmq-terminal-")
        self.socket = os.path.join(self.folder.name, "tmux")
        settings = os.path.join(self.folder.name, "settings")
        with open(settings, "w", encoding="utf-8") as file:
            file.write(f"PS1='{PROMPT}'\n")
        self.environment = dict(os.environ, LC_ALL="C.UTF-8", ENV=settings)
        for name in ("TMUX", "NO_COLOR", "COLUMNS", "LINES"):
            self.environment.pop(name, None)
        self.environment.update(environment or {})
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height),
                  "sh")
        self.wait_for(PROMPT)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.tmux("kill-server")
        self.folder.cleanup()

    def tmux(self, *arguments):
        command = ["tmux", "-u", "-S", self.socket, *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{command}: {done.stderr.decode()}")
        return done.stdout.decode("utf-8", "replace")

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def type(self, text):
        self.tmux("send-keys", "-l", "--", text)

    def press(self, *keys):
        """Names as tmux knows them: Space, Enter, C-c."""
        self.tmux("send-keys", "--", *keys)

    def run(self, command):
        self.type(command)
        self.press("Enter")

    def resize(self, width, height):
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def children(self):
        """Process ids of what the shell runs."""
        shell = self.flag("pane_pid")
        with open(f"/proc/{shell}/task/{shell}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]

    def flag(self, name):
        """A format of tmux, such as alternate_on or cursor_flag."""
        return self.tmux("display-message", "-p", "#{" + name + "}").strip()

    def wait_until(self, holds, what):
        """The screen for which holds (screen) is true."""
        end = time.monotonic() + self.deadline_s
        pause = threading.Event()
        while True:
            screen = self.screen()
            if holds(screen):
                return screen
            if time.monotonic() > end:
                raise AssertionError(f"waited {self.deadline_s} s for {what}, saw:\n{screen}")
            pause.wait(0.02)

    def wait_for(self, text):
        return self.wait_until(lambda screen: text in screen, repr(text))

    def wait_for_shell(self):
        """The program gave the terminal back: prompt, main screen, cursor, echo."""
        self.wait_until(lambda screen: screen.rstrip().endswith(PROMPT), "the shell's prompt")
        assert self.flag("alternate_on") == "0", "the alternate screen stayed on"
        assert self.flag("cursor_flag") == "1", "the cursor stayed hidden"
        self.wait_until(lambda unused: self.is_cooked(), "echo and line editing")
        self.run("clear")
        self.wait_until(lambda screen: screen.strip() == PROMPT, "a cleared screen")

    def is_cooked(self):
        terminal = os.open(self.flag("pane_tty"), os.O_RDONLY | os.O_NOCTTY)
        try:
            local = termios.tcgetattr(terminal)[3]
        finally:
            os.close(terminal)
        return bool(local & termios.ECHO and local & termios.ICANON and local & termios.ISIG)
