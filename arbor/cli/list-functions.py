"""Lists the functions of expressions for completion: list-functions.py TABLE OUTPUT.h|OUTPUT.vala"""

import pathlib
import re
import sys

table, output = sys.argv[1:]
names = sorted(set(re.findall(r'^\* ([a-z_]\w*) ?\(', pathlib.Path(table).read_text('utf-8'), re.MULTILINE)))
opening = ('namespace Browser {\n  public const string[] FUNCTIONS = {\n' if output.endswith('.vala')
           else 'static const char *const arbor_cli_functions[] = {\n')
pathlib.Path(output).write_text(
    '/* Made from expressions.table. */\n' + opening + ''.join(f'  "{name}",\n' for name in names) + '};\n'
    + ('}\n' if output.endswith('.vala') else ''), 'utf-8')
