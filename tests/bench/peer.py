"""The peer: installing it, calling it (peer.mjs), and whether its answers are ours."""

import math
import subprocess
import sys

from support import HERE, lines_of, need, say

PACKAGE = "@duckdb/node-api@1.5.6-r.1"


def same(a, b):
    """Whether two answers are one: 2 is 2.0, and doubles may differ in their last digits."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return math.isclose(a, b, rel_tol=1e-9)
    return a == b


class Peer:
    def __init__(self, work):
        self.folder = work / "peer"

    def install(self):
        need("node", "nodejs")
        need("npm", "npm")
        if (self.folder / "node_modules" / "@duckdb" / "node-api").exists():
            return
        say(f"Installing {PACKAGE}")
        self.folder.mkdir(exist_ok=True)
        command = ["npm", "install", "--silent", "--no-fund", "--no-audit", PACKAGE]
        (self.folder / "package.json").write_text("{}\n", encoding="utf-8")
        if subprocess.run(command, cwd=self.folder).returncode != 0:
            sys.exit(f"npm could not install {PACKAGE}: see above. There is nothing to compare "
                     f"with.")

    def lines(self, *arguments):
        return lines_of(["node", HERE / "peer.mjs", *map(str, arguments)], cwd=self.folder)
