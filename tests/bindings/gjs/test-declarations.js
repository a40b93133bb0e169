/* What is declared is there, and what is there is declared: Arbor.d.ts, which is the argument, beside the
 * module as it is. */

import Arbor from 'gi://Arbor?version=1.0';
import Gio from 'gi://Gio';
import System from 'system';

/* Names of the members of each class in the text. */
function readDeclarations(text) {
  const classes = {};
  for (const [, name, body] of text.matchAll(/^export class (\w+).*?\{\n(.*?)^\}/gms)) {
    classes[name] = {members: new Set(), statics: new Set(), properties: new Set(['toString'])};
    for (const [, property] of body.matchAll(/^ {4}(?:readonly )?(\w+): /gm))
      classes[name].properties.add(property);
    for (const [, isStatic, member] of body.matchAll(/^ {4}(static )?\[?'?(\w+)'?\]?[(<]/gm))
      classes[name][isStatic ? 'statics' : 'members'].add(member);
  }
  return classes;
}

function isPublic(owner, name) {
  let value;
  try {
    value = owner[name];
  } catch {
    return false;
  }
  return !name.startsWith('_') && name !== 'constructor' && !name.endsWith('_finish') &&
    !name.startsWith('vfunc_') && typeof value === 'function';
}

const [, contents] = Gio.File.new_for_path(ARGV[0]).load_contents(null);
const classes = readDeclarations(new TextDecoder().decode(contents));
const problems = [];
let n = 0;
for (const [name, {members, statics, properties}] of Object.entries(classes)) {
  if (Arbor[name] === undefined)
    continue;
  for (const [owner, declared, what] of [[Arbor[name].prototype, members, ''],
    [Arbor[name], statics, 'static ']]) {
    for (const member of declared) {
      n++;
      if (typeof owner[member] !== 'function' && !['connect', 'disconnect', 'notify'].includes(member))
        problems.push(`${name}: ${what}${member} is declared and not there`);
    }
    for (const member of Object.getOwnPropertyNames(owner)) {
      if (what === '' && isPublic(owner, member) && !declared.has(member) &&
        !properties.has(member))
        problems.push(`${name}: ${what}${member} is there and not declared`);
    }
  }
}
if (n < 400)
  problems.push(`only ${n} members were found`);
for (const problem of problems)
  printerr(problem);
System.exit(problems.length > 0 ? 1 : 0);
