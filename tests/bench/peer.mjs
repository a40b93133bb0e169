// The peer's side of the comparison: DuckDB, called and printing as bench-compare.c does.
//
//   node peer.mjs import DATABASE FILE THREADS
//   node peer.mjs run DATABASE SET THREADS [TASK...]
//
// in a folder where `npm install @duckdb/node-api` was run. A query's text is parsed at each call,
// as on the other side. BENCH_CALLS=N has each task called N times.

import {createRequire} from 'module';
import fs from 'fs';

const {DuckDBInstance} = createRequire(`${process.cwd()}/`)('@duckdb/node-api');
const [command, database, argument, threads, ...names] = process.argv.slice(2);

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

async function run_import() {
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

async function run_tasks(set) {
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

if (command === 'import')
  await run_import();
else
  await run_tasks(argument);
