// The peer's side of the comparison: DuckDB, called and printing as bench-compare.c does.
//
//   node peer.mjs import DATABASE FILE THREADS
//   node peer.mjs run DATABASE SET THREADS [TASK...]
//   node peer.mjs ordinary-import DATABASE THREADS NAME FILE [NAME FILE...]
//   node peer.mjs ordinary DATABASE THREADS TASKS
//
// in a folder where `npm install @duckdb/node-api` was run. A query's text is parsed at each call,
// as on the other side. BENCH_CALLS=N has each task called N times.

import {createRequire} from 'module';
import fs from 'fs';

const {DuckDBInstance} = createRequire(`${process.cwd()}/`)('@duckdb/node-api');
const [command, database, ...others] = process.argv.slice(2);
const is_ordinary = command.startsWith('ordinary');
const threads = others[is_ordinary ? 0 : 1];

const median = times => times.sort((a, b) => a - b)[times.length >> 1];

// Milliseconds; with BENCH_CLOCK=cpu those of the processors that the process has used.
function now() {
  if (process.env.BENCH_CLOCK !== 'cpu')
    return Number(process.hrtime.bigint()) / 1e6;
  const {user, system} = process.cpuUsage();
  return (user + system) / 1e3;
}

async function time(call) {
  const begin = now();
  const result = await call();
  return [now() - begin, result];
}

async function connect() {
  const instance = await DuckDBInstance.create(database, {threads});
  const connection = await instance.connect();
  return {
    connection,
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

const rows = async (connection, sql) => (await connection.runAndReadAll(sql)).getRowObjects();
const value = async (connection, sql) => (await connection.runAndReadAll(sql)).getRows()[0][0];

// Integers come as BigInt, dates as objects.
const plain = (key, item) => typeof item === 'bigint' ? Number(item) : item;
const as_json = answer => JSON.stringify(answer, (key, item) =>
  item?.constructor?.name === 'DuckDBDateValue' ? item.toString() : plain(key, item));

const print = (name, ms, answer) => console.log(`${name}\t${ms.toFixed(6)}\t${as_json(answer)}`);

// Tasks: a text whose first value is the answer, or a function. make is for what comes before the
// clock, end for what comes after it.

const filter_one = 'select count(*) from t where birthYear > 1950';
const filter_three = `${filter_one} and career_hr >= 500 and weight < 200`;
const find_one = {
  calls: 31,
  run: async ({connection, n}) => (await rows(connection, `select * from t where playerID =
    'player${String(n - Math.floor(n / 20)).padStart(7, '0')}' limit 1`))[0],
};

async function open_and_filter() {
  const {connection, close} = await connect();
  const answer = await value(connection, filter_one);
  close();
  return answer;
}

async function read_points({connection, n, prepared}) {
  let row;
  for (let i = 0; i < 1000; i++) {
    prepared.bindInteger(1, i * 7919 % n);
    row = await prepared.runAndReadAll();
  }
  return row.getRowObjects()[0];
}

const TASKS = {
  flat: {
    filter: {calls: 31, sql: filter_one},
    count: {calls: 31, sql: filter_one},
    three: {calls: 31, sql: filter_three},
    find: find_one,
    top: {
      calls: 15,
      run: ({connection}) => rows(connection,
        'select playerID, career_hr from t order by career_hr desc limit 10'),
    },
    group: {
      calls: 15,
      run: ({connection}) => rows(connection,
        'select birthYear, count(*) as n, avg(career_hr) as mean from t group by 1'),
    },
    sums: {
      calls: 31,
      run: async ({connection}) => (await rows(connection,
        'select sum(career_hr) as sum, min(weight) as min, max(height) as max from t'))[0],
    },
    export: {
      calls: 1,
      run: async ({connection}) => {
        await connection.run(`copy t to '${database}.out.jsonl' (format json)`);
        return fs.statSync(`${database}.out.jsonl`).size;
      },
      end: () => fs.rmSync(`${database}.out.jsonl`),
    },
    point: {
      calls: 3,
      units: 1000,
      make: async ({connection}) => ({
        prepared: await connection.prepare('select * from t where rowid = $1'),
      }),
      run: read_points,
    },
  },
  shuffled: {
    filter: {calls: 31, sql: filter_one},
    three: {calls: 31, sql: filter_three},
    find: find_one,
    sort: {
      calls: 3,
      sql: 'select count(*) from (select * from t order by career_hits desc, playerID offset 5)',
      answer: async ({connection, n}) => {
        const at = place => value(connection, `select playerID from t
          order by career_hits desc, playerID limit 1 offset ${place}`);
        return [{playerID: await at(5)}, {playerID: await at(Math.floor(n / 2))}];
      },
    },
  },
  nested: {
    optional: {calls: 15, sql: 'select count(*) from t where born.year > 1950'},
    any: {
      calls: 15,
      sql: 'select count(*) from t where len(list_filter(orders, lambda o: o.price > 90)) > 0',
    },
    contains: {calls: 15, sql: "select count(*) from t where contains(notes, 'falcon river')"},
  },
};

async function run_task(name, task, data) {
  Object.assign(data, await task.make?.(data));
  const run = task.sql ? () => value(data.connection, task.sql) : () => task.run(data);
  const first = await run();
  const answer = task.answer ? await task.answer(data) : first;
  const times = [];
  const n_calls = Number(process.env.BENCH_CALLS ?? task.calls);
  for (let i = 0; i < n_calls; i++)
    times.push((await time(run))[0]);
  task.end?.();
  print(name, median(times) / (task.units ?? 1), answer);
}

async function run_import(argument) {
  fs.rmSync(database, {force: true});
  const [ms] = await time(async () => {
    const {connection, close} = await connect();
    await connection.run(`create table t as select * from read_ndjson('${argument}')`);
    await connection.run('checkpoint');
    close();
  });
  const {connection, close} = await connect();
  print('import', ms, await value(connection, 'select count(*) from t'));
  close();
}

async function run_tasks(set, names) {
  const is_asked = name => names.length === 0 || names.includes(name);
  // It needs a closed file.
  if (set === 'flat' && is_asked('open'))
    await run_task('flat/open', {calls: 15, run: open_and_filter}, {});
  const {connection, close} = await connect();
  const data = {connection, n: Number(await value(connection, 'select count(*) from t'))};
  for (const [name, task] of Object.entries(TASKS[set]).filter(([key]) => is_asked(key)))
    await run_task(`${set}/${name}`, task, data);
  close();
}

// Ordinary work: {name, prepare, run, answer} a line, as bench-ordinary.c has it. What is saved into
// {file} has its size for an answer; what gives values is read whole, and is the answer unless there
// is SQL for it.

const ENOUGH_MS = 400;
const SLOW_MS = 1200;
const MIN_CALLS = 3;
const MAX_CALLS = 31;

async function run_ordinary_task(connection, task) {
  const file = `${database}.out`;
  const run = async sql => {
    if (!sql.includes('{file}'))
      return task.answer ? connection.runAndReadAll(sql) : rows(connection, sql);
    await connection.run(sql.replace('{file}', file));
    return fs.statSync(file).size;
  };
  if (task.prepare)
    await connection.run(task.prepare);
  let answer = await run(task.run);
  if (task.answer)
    answer = await rows(connection, task.answer);
  const times = [];
  const n_calls = Number(process.env.BENCH_CALLS ?? MAX_CALLS);
  for (let total = 0; times.length < n_calls &&
       (total < ENOUGH_MS || times.length < MIN_CALLS && total < SLOW_MS);) {
    const [ms] = await time(() => run(task.run));
    times.push(ms);
    total += ms;
  }
  fs.rmSync(file, {force: true});
  print(task.name, median(times), answer);
}

async function run_ordinary(path) {
  const {connection, close} = await connect();
  const lines = fs.readFileSync(path, 'utf8').split('\n').filter(line => line !== '');
  for (const task of lines.map(line => JSON.parse(line))) {
    try {
      await run_ordinary_task(connection, task);
    } catch (error) {
      console.error(`${task.name}: ${error.message}`);
    }
  }
  close();
}

async function import_ordinary(files) {
  fs.rmSync(database, {force: true});
  const {connection, close} = await connect();
  for (let i = 0; i + 1 < files.length; i += 2) {
    await connection.run(`create table ${files[i]} as select * from read_ndjson('${files[i + 1]}')`);
    print(files[i], 0, await value(connection, `select count(*) from ${files[i]}`));
  }
  await connection.run('checkpoint');
  close();
}

if (command === 'import')
  await run_import(others[0]);
else if (command === 'run')
  await run_tasks(others[0], others.slice(2));
else if (command === 'ordinary-import')
  await import_ordinary(others.slice(1));
else
  await run_ordinary(others[1]);
