// node-pg with named statements, so that each is prepared once per connection; rows nested by hand.

import { readFileSync } from 'node:fs';
import pg from 'pg';
import { databaseUrl, poolSize } from './server.js';

pg.types.setTypeParser(pg.types.builtins.INT8, Number); // counts, below 2^53
pg.types.setTypeParser(pg.types.builtins.TIMESTAMP, (text) => new Date(`${text}Z`));

export const pool = new pg.Pool({ connectionString: databaseUrl, max: poolSize });

// Runs the statements of a folder by their names; `first` are their first values.
export function statements(folder, ...first) {
  const known = {};
  const text = (name) =>
    (known[name] ??= readFileSync(new URL(`../${folder}/${name}.sql`, import.meta.url), 'utf8'));
  return async (client, name, ...values) =>
    (await client.query({ name, text: text(name), values: [...first, ...values] })).rows;
}

export async function transaction(work) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const done = await work(client);
    await client.query('COMMIT');
    return done;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

// The columns with the prefix, without it; null if a LEFT JOIN found nothing.
export function part(row, prefix) {
  if (row[`${prefix}_id`] === null) return null;
  const found = {};
  for (const name in row) {
    if (name.startsWith(prefix) && name[prefix.length] === '_')
      found[name.slice(prefix.length + 1)] = row[name];
  }
  return found;
}
