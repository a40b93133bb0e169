#!/usr/bin/python3
"""The Python part of quickstart.sh: iterate over a filtered arbor, close, and look at it again.

    iso-codes.py STORE
"""

import sys

import gi

gi.require_version("Arbor", "1.0")
from gi.repository import Arbor

store = Arbor.Store.open(sys.argv[1])
languages = store["languages"]
constructed = languages.filter((Arbor.path("type") == "C") & Arbor.path("alpha_2").exists())

print(f"{len(constructed)} of {len(languages)} languages are constructed and have a short code:")
for language in constructed:
    print(f"  {language['alpha_2']}  {language['name']}")

print("closing the store, then asking the filtered view again:")
store.close()
try:
    len(constructed)
except Arbor.ClosedError as error:
    print(f"  Arbor.ClosedError: {error.message}")
