// What both Node peers share: two processes, Fastify, the key's check, cursors, and the routes with their answers.
// A peer brings a function for each route; it gets what the route got, and returns the answer.

import cluster from 'node:cluster';
import { timingSafeEqual } from 'node:crypto';
import Fastify from 'fastify';
import * as schemas from './schemas.js';

export const databaseUrl = process.env.BENCH_DATABASE_URL;
export const tenantId = process.env.BENCH_TENANT_ID;
export const poolSize = 8; // connections of each of the two processes, as Draftroom's POOL_SIZE

const FIRST = ['infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
const credential = Buffer.from(`Bearer ${process.env.BENCH_KEY}`);

function isAllowed(authorization = '') {
  const given = Buffer.from(authorization);
  return given.length === credential.length && timingSafeEqual(given, credential);
}

// One row more than the page has tells whether another page follows.
export function page(items, limit, key) {
  if (items.length <= limit) return { items, next_cursor: null };
  items.length = limit;
  const last = items[limit - 1];
  const cursor = JSON.stringify([last[key], last.id]);
  return { items, next_cursor: Buffer.from(cursor).toString('base64url') };
}

const paged = ({ limit = '30', cursor }) => ({
  limit: Number(limit),
  after: cursor ? JSON.parse(Buffer.from(cursor, 'base64url')) : FIRST,
});

export function refuse(statusCode) {
  return Object.assign(new Error('refused'), { statusCode });
}

export function serve(peer) {
  if (cluster.isPrimary) {
    cluster.fork();
    cluster.fork();
    return;
  }
  const app = Fastify();
  app.addHook('onRequest', async (request) => {
    if (!isAllowed(request.headers.authorization)) throw refuse(401);
  });
  const answers = (status, schema) => ({ schema: { response: { [status]: schema } } });

  app.get('/v1/tweets', answers(200, schemas.tweets), ({ query }) =>
    peer.listTweets({ status: query.status, ...paged(query) }),
  );
  app.get('/v1/pipeline-runs/:id', answers(200, schemas.runDetail), ({ params, headers }) =>
    peer.getRun(params.id, headers['draftroom-user']),
  );
  app.get('/v1/drafts/feed', answers(200, schemas.feed), ({ query }) => peer.feed(paged(query)));
  app.get('/v1/drafts/:id', answers(200, schemas.draftDetail), ({ params }) =>
    peer.getDraft(params.id),
  );
  app.post('/v1/drafts/:id/approve', answers(200, schemas.decision), ({ params, headers }) =>
    peer.approve(params.id, headers['draftroom-user']),
  );
  app.post('/v1/intake/messages', answers(201, schemas.received), (request, reply) => {
    reply.code(201);
    return peer.receiveMessage(request.body);
  });
  app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
}
