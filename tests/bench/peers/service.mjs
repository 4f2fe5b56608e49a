// A sender of bulk messages as one usually builds it on Node: a job per recipient (BullMQ on Redis), an HTTP call per job over kept
// connections, and a status row per message (PostgreSQL) that the worker updates when the provider has answered.
//
//   node service.mjs prepare            makes the table, empties everything
//   node service.mjs accept <count>     takes a message to so many: rows, then jobs; prints what that cost
//   node service.mjs work <concurrency> sends until it is told to end
//   node service.mjs counts             prints how rows and jobs stand

import { Queue, Worker } from 'bullmq';
import pg from 'pg';
import { Pool } from 'undici';

const { REDIS_PORT, PG_PORT, PROVIDER_URL } = process.env;
const connection = { host: '127.0.0.1', port: Number(REDIS_PORT), maxRetriesPerRequest: null };
const [command, argument] = process.argv.slice(2);
const database = new pg.Pool({ host: '127.0.0.1', port: Number(PG_PORT), user: 'bench', database: 'postgres', max: 20 });
const BODY = 'Dear customer, our shop in Nakuru is open again from nine to six, every day but Sunday.';
const BATCH = 1_000;

async function prepare() {
  await database.query(`
    DROP TABLE IF EXISTS deliveries;
    CREATE TABLE deliveries (
      id bigint PRIMARY KEY, message_id bigint NOT NULL, phone text NOT NULL, status text NOT NULL, provider_id text,
      attempts integer NOT NULL DEFAULT 0, sent_at timestamptz, created_at timestamptz NOT NULL DEFAULT now());
    CREATE INDEX deliveries_of_message ON deliveries (message_id);`);
  const queue = new Queue('send', { connection });
  await queue.obliterate({ force: true });
  await queue.close();
}

async function accept(count) {
  const queue = new Queue('send', {
    connection,
    defaultJobOptions: { attempts: 3, backoff: { type: 'exponential', delay: 1_000 }, removeOnComplete: true },
  });
  for (let from = 0; from < count; from += BATCH) {
    const people = Array.from({ length: Math.min(BATCH, count - from) }, (_, index) => {
      const id = from + index;
      return { id, phone: `+2547${String(id).padStart(8, '0')}` };
    });
    await database.query(
      `INSERT INTO deliveries (id, message_id, phone, status) SELECT id, 1, phone, 'PENDING' FROM unnest($1::bigint[], $2::text[]) AS t (id, phone)`,
      [people.map((person) => person.id), people.map((person) => person.phone)],
    );
    await queue.addBulk(people.map((person) => ({ name: 'sms', data: { ...person, body: BODY } })));
  }
  await queue.close();
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ cpu: (user + system) / 1e6, memory: process.resourceUsage().maxRSS * 1024 }));
}

async function work(concurrency) {
  const provider = new Pool(PROVIDER_URL, { connections: concurrency, pipelining: 1 });
  const worker = new Worker(
    'send',
    async ({ data }) => {
      const { statusCode, body } = await provider.request({
        method: 'POST',
        path: '/send',
        headers: { 'content-type': 'application/json', authorization: 'Bearer secret-of-the-benchmark' },
        body: JSON.stringify({ to: data.phone, text: data.body, ref: String(data.id) }),
      });
      const answer = await body.json();
      if (statusCode !== 200) throw new Error(`the provider answered with ${statusCode}`);
      await database.query({
        name: 'sent',
        text: `UPDATE deliveries SET status = 'SENT', provider_id = $2, attempts = attempts + 1, sent_at = now() WHERE id = $1`,
        values: [data.id, answer.id],
      });
    },
    { connection, concurrency },
  );
  worker.on('error', (error) => console.error(error.message));
  await worker.waitUntilReady();
  console.log('ready');
  process.on('SIGTERM', async () => {
    await worker.close();
    process.exit(0);
  });
}

async function counts() {
  const queue = new Queue('send', { connection });
  const jobs = await queue.getJobCounts('wait', 'active', 'delayed', 'failed', 'prioritized');
  const { rows } = await database.query(`SELECT status, count(*)::int AS count FROM deliveries GROUP BY status`);
  await queue.close();
  console.log(JSON.stringify({ jobs, rows: Object.fromEntries(rows.map((row) => [row.status, row.count])) }));
}

switch (command) {
  case 'prepare': await prepare(); break;
  case 'accept': await accept(Number(argument)); break;
  case 'work': await work(Number(argument)); break;
  case 'counts': await counts(); break;
  default: throw new Error(`expected prepare, accept, work or counts, not ${command}`);
}
if (command !== 'work') await database.end();
