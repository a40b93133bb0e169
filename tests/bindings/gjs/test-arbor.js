// The API from JavaScript: what closing does, iteration, promises, native values, expressions.
//
// Each test is a function; the first that throws ends the program with status 1.

import Arbor from 'gi://Arbor?version=1.0';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';

const PEOPLE = [
  {name: {first: 'Ada', last: 'Byron'}, height: 66, tags: ['math', 'poetry']},
  {name: {first: 'Bo', last: 'Ek'}, height: 81, birth: {country: 'SE'}, tags: []},
  {name: {first: 'Cy', last: 'Young'}, height: 82.5, birth: {country: 'USA'}},
];

function text(value) {
  return JSON.stringify(value, (key, member) =>
    typeof member === 'bigint' ? `BigInt ${member}` : member);
}

function assertEqual(found, expected) {
  if (text(found) !== text(expected))
    throw new Error(`expected ${text(expected)}, found ${text(found)}`);
}

function assertThrows(domain, code, pattern, func) {
  let result;
  try {
    result = func();
  } catch (error) {
    if (!(error instanceof GLib.Error) || !error.matches(domain, code))
      throw error;
    if (!pattern.test(error.message))
      throw new Error(`"${error.message}" does not match ${pattern}`);
    return;
  }
  throw new Error(`expected code ${code}, got ${result}`);
}

function assertClosed(func) {
  assertThrows(Arbor.Error, Arbor.Error.CLOSED, /^ArborStore has been closed$/, func);
}

function assertTypeError(pattern, func) {
  try {
    func();
  } catch (error) {
    if (!(error instanceof TypeError) || !pattern.test(error.message))
      throw error;
    return;
  }
  throw new Error(`expected a TypeError ${pattern}`);
}

let folder;

function openStore() {
  const store = Arbor.Store.open(`${folder}/test.arbor`);
  store.put('people', PEOPLE);
  return store;
}

function native(arbor) {
  return [...arbor].map(tree => tree.to_native());
}

const tests = {
  // The four behaviours of closing.

  closeInvalidatesDerivedArbors() {
    const store = openStore();
    const stored = store.get('people');
    assertEqual(stored.get_n_trees(), 3);
    store.close();
    assertClosed(() => stored.get_n_trees());
    assertClosed(() => stored.get(0));
    assertClosed(() => store.get('people'));
    assertClosed(() => store.list_names());
  },

  leavingABlockInvalidatesDerivedArbors() {
    let stored;
    const store = openStore();
    try {
      stored = store.get('people');
      assertEqual(stored.get_n_trees(), 3);
    } finally {
      store.close();
    }
    assertClosed(() => stored.get_n_trees());
  },

  closeInvalidatesIterators() {
    const store = openStore();
    const stored = store.get('people');
    const dicts = stored.pick();
    const trees = stored[Symbol.iterator]();
    const iter = stored.iterator();
    assertEqual(dicts.next().value, PEOPLE[0]);
    assertEqual(trees.next().value.to_native(), PEOPLE[0]);
    assertEqual(iter.next_value().to_native(), PEOPLE[0]);
    store.close();
    assertClosed(() => dicts.next());
    assertClosed(() => trees.next());
    assertClosed(() => iter.next_value());
    assertEqual(dicts.is_closed(), true);
  },

  closeInvalidatesFilteredArbors() {
    const store = openStore();
    const filtered = store.get('people').filter(Arbor.path('height').gt(80));
    assertEqual(filtered.get_n_trees(), 2);
    store.close();
    assertClosed(() => filtered.get_n_trees());
    assertClosed(() => [...filtered]);
  },

  memoryIsUntouched() {
    const store = openStore();
    const token = new Arbor.CloseToken();
    const memory = Arbor.from_native(PEOPLE);
    const materialized = store.get('people').filter('height > 80').materialize();
    token.close();
    assertEqual(token.is_closed(), true);
    assertEqual(native(store.get('people')), PEOPLE);
    store.close();
    assertEqual(native(memory), PEOPLE);
    assertEqual(native(materialized), PEOPLE.slice(1));
    assertEqual(materialized.dup_close_token(), null);
    assertClosed(() => token.check());
    assertClosed(() => store.dup_close_token().check());
  },

  errors() {
    const store = openStore();
    const E = Arbor.Error;
    const people = store.get('people');
    assertThrows(E, E.NOT_FOUND, /nobody/, () => store.get('nobody'));
    assertThrows(E, E.OUT_OF_RANGE, /^Index 3 is out of range: the arbor has 3 trees$/,
      () => people.get(3));
    assertThrows(E, E.PARSE, /line 2/, () => Arbor.read_jsonl('{}\n{"a":}\n'));
    assertThrows(E, E.EXPRESSION, /./, () => Arbor.path('a['));
    assertThrows(E, E.INVALID_NAME, /./, () => store.put('', PEOPLE));
    assertThrows(E, E.TYPE, /^Expected a string at 'height', found int$/,
      () => people.get(0).dup_string('height'));
    assertThrows(Gio.IOErrorEnum, Gio.IOErrorEnum.NOT_FOUND, /./,
      () => store.import_file('x', `${folder}/nothing`));
    store.put('people', [1]);
    assertThrows(E, E.STALE, /^Stored arbor 'people' was updated \(expected generation \d+, /,
      () => people.get_n_trees());
    assertEqual(native(store.get('people')), [1]);
    store.close();
    assertThrows(E, E.CLOSED, /has not been opened/, () => new Arbor.Store().list_names());
  },

  storesAndArbors() {
    const store = openStore();
    store.put('short', [{a: 1}, {a: 2}]);
    store.put('view', store.get('people').head(1));
    store.put_many(['x', 'y'], [Arbor.from_native([1]), Arbor.from_native([2])]);
    assertEqual(store.list_names(), ['people', 'short', 'view', 'x', 'y']);
    assertEqual(store.contains('short'), true);
    assertEqual(store.delete('short'), true);
    assertEqual(store.delete('short'), false);
    assertEqual(native(store.get('view')), PEOPLE.slice(0, 1));
    const people = store.get('people');
    assertEqual(native(people.reverse()), [...PEOPLE].reverse());
    assertEqual(native(people.slice(1, 1)), [PEOPLE[1]]);
    assertEqual(native(people.take([2, 0, 2])), [PEOPLE[2], PEOPLE[0], PEOPLE[2]]);
    assertEqual(native(people.sort_by('height', Arbor.SortFlags.DESCENDING)),
        native(people.sort_by([Arbor.path('height')], [Arbor.SortFlags.DESCENDING])));
    assertEqual(native(people.sort_by('height', {descending: true})),
        native(people.sort_by('height', Arbor.SortFlags.DESCENDING)));
    assertEqual(native(people.sort_by(['height'], [{descending: true, nulls_first: true}])),
        native(people.sort_by('height',
            Arbor.SortFlags.DESCENDING | Arbor.SortFlags.NULLS_FIRST)));
    for (const [pattern, wrong] of [
      [/unknown option 'descend'/, () => people.sort_by('height', {descend: true})],
      [/boolean for descending, found number/, () => people.sort_by('height', {descending: 1})],
      [/found string/, () => people.sort_by('height', 'descending')],
      [/found boolean/, () => people.sort_by('height', true)],
      [/at most/, () => people.sort_by('height', 1, 2)],
      [/expression/, () => people.sort_by(5)],
      [/an integer for k, found string/, () => people.top_k('1', 'height')],
      [/argument k is missing/, () => people.top_k()],
      [/an integer for n_trees, found number/, () => people.sample(1.5)],
      [/an integer for seed, found string/, () => people.shuffle('x')],
      [/Duplicates/, () => people.index_by('height', {duplicates: 'least'})],
      [/array of values, found object/, () => people.nest({}, 'height', 'x')],
      [/argument field is missing/, () => people.nest(people, 'height')],
      [/Arbor.JoinKind/, () => people.join(people, 'height', {kind: 'outer'})],
      [/unknown option 'how'/, () => people.join(people, 'height', {how: 'left'})],
      [/an object with duplicates, found string/, () => people.index_by('height', 'first')],
      [/a string for suffix, found number/, () => people.join(people, 'height', {suffix: 1})],
      [/argument other is missing/, () => people.join()],
      [/an integer for n_bins/, () => people.histogram('height', '3')],
      [/argument expr is missing/, () => people.histogram()],
      [/argument predicate is missing/, () => people.filter()],
      [/fields/, () => people.select()],
      [/names of fields, found number/, () => people.select([1])],
      [/expression/, () => people.select({x: 1})],
      [/paths, found number/, () => people.pick(1)],
      [/paths, found number/, () => people.cursor(1)],
      [/array of values, found string/, () => store.put('x', 'text')],
      [/argument arbor is missing/, () => store.put('x')],
      [/boolean descending/, () => Arbor.path('a').sort(null, 'yes')],
    ])
      assertTypeError(pattern, wrong);
    assertEqual([people.is_view, people.head(1).is_view, people.get_is_view()], [false, true, false]);
    assertEqual(native(people.top_k(1, 'height')), native(people.sort_by('height').head(1)));
    assertEqual(native(people.unique_by('height')), PEOPLE);
    assertEqual(native(people.shuffle(1)), native(people.shuffle(1)));
    assertEqual(native(people.sample(100)), PEOPLE);
    assertEqual(/^sort_by height \(not computed\)$/m.test(people.sort_by('height').explain()), true);
    assertEqual(people.to_native(), PEOPLE);
    assertEqual(people.matching_indices('height > 80'), [1, 2]);
    assertEqual(people.count_matches('height > 80'), 2);
    assertEqual(people.find_one('height > 99'), null);
    assertEqual(people.find_one('height > 80').to_native(), PEOPLE[1]);
    assertTypeError(/expected an expression or its text/, () => people.filter(() => true));
    store.close();
  },

  keys() {
    const store = openStore();
    store.set_keys('people', ['height'], Arbor.KeyFlags.UNIQUE, null, null);
    const people = store.get('people');
    assertEqual(people.dup_keys(), ['height']);
    assertEqual([people.keys, people.keys_unique], [['height'], true]);
    assertEqual(people.find(81).to_native(), PEOPLE[1]);
    assertEqual(people.find_int64(81).to_native(), PEOPLE[1]);
    assertEqual(people.find(1), null);
    assertEqual(/key index: height/.test(people.filter('height == 81').explain()), true);
    assertThrows(Arbor.Error, Arbor.Error.EXISTS, /height 81/,
      () => store.append('people', [{height: 81}]));
    store.set_keys('people', ['birth.country', 'height'], Arbor.KeyFlags.NONE, null, null);
    assertEqual(store.get('people').find(['SE', 81]).to_native(), PEOPLE[1]);
    assertEqual(store.upsert('people', null, [{birth: {country: 'SE'}, height: 81, n: 1}]), 1);
    assertEqual(store.get('people').find(['SE', 81]).get_int64('n'), 1);
    store.set_keys('people', null, Arbor.KeyFlags.NONE, null, null);
    assertEqual(store.get('people').dup_keys(), []);
    store.close();
  },

  iteration() {
    const store = openStore();
    const people = store.get('people');
    assertEqual(native(people), PEOPLE);
    for (const tree of people) {
      assertEqual(tree.dup_string('name.last'), 'Byron');
      break;
    }
    const iter = people.iterator();
    for (const tree of iter) {
      assertEqual(tree.to_native(), PEOPLE[0]);
      break;
    }
    assertEqual([...iter].map(tree => tree.get_double('height')), [81, 82.5]);
    assertEqual([...people.pick('height', 'tags[0]')],
      [{'height': 66, 'tags[0]': 'math'}, {height: 81}, {height: 82.5}]);
    assertEqual([...people.pick(['name.last'])],
      [{'name.last': 'Byron'}, {'name.last': 'Ek'}, {'name.last': 'Young'}]);
    const dicts = people.pick();
    for (const dict of dicts) {
      assertEqual(dict, PEOPLE[0]);
      break;
    }
    assertThrows(Arbor.Error, Arbor.Error.CLOSED, /^ArborIter has been closed$/,
      () => dicts.next());
    store.close();
  },

  trees() {
    const tree = Arbor.from_native(PEOPLE).get(0);
    assertEqual(tree.get_kind(), Arbor.Kind.OBJECT);
    assertEqual(tree.dup_keys(), ['name', 'height', 'tags']);
    assertEqual(tree.get_length('tags'), 2);
    assertEqual(tree.get('name').to_native(), PEOPLE[0].name);
    assertEqual(tree.get_member('tags').get_element(-1).dup_string(), 'poetry');
    assertEqual(tree.to_json(), JSON.stringify(PEOPLE[0]));
  },

  nativeValues() {
    const big = 2n ** 53n;
    const values = [
      0, -1, 1.5, 2 ** 53 - 1, big, -big, big + 1n, 2n ** 63n, 2n ** 64n - 1n, 10n ** 400n,
      5e-324, 1.7976931348623157e308, 1e22, true, null, '', 'a\0b', '\0', '\0n5', '\0' + '12',
      '"\0n5', '\\"\0' + '7', '\u00e9\u{1f600}\n"\\', '12345678901234567890', [], {}, [[{}]],
      {'': 1, 'a\0': {'\0': big}, '__proto__': 3, '1e400': [big, '\0']},
    ];
    const store = openStore();
    store.put('odd', values);
    assertEqual(store.get('odd').to_native(), values);
    assertEqual(native(Arbor.from_native(values)), values);
    assertEqual(Arbor.from_native([values]).get(0).to_native(), values);
    assertEqual(Arbor.read_json('[1e400, -1e-400, 0.0e400, 9007199254740993, 1.0, -0.0]').get(0)
      .to_native(), ['1e400', '-1e-400', 0, 9007199254740993n, 1, -0]);
    assertEqual(Object.is(Arbor.read_jsonl('-0.0').get(0).to_native(), -0), true);
    assertEqual(Arbor.read_jsonl(`${2n ** 64n - 1n}`).get(0).dup_number_text(),
      '18446744073709551615');
    assertEqual(native(Arbor.read_jsonl(new TextEncoder().encode('"\u00e9"\n2\n'))),
      ['\u00e9', 2]);
    assertEqual(native(Arbor.read_jsonl(new GLib.Bytes(new Uint8Array([0x31])))), [1]);
    const deep = `${'['.repeat(1000)}${'7'.repeat(30)}${']'.repeat(1000)}`;
    let inner = Arbor.read_json(deep).get(0).to_native();
    for (let i = 0; i < 1000; i++)
      [inner] = inner;
    assertEqual(inner, BigInt('7'.repeat(30)));
    for (const wrong of [NaN, Infinity, [NaN]])
      assertTypeError(/JSON has no/, () => Arbor.from_native([wrong]));
    for (const wrong of [undefined, () => 1])
      assertTypeError(/no JSON value/, () => Arbor.from_native([wrong]));
    /* What JSON.stringify would make an empty object of. */
    for (const wrong of [new Set([1]), Promise.resolve(1), /a/, new Error('a'), new ArrayBuffer(1), new Gio.Cancellable(),
      new GLib.Bytes(new Uint8Array([1]))])
      assertTypeError(/ is no JSON value$/, () => Arbor.from_native([{a: [wrong]}]));
    assertTypeError(/an invalid Date is no JSON value/, () => Arbor.from_native([new Date(NaN)]));
    assertEqual(native(Arbor.from_native([new Map([['x', new Map([[1, 2n ** 60n]])]]), new Float64Array([0.5]),
      new BigInt64Array([2n ** 60n]), new GLib.Variant('a{sv}', {n: new GLib.Variant('x', 5)}), new Date(0),
      GLib.DateTime.new_utc(2024, 1, 2, 3, 4, 5)])),
    [{x: {1: 2n ** 60n}}, [0.5], [2n ** 60n], {n: 5}, '1970-01-01T00:00:00.000Z', '2024-01-02T03:04:05Z']);
    assertTypeError(/expected a string/, () => Arbor.read_jsonl(5));
    const parts = new Arbor.LoadOptions({at: 'd', as_object: 'id', decimals: Arbor.Decimals.EXACT});
    const [members, report] = Arbor.load_bytes('{"d":{"x":{"n":1.50,"n":2.50}}}', parts);
    assertEqual(members.get(0).to_json(), '{"id":"x","n":2.50}');
    assertEqual(report.get_n_repeated_keys(), 1);
    assertEqual(native(Arbor.load_bytes('[1,2]')[0]), [1, 2]);
    assertEqual(native(Arbor.load_bytes('[1,2]', new Arbor.LoadOptions({whole: true}))[0]), [[1, 2]]);
    store.close();
  },

  descriptions() {
    const store = openStore();
    store.put('a', [{a: 1}]);
    const arbor = store.get('a');
    const iter = arbor.iterator();
    iter.next_value();
    const t = store.begin_transaction();
    const report = Arbor.load_bytes('[1]')[1];
    const token = store.dup_close_token();
    const options = new Arbor.LoadOptions({skip_bad: true});
    const matches = arbor.query('$.a');
    const described = () => [iter, t, report, token, options, new Arbor.JoinOptions(), matches].map(one => `${one}`);
    assertEqual(described(), ['ArborIter (at 1)', 'ArborTransaction (open)', 'ArborLoadReport (n bytes 3, n trees 1)',
      'ArborCloseToken (open)', 'ArborLoadOptions (skip_bad true)', 'ArborJoinOptions', 'ArborMatches (1)']);
    t.rollback();
    assertEqual(`${t}`, 'ArborTransaction (rolled_back)');
    assertEqual(`${store.verify()}`, 'ArborReport (sound)');
    assertEqual(/^ArborStats \(.*page size 4096/.test(`${store.get_stats()}`), true);
    store.close();
    assertEqual(described(), ['ArborIter (closed)', 'ArborTransaction (rolled_back)',
      'ArborLoadReport (n bytes 3, n trees 1)', 'ArborCloseToken (closed)', 'ArborLoadOptions (skip_bad true)',
      'ArborJoinOptions', 'ArborMatches (closed)']);
  },

  expressions() {
    const path = Arbor.path;
    for (const [expr, parsed] of [
      [path('a').eq(1), 'a == 1'],
      [path('a').ne(null), 'a != null'],
      [path('a').lt(1.5), 'a < 1.5'],
      [path('a').ge(2n ** 64n), 'a >= 18446744073709551616'],
      [path('a').gt('x').both(path('b').exists()), 'a > "x" and exists(b)'],
      [path('a').either(true).negate(), 'not (a or true)'],
      [path('a').add(1).multiply(2).divide(path('b')).minus(), '-((a + 1) * 2 / b)'],
      [path('a').is_in([1, 'x', null]), 'a in [1, "x", null]'],
      [Arbor.expr('a in ? and not b', [1, "'"]), 'a in [1, "\'"] and not b'],
      [path('t[*]').eq('x').any(), 'any(t[*] == "x")'],
      [path('a').starts_with('x'), 'a starts_with "x"'],
      [path('a').eq([1, {k: 2n ** 53n}]), 'a == [1,{"k":9007199254740992}]'],
      [Arbor.call('len', path('a')).subtract(1), 'len(a) - 1'],
      [path('a').match('^[A-Z]+$'), "a match '^[A-Z]+$'"],
      [path('a').substring(0, 2), 'substring(a, 0, 2)'],
      [path('a').substring(-2), 'substring(a, -2)'],
      [path('a').extract('(x)(y)', 2), 'extract(a, "(x)(y)", 2)'],
      [path('a').split(), 'split(a)'],
      [path('a').split(', ').item(0), 'get(split(a, ", "), 0)'],
      [path('a').is_between(1, 2.5), 'a is_between (1, 2.5)'],
      [path('a').div(10).multiply(10).mod(3), 'a div 10 * 10 mod 3'],
      [path('a').if_null('none'), 'if_null(a, "none")'],
      [path('a').gt(1).when('many', 'few'), 'when a > 1 then "many" otherwise "few"'],
      [path('a').sort(), 'sort(a)'],
      [path('a').sort(null, true), 'sort(a, @, true)'],
      [path('a').sort(Arbor.element('b')), 'sort(a, @.b)'],
      [path('a').week_year(), 'week_year(a)'],
      [path('a').parse_json(), 'parse_json(a)'],
      [path('a').parse_date('%d.%m.%Y'), "parse_date(a, '%d.%m.%Y')"],
      [path('a').date_from_epoch(), 'date_from_epoch(a)'],
      [path('a').date_from_epoch('millisecond'), "date_from_epoch(a, 'millisecond')"],
      [path('a').to_epoch('millisecond'), "to_epoch(a, 'millisecond')"],
      [path('a').collect(), 'collect(a)'],
      [path('a').collect_unique(), 'collect_unique(a)'],
    ]) {
      if (!expr.equal(Arbor.Expr.parse(parsed)))
        throw new Error(`${expr.to_string()} is not ${parsed}`);
    }
    const arbor = Arbor.from_native([1, 2n ** 53n + 1n, 'a\0b', {k: [1]}, null, true]);
    for (const [i, tree] of [...arbor].entries()) {
      const whole = Arbor.from_native([{v: tree.to_native()}]);
      assertEqual(whole.matching_indices(path('v').eq(tree.to_native())), [0]);
      assertEqual(whole.matching_indices(path('v').eq(tree)), [0]);
      assertEqual(native(arbor.slice(i, 1)), [tree.to_native()]);
    }
    const [dated] = Arbor.from_native([{s: '{"a":[1,2]}', d: '3.1.2021', e: 1, v: [2, 1, 2, null]}])
      .select({
        j: path('s').parse_json(), d: path('d').parse_date('%d.%m.%Y'),
        w: path('d').parse_date('%d.%m.%Y').week_year(), e: path('e').date_from_epoch(),
        t: path('d').parse_date('%d.%m.%Y').to_epoch(), c: path('v[*]').collect(),
        u: path('v[*]').collect_unique(),
      });
    assertEqual(dated.to_native(), {j: {a: [1, 2]}, d: '2021-01-03', w: 2020,
      e: '1970-01-01T00:00:01Z', t: 1609632000, c: [2, 1, 2], u: [2, 1]});
    assertTypeError(/no literal/, () => path('a').eq(Symbol('x')));
    assertTypeError(/^match takes 1 to 1 arguments, found 0$/, () => path('a').match());
    assertTypeError(/^round takes 0 to 1 arguments, found 2$/, () => path('a').round(1, 2));
  },

  csv() {
    const [table, report] = Arbor.load_bytes('id;n\n007;1\n',
      new Arbor.LoadOptions({format: Arbor.Format.CSV, types: ['n=text']}));
    assertEqual(native(table), [{id: '007', n: '1'}]);
    assertEqual(report.dup_delimiter(), ';');
    assertEqual(report.dup_columns(), ['id', 'n']);
    assertEqual(report.dup_column_types(), ['text', 'text']);
    assertEqual(report.dup_column_reasons()[1], 'text, as the options say');
    assertEqual(report.dup_notes().length, 2);
    table.save_file(`${folder}/table.csv`);
    assertEqual(new TextDecoder().decode(GLib.file_get_contents(`${folder}/table.csv`)[1]),
      'id,n\n007,1\n');
    table.save_file(`${folder}/table.csv`, Arbor.Format.AUTO, ['n']);
    assertEqual(new TextDecoder().decode(GLib.file_get_contents(`${folder}/table.csv`)[1]), 'n\n1\n');
    const cancellable = new Gio.Cancellable();
    cancellable.cancel();
    let caught = null;
    try {
      table.save_file(`${folder}/nothing`, Arbor.Format.JSON, null, null, cancellable);
    } catch (error) {
      caught = error;
    }
    assertEqual(caught.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), true);
    assertEqual(GLib.file_test(`${folder}/nothing`, GLib.FileTest.EXISTS), false);
  },

  async promises() {
    const store = await Arbor.Store.open_async(`${folder}/async.arbor`);
    assertEqual(await store.put_async('short', [{a: 1}]), true);
    GLib.file_set_contents(`${folder}/lines`, '{"a":1}\n{"a":2}\n');
    const report = await store.import_file_async('lines', `${folder}/lines`);
    assertEqual(report.get_n_trees(), 2);
    assertEqual(native(store.get('lines')), [{a: 1}, {a: 2}]);
    assertEqual(native(store.get('short')), [{a: 1}]);

    const cancellable = new Gio.Cancellable();
    cancellable.cancel();
    let caught = null;
    try {
      await store.import_file_async('more', `${folder}/lines`, null, cancellable);
    } catch (error) {
      caught = error;
    }
    assertEqual(caught.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), true);
    assertEqual(store.contains('more'), false);

    const again = await new Promise(resolve =>
      Arbor.Store.open_async(`${folder}/async.arbor`, null, null,
        (source, result) => resolve(Arbor.Store.open_finish(result))));
    assertEqual(again.list_names(), ['lines', 'short']);
    assertEqual(await again.close_async(), true);
    assertEqual(again.is_closed(), true);
    assertEqual(await again.close_async(null), true);

    store.close();
    caught = null;
    try {
      await store.put_async('short', [{a: 1}]);
    } catch (error) {
      caught = error;
    }
    assertEqual(caught.message, 'ArborStore has been closed');
  },

  async cancelling() {
    const store = openStore();
    // Letters by letters, milliseconds a value of 200: minutes in all.
    const slow = "sum(map(split(s, ''), sum(map(split(s, ''), len(@))))) == 1";
    const rows = Arbor.from_native(Array.from({length: 50000},
      (_, i) => ({i, s: `${'ab'.repeat(100)}${i}`})));
    const key = Arbor.Expr.parse(slow);
    const pipe = `${folder}/pipe`;
    GLib.spawn_command_line_sync(`mkfifo ${pipe}`);
    for (const start of [
      cancellable => store.import_file_async('new', pipe, null, cancellable),
      cancellable => store.put_async('new', rows.filter(slow), cancellable),
      cancellable => rows.sort_by(key).compute_async(cancellable),
      cancellable => rows.filter(slow).compute_async(cancellable),
      cancellable => rows.select({x: slow}).sort_by('x').compute_async(cancellable),
      cancellable => rows.group_by({x: slow}).aggregate({n: 'count()'}).compute_async(cancellable),
      cancellable => rows.get_column_of_async(key, cancellable),
    ]) {
      const cancellable = new Gio.Cancellable();
      GLib.timeout_add(GLib.PRIORITY_DEFAULT, 50, () => {
        cancellable.cancel();
        return GLib.SOURCE_REMOVE;
      });
      let caught = null;
      try {
        await start(cancellable);
      } catch (error) {
        caught = error;
      }
      assertEqual([`${start}`, caught?.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED)],
        [`${start}`, true]);
      assertEqual(store.list_names(), ['people']);
    }
    store.close();
  },

  groups() {
    const lines = Arbor.from_native([{g: 'x', n: 1}, {g: 'y', n: 5}, {g: 'x', n: 3}, {n: 7}]);
    assertEqual(lines.group_by('g').get_n_groups(), lines.group_by(['g']).get_n_groups());
    const groups = lines.group_by({g: 'g'});
    assertEqual(groups.aggregate({n: 'count()', sum: 'sum(n)'}).to_native(),
      [{g: 'x', n: 2, sum: 4}, {g: 'y', n: 1, sum: 5}, {n: 1, sum: 7}]);
    assertEqual([...groups].map(([key, members]) => [key.to_native(), native(members)]),
      [[{g: 'x'}, [{g: 'x', n: 1}, {g: 'x', n: 3}]], [{g: 'y'}, [{g: 'y', n: 5}]],
        [{}, [{n: 7}]]]);
    assertEqual(groups.find(groups.get_key(1)), [true, 1]);
    assertEqual(lines.aggregate({mean: 'mean(n)'}).to_native(), {mean: 4});
    assertEqual(lines.aggregate(['n'], ['count()'], null).to_native(), {n: 4});
    assertEqual(lines.value_counts('g').to_native(),
      [{value: 'x', count: 2}, {value: 'y', count: 1}, {count: 1}]);
    assertEqual(lines.histogram('n', 2).to_native(),
      [{from: 1, to: 4, count: 2}, {from: 4, to: 7, count: 2}]);
    assertEqual(lines.describe().to_native().map(each => each.distinct), [2, 4]);
  },

  progress() {
    const store = openStore();
    const seen = [];
    GLib.file_set_contents(`${folder}/lines`, '1\n2\n');
    store.import_file('n', `${folder}/lines`, null, (done, total) => seen.push([done, total]));
    assertEqual(seen[seen.length - 1], [4, 4]);
    store.close();
  },

  // Transactions, figures, watching.

  transactionsReadTheirOwnWrites() {
    const store = openStore();
    const other = Arbor.Store.open(`${folder}/test.arbor`);
    const staged = store.begin_transaction();
    staged.put('numbers', [1, 2, 3]);
    staged.append('numbers', [4]);
    staged.replace('numbers', 0, 2, ['one']);
    staged.replace('numbers', 1, 1);
    staged.rename('numbers', 'counts');
    assertEqual(staged.delete('people'), true);
    assertEqual(native(staged.get('counts')), ['one', 4]);
    assertEqual(staged.list_names(), ['counts']);
    assertEqual(staged.contains('people'), false);
    other.refresh();
    assertEqual(other.list_names(), ['people']);
    staged.commit();
    other.refresh();
    assertEqual(other.list_names(), ['counts']);
    assertEqual(native(other.get('counts')), ['one', 4]);
    assertThrows(Arbor.Error, Arbor.Error.CLOSED,
      /^The transaction has been committed: begin another one$/, () => staged.get('counts'));

    const open = store.begin_transaction();
    open.put('late', [1]);
    store.close();
    assertClosed(() => open.commit());
    other.refresh();
    assertEqual(other.contains('late'), false);
    other.close();
  },

  transactionsExpect() {
    const store = openStore();
    const other = Arbor.Store.open(`${folder}/test.arbor`);
    const staged = store.begin_transaction();
    staged.expect('nobody', 0);
    staged.append('people', [1]);
    staged.put('a', [1]);
    other.put('people', [2]);
    other.put('nobody', [2]);
    assertThrows(Arbor.Error, Arbor.Error.CONFLICT, /'nobody'.*'people'|'people'.*'nobody'/,
      () => staged.commit());
    staged.rollback();
    store.refresh();
    assertEqual(store.list_names(), ['nobody', 'people']);
    assertEqual(native(store.get('people')), [2]);
    store.close();
    other.close();
  },

  async transactRepeats() {
    const store = openStore();
    const other = Arbor.Store.open(`${folder}/test.arbor`);
    const calls = [];
    const result = await store.transact(async staged => {
      const before = native(staged.get('people')).length;
      calls.push(before);
      if (calls.length < 4)
        other.put('people', new Array(calls.length).fill(0));
      await Promise.resolve();
      staged.append('people', ['mine']);
      return before;
    });
    assertEqual(calls, [3, 1, 2, 3]);
    assertEqual(result, 3);
    assertEqual(native(store.get('people')), [0, 0, 0, 'mine']);

    // It gives up, passes other errors on, and writes nothing then.
    for (const retries of [0, 2]) {
      let n = 0;
      let code = null;
      try {
        await store.transact(staged => {
          n++;
          staged.append('people', ['never']);
          other.put('people', [retries, n]);
        }, {retries});
      } catch (error) {
        code = error.code;
      }
      assertEqual(code, Arbor.Error.CONFLICT);
      assertEqual(n, retries + 1);
    }
    let message = null;
    try {
      await store.transact(staged => {
        staged.put('a', [1]);
        throw new TypeError('mine');
      });
    } catch (error) {
      message = error.message;
    }
    assertEqual(message, 'mine');
    await store.transact(staged => {
      staged.put('a', [1]);
      staged.rollback();
    });
    other.refresh();
    assertEqual(other.list_names(), ['people']);
    assertEqual(native(other.get('people')), [2, 3]);
    store.close();
    other.close();
  },

  async changedComesInTheMainContext() {
    const store = openStore();
    const other = Arbor.Store.open(`${folder}/test.arbor`);
    const all = [];
    const one = [];
    store.connect('changed', (self, name) => all.push(name));
    store.connect('changed::b', (self, name) => one.push(name));
    store.put('a', [1]);
    assertEqual(all, ['a']);
    other.put('z', [1]);
    await store.put_async('b', [1]);
    assertEqual(all, ['a', 'b', 'z']);
    await store.transact(staged => staged.delete('z'));
    assertEqual(all, ['a', 'b', 'z', 'z']);
    assertEqual(one, ['b']);
    store.close();
    other.close();
  },

  watching() {
    const store = openStore();
    const other = Arbor.Store.open(`${folder}/test.arbor`);
    const seen = [];
    store.connect('committed', () => seen.push('committed'));
    store.connect('changed', (self, name) => seen.push(name));
    assertEqual([store.watch, store.auto_refresh], [false, false]);
    store.watch = true;
    store.auto_refresh = true;
    other.put('a', [1]);
    while (!seen.includes('a'))
      GLib.MainContext.default().iteration(true);
    assertEqual(seen, ['committed', 'a']);
    assertEqual(native(store.get('a')), [1]);
    store.close();
    assertEqual(store.watch, false);
    other.close();
  },

  stats() {
    const store = openStore();
    store.put('people', PEOPLE);
    const before = store.get_stats();
    assertEqual([before.get_n_batches_written(), before.get_n_batches_skipped(),
      before.get_n_last_batches_written(), before.get_n_last_batches_skipped()], [1, 1, 0, 1]);
    const iter = store.get('people').iterator();
    iter.next_value();
    store.put('people', [1]);
    const after = store.get_stats();
    assertEqual([after.get_n_snapshots(), after.get_n_pinned()], [2, 1]);
    assertEqual(after.get_file_bytes() % after.get_page_size(), 0);
    iter.close();
    store.close();
    assertEqual(after.get_n_pinned(), 1);
    assertClosed(() => store.get_stats());
  },

  async columns() {
    const store = openStore();
    const people = store.get('people');
    const heights = people.column('height');
    assertEqual(heights.get_layout(), Arbor.ColumnLayout.DOUBLE);
    assertEqual([...heights.to_typed_array()], [66, 81, 82.5]);
    assertEqual(heights.to_native(), [66, 81, 82.5]);
    assertEqual([...heights], [66, 81, 82.5]);
    const names = people.column('name.last');
    assertEqual([...names.to_typed_array()], [0, 1, 2]);
    assertEqual(names.dup_dictionary(), ['Byron', 'Ek', 'Young']);
    const countries = people.column('birth.country');
    assertEqual([...countries.to_typed_array()], [-1, 0, 1]);
    assertEqual([...countries.to_kinds()], [0, 7, 7]);
    assertEqual([...countries.dup_presence().toArray()], [6]);
    assertEqual(countries.to_native(), [null, 'SE', 'USA']);
    assertEqual(people.column('tags').to_native(), [['math', 'poetry'], [], null]);
    assertTypeError(/several kinds/, () => people.column('tags').to_typed_array());
    assertEqual([...people.column(Arbor.path('height').gt(80)).to_typed_array()], [0, 1, 1]);
    assertThrows(Arbor.Error, Arbor.Error.CARDINALITY, /\[\*\]/, () => people.column('tags[*]'));

    const numbers = Arbor.from_native([{a: 9007199254740993n}, {a: -5}, {}, {a: null}]).column('a');
    assertEqual([...numbers.to_typed_array()], [9007199254740993n, -5n, 0n, 0n]);
    assertEqual(numbers.to_native(), [9007199254740993n, -5, null, null]);
    assertThrows(Arbor.Error, Arbor.Error.OUT_OF_RANGE, /9007199254740993/,
      () => numbers.to_float64_array());
    const small = Arbor.from_native([{a: 3}, {}]).column('a').to_float64_array();
    assertEqual([small[0], Number.isNaN(small[1])], [3, true]);
    assertEqual(Arbor.from_native([]).column('a').to_typed_array().length, 0);
    assertEqual(numbers.get_statistics().to_native().distinct, 2);

    assertEqual([...(await people.get_column_async('height')).to_typed_array()], [66, 81, 82.5]);
    store.close();
    assertEqual(heights.to_native(), [66, 81, 82.5]);
    assertClosed(() => people.column('height'));
  },

  cursors() {
    const store = openStore();
    const people = store.get('people');
    const cursor = people.cursor('height', 'name.last');
    const found = [];
    while (cursor.next())
      found.push([cursor.get_position(), cursor.get_double(0), cursor.dup_string(1)]);
    assertEqual(found, [[0, 66, 'Byron'], [1, 81, 'Ek'], [2, 82.5, 'Young']]);
    cursor.seek(1);
    assertEqual(cursor.get_int64(0), 81);
    assertEqual(cursor.dup_number_text(0), '81');
    assertEqual(cursor.get_tree().to_native(), PEOPLE[1]);
    assertThrows(Arbor.Error, Arbor.Error.TYPE, /^Expected a number at 'name.last', found string$/,
      () => cursor.get_int64(1));
    store.close();
    assertClosed(() => cursor.get_int64(0));
    assertClosed(() => cursor.next());
  },

  /* What arrays and Maps have names for. */
  entries() {
    const store = openStore();
    store.put('n', [[1, 2], 'x']);
    const names = ['n', 'people'];
    assertEqual(store.keys(), names);
    assertEqual(store.values().map(arbor => arbor.get_n_trees()), [2, 3]);
    assertEqual(store.entries().map(([name, arbor]) => [name, arbor.get_n_trees()]), [['n', 2], ['people', 3]]);
    assertEqual([...store].map(([name]) => name), names);
    const staged = store.begin_transaction();
    staged.put('m', [1]);
    assertEqual(staged.keys(), ['m', ...names]);
    assertEqual([...staged].map(([name, arbor]) => [name, arbor.get_n_trees()]),
      [['m', 1], ['n', 2], ['people', 3]]);
    staged.clear();
    assertEqual([staged.values(), staged.entries()], [[], []]);
    staged.rollback();

    const person = store.get('people').get(1);
    assertEqual(person.keys(), ['name', 'height', 'birth', 'tags']);
    assertEqual(person.values().map(tree => tree.to_native()), Object.values(PEOPLE[1]));
    assertEqual(person.entries().map(([key, tree]) => [key, tree.to_native()]), Object.entries(PEOPLE[1]));
    assertEqual([...person].length, 4);
    assertEqual([...Arbor.Tree.new([1, 'a'])].map(tree => tree.to_native()), [1, 'a']);
    const odd = Arbor.Tree.new({'a\0b': 1, c: 2});
    assertEqual(odd.entries().map(([key, tree]) => [key, tree.to_native()]), [['a\0b', 1], ['c', 2]]);
    assertThrows(Arbor.Error, Arbor.Error.TYPE, /./, () => Arbor.Tree.new([1]).keys());
    assertThrows(Arbor.Error, Arbor.Error.TYPE, /./, () => [...Arbor.Tree.new(1)]);
    assertTypeError(/found one tree/, () => store.put('x', person));
    assertEqual(native(Arbor.from_native(Arbor.Tree.new([1, {a: 2}]))), [1, {a: 2}]);

    const matches = store.get('people').query('$.name.last');
    assertEqual(matches.paths(), ["$['name']['last']", "$['name']['last']", "$['name']['last']"]);
    assertEqual(matches.entries().map(([path, tree]) => [path, tree.to_native()])[1],
      ["$['name']['last']", 'Ek']);

    const cursor = store.get('people').cursor('height', 'birth');
    const read = [];
    while (cursor.next())
      read.push([cursor.get(0), cursor.get(1, 'none')]);
    assertEqual(read, [[66, 'none'], [81, {country: 'SE'}], [82.5, {country: 'USA'}]]);

    const column = store.get('people').column('name.last');
    assertEqual(column.dictionary(), ['Byron', 'Ek', 'Young']);
    assertEqual(column.to_typed_array(), new Int32Array([0, 1, 2]));
    assertEqual(Arbor.from_native([{a: 1}]).column('b').dictionary(), []);
    assertEqual(store.get('people').column('height').statistics().max, 82.5);
    store.clear();
    assertEqual(store.keys(), []);
    store.close();
    assertClosed(() => store.keys());
    assertClosed(() => store.entries());
    assertClosed(() => store.clear());
    assertClosed(() => person.keys());
    assertClosed(() => [...person]);
    assertClosed(() => cursor.get(0));
  },

  textsAreCode() {
    const store = openStore();
    store.put('a', [{n: 1, s: 'x'}]);
    store.update_where('a', 'n == 1', {n: 'n + 1', s: Arbor.lit('n + 1'), z: 5});
    assertEqual(store.get('a').to_native(), [{n: 2, s: 'n + 1', z: 5}]);
    store.update_where('a', 'true', ['n', 'z'], ['upper(s)', null]);
    assertEqual(store.get('a').to_native(), [{n: 'N + 1', s: 'n + 1', z: null}]);
    assertTypeError(/no tree has 'Boston'; a text is an expression/,
      () => store.update_where('a', 'true', {s: 'Boston'}));
    assertTypeError(/filter computes an expression/, () => Arbor.path('l').filter('@ > 1'));
    assertEqual(store.get('a').check_paths([Arbor.path('S')]), ["no tree has 'S'; there is 's'"]);
    store.close();
  },

  modelsAndSignals() {
    const store = openStore();
    const people = store.get('people');
    const seen = [];
    people.connect('items-changed', (model, ...what) => seen.push(what));
    store.dup_close_token().connect('closed-in-context', () => seen.push('closed'));
    assertEqual(people.get_n_items(), 3);
    assertEqual(people.get_item(1).to_native(), PEOPLE[1]);
    store.close();
    assertEqual(people.get_n_items(), 3);
    assertEqual(people.get_item(1).is_closed(), true);
    assertEqual(seen, []);
    while (seen.length < 2)
      GLib.MainContext.default().iteration(true);
    assertEqual([...seen].sort(), [[0, 3, 0], 'closed'].sort());
    assertEqual(people.get_n_items(), 0);
    assertEqual(people.get_item(0), null);
  },
};

function removeFolder() {
  const names = Gio.File.new_for_path(folder).enumerate_children('standard::name', 0, null);
  for (let info = names.next_file(null); info !== null; info = names.next_file(null))
    GLib.unlink(`${folder}/${info.get_name()}`);
  GLib.rmdir(folder);
}

let status = 0;
for (const [name, test] of Object.entries(tests)) {
  folder = GLib.dir_make_tmp('arbor-gjs-XXXXXX');
  try {
    await test();
    print(`ok ${name}`);
  } catch (error) {
    printerr(`not ok ${name}: ${error}\n${error.stack}`);
    status = 1;
  }
  removeFolder();
}
System.exit(status);
