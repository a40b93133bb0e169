"""What README.md says can be done: its commands exist, and its programs are the tested examples.

Usage: check-readme.py SOURCE_ROOT ARBOR

Each block marked c, python, js or vala must stand in examples/quickstart.* as it is, but for its
indentation. In blocks marked sh, ./paths must be executable files, and each `arbor` command must know
the options that are named. Links to files must lead somewhere.
"""

import pathlib
import re
import shlex
import subprocess
import sys
import textwrap

BLOCK = re.compile(r'^```(\w*)\n(.*?)^```$', re.MULTILINE | re.DOTALL)
LINK = re.compile(r'\]\(([^)#:]+)\)')
SUFFIXES = {'c': 'c', 'python': 'py', 'js': 'js', 'vala': 'vala'}


def contains(program, block):
    """Whether the block's lines stand in the program, all moved by the same indentation."""
    lines, wanted = program.splitlines(), textwrap.dedent(block).splitlines()
    for start in range(len(lines) - len(wanted) + 1):
        part = textwrap.dedent('\n'.join(lines[start:start + len(wanted)])).splitlines()
        if [line.rstrip() for line in part] == wanted:
            return True
    return False


def check_command(root, arbor, line):
    words = shlex.split(line, comments=True)
    if not words:
        return
    if words[0].startswith('./'):
        path = root / words[0]
        if not (path.is_file() and path.stat().st_mode & 0o111):
            yield f'{words[0]} is not an executable file'
    elif words[0] == 'arbor':
        help_text = subprocess.run([arbor, words[1], '--help'], check=True, text=True,
                                   stdout=subprocess.PIPE).stdout
        for word in words[2:]:
            if word.startswith('--') and f'{word} '.split('=')[0].strip() not in help_text:
                yield f'arbor {words[1]} knows no option {word}'


def main():
    root, arbor = pathlib.Path(sys.argv[1]), sys.argv[2]
    text = (root / 'README.md').read_text('utf-8')
    problems, languages, commands = [], set(), []
    for language, block in BLOCK.findall(text):
        if language in SUFFIXES:
            languages.add(language)
            name = f'examples/quickstart.{SUFFIXES[language]}'
            if not contains((root / name).read_text('utf-8'), block):
                problems.append(f'the {language} block is not a part of {name}:\n{block}')
        elif language == 'sh':
            commands += block.splitlines()
    for line in commands:
        problems += check_command(root, arbor, line)
    for link in LINK.findall(text):
        if not (root / link).exists():
            problems.append(f'the link to {link} leads nowhere')
    for needed in ('./examples/quickstart.sh', './tests/run.sh'):
        if needed not in commands:
            problems.append(f'the command {needed} is not shown')
    for language in sorted(SUFFIXES.keys() - languages):
        problems.append(f'no block in {language}')
    print('\n'.join(problems) or f'{len(commands)} commands, {len(languages)} languages')
    return 1 if problems else 0


sys.exit(main())
