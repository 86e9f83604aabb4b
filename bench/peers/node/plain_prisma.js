// Prisma 7 with its driver adapter for node-pg, on the plain schema; the application writes the audit in the same
// transaction.

import { PrismaPg } from '@prisma/adapter-pg';
import prisma from './generated_plain/index.js';
import { statementName } from './names.js';
import { databaseUrl, page, poolSize, refuse, serve } from './server.js';

const ACCOUNT = '00000000-0000-7000-8000-000000000001';

const adapter = new PrismaPg(
  { connectionString: databaseUrl, max: poolSize },
  { statementNameGenerator: statementName },
);
const db = new prisma.PrismaClient({ adapter });

const before = (key, at) => (at === 'infinity' ? {} : { [key]: { lt: new Date(at) } });
const columns = (...names) => Object.fromEntries(names.map((name) => [name, true]));

const FEED = {
  ...columns('id', 'channel_id', 'external_id', 'subject', 'status', 'customer_email'),
  ...columns('customer_name', 'updated_at'),
  messages: {
    select: columns('id', 'external_id', 'subject', 'body_text', 'body_html', 'sent_at'),
    where: { direction: 'inbound' },
    orderBy: { sent_at: 'desc' },
    take: 1,
  },
  drafts: {
    select: columns(
      ...['id', 'status', 'model_key', 'prompt_version', 'suggested_text', 'suggested_html'],
      ...['top_sources', 'trigger_message_id', 'created_at'],
    ),
    where: { status: 'pending' },
  },
};

serve({
  async listTweets({ status, limit, after: [at] }) {
    const found = await db.tweets.findMany({
      where: { status, ...before('created_at', at) },
      orderBy: { created_at: 'desc' },
      take: limit + 1,
      include: {
        drafts: { select: { id: true }, where: { status: { in: ['pending', 'approved'] } } },
      },
    });
    const items = found.map(({ drafts, ...tweet }) => ({ ...tweet, has_draft: drafts.length > 0 }));
    return page(items, limit, 'created_at');
  },

  async getRun(id, userId) {
    const run = await db.runs.findUnique({
      where: { id, user_id: userId },
      include: {
        cards: { orderBy: { number: 'asc' } },
        report: true,
        stages: { orderBy: { stage_number: 'asc' } },
      },
    });
    if (!run) throw refuse(404);
    return run;
  },

  async getDraft(id) {
    const draft = await db.drafts.findUnique({
      where: { id },
      include: { actions: { orderBy: { created_at: 'asc' } } },
    });
    if (!draft) throw refuse(404);
    return draft;
  },

  async feed({ limit, after: [at] }) {
    const found = await db.conversations.findMany({
      select: FEED,
      where: { account_id: ACCOUNT, status: 'open', ...before('updated_at', at) },
      orderBy: { updated_at: 'desc' },
      take: limit + 1,
    });
    const items = found.map(({ messages, drafts, ...conversation }) => ({
      ...conversation,
      message: messages[0] ?? null,
      draft: drafts[0] ?? null,
    }));
    return page(items, limit, 'updated_at');
  },

  approve(id, userId) {
    return db.$transaction(async (tx) => {
      // Two approvals at once: the second waits for the row, and then finds it no longer pending.
      const draft = await tx.drafts
        .update({ where: { id, status: 'pending' }, data: { status: 'sent' } })
        .catch((error) => {
          throw error.code === 'P2025' ? refuse(409) : error;
        });
      const final = { text: draft.suggested_text.trim(), html: draft.suggested_html };
      const message = await tx.messages.create({
        data: {
          conversation_id: draft.conversation_id,
          direction: 'outbound',
          body_text: final.text,
          body_html: final.html,
        },
      });
      const action = await tx.draft_actions.create({
        data: {
          draft_id: id,
          user_id: userId,
          type: 'approve',
          final_text: final.text,
          final_html: final.html,
          message_id: message.id,
        },
      });
      await tx.audit_events.create({
        data: {
          user_id: userId,
          action: 'APPROVE',
          entity_type: 'draft',
          entity_id: id,
          diff: { status: ['pending', 'sent'] },
        },
      });
      return { ...draft, action };
    });
  },

  receiveMessage(body) {
    return db.$transaction(async (tx) => {
      const channel = await tx.channels.findUnique({
        where: { external_id: body.channel_external_id },
      });
      const { subject, customer_email, customer_name } = body;
      const external_id = body.conversation_external_id;
      const conversation = await tx.conversations.upsert({
        where: { external_id },
        create: {
          account_id: channel.account_id,
          channel_id: channel.id,
          external_id,
          subject,
          customer_email,
          customer_name,
        },
        update: { status: 'open', customer_email, customer_name },
      });
      const message = await tx.messages.create({
        data: {
          conversation_id: conversation.id,
          external_id: body.external_id,
          direction: 'inbound',
          subject,
          body_text: body.body_text,
        },
      });
      const ids = { conversation_id: conversation.id, message_id: message.id };
      const job = await tx.job_queue.create({
        data: { account_id: channel.account_id, job_type: 'draft', payload: ids },
      });
      await tx.audit_events.create({
        data: { action: 'CREATE', entity_type: 'message', entity_id: message.id, diff: ids },
      });
      return {
        ...ids,
        channel_id: channel.id,
        conversation_status: conversation.status,
        created: true,
        job_id: job.id,
      };
    });
  },
});
