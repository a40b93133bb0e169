"""Arbor Browser by the keyboard alone, read as a screen reader reads it: every control has a name, and what is typed
changes the rows to what the command answers.

Usage: dbus-run-session -- xvfb-run -a test_keys.py BROWSER ARBOR [PICTURE]

With a PICTURE the whole display is drawn into it at the end (needs ImageMagick).
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

# Machines are busy.
BOUND = 120
NAME = "Arbor Browser"
# What a person does something with.
CONTROLS = {Atspi.Role.PUSH_BUTTON, Atspi.Role.TOGGLE_BUTTON, Atspi.Role.ENTRY, Atspi.Role.TEXT, Atspi.Role.COMBO_BOX,
            Atspi.Role.TREE_TABLE, Atspi.Role.TABLE, Atspi.Role.LIST}
PEOPLE = [{"id": i, "name": "Person %d" % i, "age": 20 + i * 7 % 50} for i in range(200)]


def wait_for(condition, what):
    until = time.monotonic() + BOUND
    while time.monotonic() < until:
        try:
            found = condition()
        except gi.repository.GLib.Error:
            found = None  # what was looked at is gone
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("not seen: " + what)


def walk(node):
    yield node
    for i in range(node.get_child_count()):
        child = node.get_child_at_index(i)
        if child is not None:
            yield from walk(child)


class Desktop:
    def __init__(self, command):
        self.program = subprocess.Popen(command)

    def application(self):
        desktop = Atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            found = desktop.get_child_at_index(i)
            if found is not None and found.get_child_count() > 0 and found.get_process_id() == self.program.pid:
                return found
        return None

    def nodes(self):
        application = self.application()
        return list(walk(application)) if application else []

    def texts(self):
        return [node.get_name() for node in self.nodes() if node.get_role() == Atspi.Role.LABEL]

    def has_text(self, text):
        return text in self.texts()

    def focus(self):
        found = subprocess.run(["xdotool", "search", "--sync", "--onlyvisible", "--name", NAME], check=True, text=True,
                               stdout=subprocess.PIPE)
        subprocess.run(["xdotool", "windowfocus", "--sync", found.stdout.split()[0]], check=True)

    def press(self, *keys):
        subprocess.run(["xdotool", "key", "--delay", "60", *keys], check=True)

    def type(self, text):
        subprocess.run(["xdotool", "type", "--delay", "20", text], check=True)


def main():
    browser, arbor = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        store = os.path.join(folder, "people.arbor")
        lines = pathlib.Path(folder, "people.jsonl")
        lines.write_text("".join(json.dumps(person) + "\n" for person in PEOPLE), "utf-8")
        subprocess.run([arbor, "import", store, "people", str(lines)], check=True, stdout=subprocess.DEVNULL)

        def count(expression):
            done = subprocess.run([arbor, "query", store, "people", expression, "--count"], check=True, text=True,
                                  stdout=subprocess.PIPE)
            return int(done.stdout)

        desktop = Desktop([browser, store])
        try:
            wait_for(lambda: desktop.has_text("200 trees"), "the rows")
            desktop.focus()
            nameless = [node.get_role_name() for node in desktop.nodes()
                        if node.get_role() in CONTROLS and not node.get_name() and not node.get_description()]
            assert nameless == [], "without a name: %s" % nameless

            desktop.press("ctrl+l")
            desktop.type("age > 40")
            wait_for(lambda: desktop.has_text("%d trees" % count("age > 40")), "the filtered rows")
            desktop.type(" and")
            wait_for(lambda: any("expected" in text.lower() for text in desktop.texts()), "what is wrong")
            desktop.press("ctrl+a", "Delete")
            wait_for(lambda: desktop.has_text("200 trees"), "all rows again")
            desktop.press("ctrl+f")
            desktop.type("person 19")
            wait_for(lambda: desktop.has_text("%d trees" % count("contains (name, 'Person') and contains (name, '19')")), "the found rows")
            desktop.press("ctrl+g")
            wait_for(lambda: len([text for text in desktop.texts() if text.isdecimal()]) > 0, "the groups")
            if len(sys.argv) > 3:
                subprocess.run(["import", "-window", "root", sys.argv[3]], check=True)
            desktop.press("ctrl+w")
            assert desktop.program.wait(BOUND) == 0
        finally:
            desktop.program.kill()


main()
