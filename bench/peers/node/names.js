// A name for each of Prisma's statements, so that each is prepared once per connection.

import { createHash } from 'node:crypto';

const names = new Map();

export function statementName({ sql }) {
  let name = names.get(sql);
  if (!name) {
    name = createHash('sha1').update(sql).digest('hex');
    names.set(sql, name);
  }
  return name;
}
