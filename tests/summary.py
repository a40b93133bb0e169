"""Adds up what Meson wrote about its tests: summary.py BUILD-DIRECTORY...

Prints each test that did not pass and, last, the one line "N passed, N failed". A test that was
skipped has not passed; a build that wrote no log counts as one failure. Exits with 1 unless
everything passed.
"""

import json
import pathlib
import sys

passed = 0
failed = []

for build in sys.argv[1:]:
    log = pathlib.Path(build, "meson-logs", "testlog.json")
    try:
        lines = log.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        failed.append(f"{build}: ran no test")
        continue
    for line in lines:
        test = json.loads(line)
        if test["result"] in ("OK", "EXPECTEDFAIL"):
            passed += 1
        else:
            failed.append(f"{build}: {test['name']}: {test['result']}")

for line in failed:
    print(line)
print(f"{passed} passed, {len(failed)} failed")
sys.exit(0 if passed > 0 and not failed else 1)
