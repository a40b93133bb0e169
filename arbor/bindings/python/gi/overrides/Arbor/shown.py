# What objects say of themselves whose classes have no to_string: never an error, also when they are closed.

from gi.module import get_introspection_module

from . import calls

_raw = get_introspection_module("Arbor")


def _transaction(self):
    state = calls.name_of(self.get_state())
    return "closed" if state == "open" and self.is_closed() else state


def _iter(self):
    return "closed" if self.is_closed() else "at %d" % self.get_position()


def _token(self):
    return "closed" if self.is_closed() else "open"


def _report(self):
    return "sound" if self.is_sound() else "%d findings" % self.get_n_findings()


def _settings(self):
    """Those that are not what they are by themselves."""
    shown, usual = [], type(self)()
    for spec in type(self).list_properties():
        value = self.get_property(spec.name)
        if value != usual.get_property(spec.name):
            shown.append("%s %s" % (spec.name.replace("-", "_"), calls.name_of(value)))
    return ", ".join(shown)


_DESCRIPTIONS = {
    "CloseToken": _token, "CloseObserver": _token, "Finding": lambda self: self.dup_message(), "Iter": _iter,
    "ObjectModel": lambda self: "%d of %s" % (self.get_n_items(), self.get_item_type().name),
    "Report": _report, "Transaction": _transaction,
    **{name: _settings for name in ("IndexOptions", "JoinOptions", "LoadOptions", "NestOptions", "SortOptions",
                                    "StoreOptions")},
}


def _shower(name, describe):
    def show(self):
        said = describe(self)
        return "<Arbor%s (%s)>" % (name, said) if said else "<Arbor%s>" % name
    return show


for _name, _describe in _DESCRIPTIONS.items():
    getattr(_raw, _name).__repr__ = _shower(_name, _describe)
