"""The wrong calls of mistakes.table that Vala can make, as a program that makes them.

Usage: make-mistakes.py TABLE OUTPUT
"""

import json
import pathlib
import sys

PROGRAM = '''/* Made by make-mistakes.py. */

delegate void Call () throws Error;

string folder;
int n_wrong;

void check (string code, string words, Call call) {
  try {
    call ();
    stderr.printf ("%%s: no error\\n", code);
  } catch (Error error) {
    var said = error.message.replace (folder, "<folder>");
    if (said == words || words.has_suffix ("…") && said.has_prefix (words.replace ("…", ""))) {
      return;
    }
    stderr.printf ("%%s\\n  expected %%s\\n  found %%s\\n", code, words, said);
  }
  n_wrong++;
}

int main () {
  try {
    folder = DirUtils.make_tmp ("arbor-mistakes-XXXXXX");
    var store = Arbor.Store.open (folder + "/test.arbor");
    store.put ("people", Arbor.read_jsonl (new Bytes (%s.data)));
    var people = store["people"];
    var tree = people[0];
    var closed = Arbor.Store.open (folder + "/closed.arbor");
    closed.close ();
%s
    store.close ();
    foreach (var name in new string[] { "test", "closed" }) {
      FileUtils.unlink (@"$folder/$name.arbor");
      FileUtils.unlink (@"$folder/$name.arbor-lock");
    }
    DirUtils.remove (folder);
  } catch (Error error) {
    stderr.printf ("%%s\\n", error.message);
    return 1;
  }
  return n_wrong == 0 ? 0 : 1;
}
'''
LINES = '{"name":"Ada","height":66,"tags":["a"]}\n{"name":"Bo","height":81,"tags":["a"]}\n'


def main():
    calls = []
    for line in pathlib.Path(sys.argv[1]).read_text(encoding='utf-8').splitlines():
        if line and not line.startswith('#'):
            _, _, code, words = line.split(' | ')
            if code != '-':
                calls.append('    check (%s, %s, () => { %s; });' % (
                    json.dumps(code), json.dumps(words, ensure_ascii=False), code))
    pathlib.Path(sys.argv[2]).write_text(PROGRAM % (json.dumps(LINES), '\n'.join(calls)), encoding='utf-8')


main()
