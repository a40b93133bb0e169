# Builders: arbors of one tree after the other.

from gi.module import get_introspection_module

from . import errors
from .json_text import encode

_raw = get_introspection_module("Arbor")


@errors.override
class Builder(_raw.Builder):
    def add_json(self, json):
        """Adds a tree from its JSON text."""
        return _builder_add_json(self, json)

    def add(self, value):
        """Adds a tree: a Python value, or a tree of any arbor."""
        return _builder_add_json(self, encode(value))


_builder_add_json = errors.raising(_raw.Builder.add_json)
