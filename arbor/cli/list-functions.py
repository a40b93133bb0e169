"""Lists the functions of expressions for completion: list-functions.py TABLE OUTPUT"""

import pathlib
import re
import sys

table, output = sys.argv[1:]
names = sorted(set(re.findall(r'^\* ([a-z_]\w*) ?\(', pathlib.Path(table).read_text('utf-8'), re.MULTILINE)))
pathlib.Path(output).write_text(
    '/* Made from expressions.table. */\nstatic const char *const arbor_cli_functions[] = {\n'
    + ''.join(f'  "{name}",\n' for name in names) + '};\n', 'utf-8')
