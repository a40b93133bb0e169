"""What languages need to know of the library's interface, read from its introspection data: classes and
their functions, with parameters as a binding shows them, which has no lengths of arrays, no data of
callbacks and no errors. What is made for a language is made of this.
"""

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field

CORE = '{http://www.gtk.org/introspection/core/1.0}'
GLIB = '{http://www.gtk.org/introspection/glib/1.0}'
C = '{http://www.gtk.org/introspection/c/1.0}'

# What a parameter at the end is when it is left out, where null does not say so.
DEFAULTS = {
    'BackupFlags': 'BackupFlags.NONE', # by its type
    'CompactFlags': 'CompactFlags.NONE',
    'KeyFlags': 'KeyFlags.NONE',
    'format': 'Format.AUTO',
    'length': '-1',
    'n_bins': '10',
    'seed': '-1',
}


@dataclass
class Type:
    name: str                 # as the introspection data has it; of an array that of its elements
    is_array: bool = False
    is_nullable: bool = False


@dataclass
class Parameter:
    name: str
    type: Type
    default: str = None       # null, or a value of DEFAULTS; None: it must be given


@dataclass
class Function:
    name: str
    identifier: str
    kind: str                 # method, function, constructor
    parameters: list
    results: list             # of types: what is returned, then what goes out
    throws: bool
    doc: str

    @property
    def n_needed(self):
        return sum(one.default is None for one in self.parameters)


@dataclass
class Class:
    name: str
    parent: str               # None for records
    kind: str                 # class, record, enumeration, bitfield
    functions: list = field(default_factory=list)
    properties: list = field(default_factory=list)   # of (name, type, is_writable)
    settings: list = field(default_factory=list)     # of options: (name, type), set by methods
    members: list = field(default_factory=list)      # of enumerations: (name, value)
    doc: str = ''


def read_doc(element):
    doc = element.find(CORE + 'doc')
    return '' if doc is None or doc.text is None else doc.text.strip()


def read_type(element):
    array = element.find(CORE + 'array')
    inner = (element if array is None else array).find(CORE + 'type')
    name = 'none' if inner is None else inner.get('name')
    if array is not None and array.get('name') == 'GLib.ByteArray':
        name = 'guint8'
    return Type(name, array is not None,
                element.get('nullable') == '1' or element.get('allow-none') == '1')


def read_parameters(element):
    """Those that a binding passes, and what goes out."""
    listed = element.find(CORE + 'parameters')
    listed = [] if listed is None else listed.findall(CORE + 'parameter')
    hidden = set()
    for one in [*listed, element.find(CORE + 'return-value')]:
        array = one.find(CORE + 'array')
        if array is not None and array.get('length') is not None:
            hidden.add(int(array.get('length')))
        hidden |= {int(one.get(name)) for name in ('closure', 'destroy') if one.get(name) is not None}
    shown, outs = [], []
    for i, one in enumerate(listed):
        if i in hidden or one.get('name') == 'user_data':
            continue
        if one.get('direction') == 'out':
            outs.append(read_type(one))
        else:
            shown.append(Parameter(one.get('name'), read_type(one)))
    may_go = True
    for one in reversed(shown):
        default = 'null' if one.type.is_nullable else DEFAULTS.get(one.name, DEFAULTS.get(one.type.name))
        may_go = may_go and default is not None
        one.default = default if may_go else None
    return shown, outs


def read_function(element, kind):
    parameters, outs = read_parameters(element)
    result = read_type(element.find(CORE + 'return-value'))
    results = [] if result.name == 'none' and not result.is_array else [result]
    return Function(element.get('name'), element.get(C + 'identifier'), kind, parameters,
                    results + outs, element.get('throws') == '1', read_doc(element))


def read_class(element, kind):
    found = Class(element.get('name'), element.get('parent'), kind, doc=read_doc(element))
    for tag in ('constructor', 'function', 'method'):
        for one in element.findall(CORE + tag):
            if one.get('introspectable') != '0':
                found.functions.append(read_function(one, tag))
    for one in element.findall(CORE + 'property'):
        found.properties.append((one.get('name'), read_type(one), one.get('writable') == '1'))
    known = {name.replace('-', '_') for name, _, _ in found.properties}
    for one in found.functions if found.name.endswith('Options') else []:
        if one.name.startswith('set_') and one.name[4:] not in known:
            found.settings.append((one.name[4:], one.parameters[0].type))
    for one in element.findall(CORE + 'member'):
        found.members.append((one.get('name'), int(one.get('value'))))
    return found


def read(path):
    """The classes of the library, and its functions that belong to none."""
    namespace = ElementTree.parse(path).getroot().find(CORE + 'namespace')
    classes = []
    for kind in ('class', 'record', 'enumeration', 'bitfield'):
        for element in namespace.findall(CORE + kind):
            if element.get(GLIB + 'is-gtype-struct-for') is None:
                classes.append(read_class(element, kind))
    functions = [read_function(one, 'function') for one in namespace.findall(CORE + 'function')
                 if one.get('introspectable') != '0' and one.get('moved-to') is None]
    return classes, functions
