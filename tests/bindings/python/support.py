"""What the Python tests share: a folder that is removed, a store in it, and a way to wait."""

import shutil
import subprocess
import tempfile
import unittest

import gi

gi.require_version("Arbor", "1.0")

from gi.repository import Arbor, Gio, GLib  # noqa: E402

PEOPLE = [
    {"name": {"first": "Ada", "last": "Byron"}, "height": 66, "tags": ["math", "poetry"]},
    {"name": {"first": "Bo", "last": "Ek"}, "height": 81, "birth": {"country": "SE"}, "tags": []},
    {"name": {"first": "Cy", "last": "Young"}, "height": 82.5, "birth": {"country": "USA"}},
    {"name": {"first": "Di", "last": None}, "birth": {"country": "USA"}, "tags": ["ball"]},
]


class StoreTestCase(unittest.TestCase):
    """Each test has a store that holds PEOPLE as "people"."""

    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="arbor-python-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.path = self.folder + "/test.arbor"
        self.store = Arbor.Store.open(self.path)
        self.addCleanup(self.store.close)
        self.store["people"] = PEOPLE
        self.people = self.store["people"]

    def assert_raises(self, cls, message, function, *args, **kwargs):
        """That exactly this class is raised, with exactly this message."""
        with self.assertRaises(cls) as caught:
            function(*args, **kwargs)
        self.assertIs(type(caught.exception), cls)
        self.assertEqual(str(caught.exception), message)
        return caught.exception

    def assert_closed(self, function, *args, **kwargs):
        error = self.assert_raises(Arbor.ClosedError, "ArborStore has been closed", function,
                                   *args, **kwargs)
        self.assertIsInstance(error, RuntimeError)
        self.assertTrue(error.matches(Arbor.error_quark(), Arbor.Error.CLOSED))


def resource_file(folder, name, text):
    """A Gio.File that has no path: a resource of the program."""
    with open("%s/%s" % (folder, name), "w") as file:
        file.write(text)
    listed, made = folder + "/test.gresource.xml", folder + "/test.gresource"
    with open(listed, "w") as file:
        file.write('<gresources><gresource prefix="/test"><file>%s</file></gresource></gresources>' % name)
    subprocess.run(["glib-compile-resources", "--sourcedir", folder, "--target", made, listed], check=True)
    Gio.resources_register(Gio.Resource.load(made))
    return Gio.File.new_for_uri("resource:///test/" + name)


def run_until(condition):
    """Iterates the default main context until a condition holds."""
    context = GLib.MainContext.default()
    while not condition():
        context.iteration(True)
