// Ways to read one integer of each tree from JavaScript (GJS): bench-ways.c tells more.
//
//   gjs -m ways.js STORE     prints a line a way: its key, nanoseconds a tree (the median), the sum

import Arbor from 'gi://Arbor?version=1.0';
import GLib from 'gi://GLib';
import System from 'system';

const N_RUNS = 3;
const PATH = 'career_hits';

function sumOf(items, get) {
  let sum = 0;
  for (const item of items)
    sum += get(item);
  return sum;
}

// Nanoseconds; with BENCH_CLOCK=cpu those that this thread was on a processor.
function now() {
  if (GLib.getenv('BENCH_CLOCK') !== 'cpu')
    return GLib.get_monotonic_time() * 1000;
  const [, bytes] = GLib.file_get_contents('/proc/thread-self/schedstat');
  return parseInt(new TextDecoder().decode(bytes));
}

const getInteger = tree => tree.get_int64(PATH);
const getField = fields => fields[PATH];

function nextMany(arbor) {
  const trees = arbor.iterator();
  let sum = 0;
  for (let many = trees.next_many(1000); many.length > 0; many = trees.next_many(1000))
    sum += sumOf(many, getInteger);
  return sum;
}

function getEach(arbor) {
  const n = arbor.get_n_trees();
  let sum = 0;
  for (let i = 0; i < n; i++)
    sum += arbor.get(i).get_int64(PATH);
  return sum;
}

const parseLines = arbor => sumOf(arbor.to_jsonl().trimEnd().split('\n'),
  line => JSON.parse(line)[PATH]);
const select = arbor => arbor.select([PATH], [Arbor.path(PATH)]);

function readCursor(arbor) {
  const cursor = arbor.cursor(PATH);
  let sum = 0;
  while (cursor.next())
    sum += cursor.get_int64(0);
  return sum;
}

const sumNumbers = numbers => numbers.reduce((sum, number) => sum + number, 0);

// What gives a function has been timed before that is called.
const WAYS = {
  cursor: readCursor,
  buffer: arbor => {
    const numbers = arbor.column(PATH).to_float64_array();
    return () => sumNumbers(numbers);
  },
  column: arbor => sumNumbers(arbor.column(PATH).to_float64_array()),
  iterate: arbor => sumOf(arbor, getInteger),
  next_many: nextMany,
  index: getEach,
  pick: arbor => sumOf(arbor.pick(PATH), getField),
  native: arbor => sumOf(select(arbor).to_native(), getField),
  jsonl: arbor => parseLines(select(arbor)),
  jsonl_all: parseLines,
  aggregate: arbor => arbor.aggregate(['sum'], [Arbor.Expr.parse(`sum(${PATH})`)]).get_int64('sum'),
};

const store = Arbor.Store.open(ARGV[0]);
const arbor = store.get('data');
const n = arbor.get_n_trees();
for (const [key, way] of Object.entries(WAYS)) {
  const times = [];
  let sum;
  for (let i = 0; i < N_RUNS; i++) {
    const begin = now();
    sum = way(arbor);
    times.push(now() - begin);
    if (typeof sum === 'function')
      sum = sum();
    System.gc();
  }
  times.sort((a, b) => a - b);
  print(`${key}\t${(times[N_RUNS >> 1] / n).toFixed(3)}\t${sum}`);
}
store.close();
