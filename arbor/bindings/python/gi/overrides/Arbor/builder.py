# Builders: arbors of one tree after the other.

from gi.module import get_introspection_module

from . import errors
from .json_text import encode

_raw = get_introspection_module("Arbor")


@errors.override
class Builder(_raw.Builder):
    def add_json(self, json, length=-1):
        """Adds a tree from its JSON text."""
        if length != -1:
            json = json.encode()[:length].decode()
        return _builder_add_json(self, json, -1)

    def add(self, value):
        """Adds a tree: a Python value, or a tree of any arbor."""
        return _builder_add_json(self, encode(value), -1)


_builder_add_json = errors.raising(_raw.Builder.add_json)
