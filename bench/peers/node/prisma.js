// Prisma 7 with its driver adapter for node-pg, on Draftroom's schema.

import { PrismaPg } from '@prisma/adapter-pg';
import prisma from './generated/index.js';
import { statementName } from './names.js';
import { databaseUrl, page, poolSize, refuse, serve, tenantId } from './server.js';

// Prisma sends every value as a parameter, `status: 'open'` too: under a generic plan no index on open rows only could be
// used. So it alone keeps PostgreSQL's own choice between custom and generic plans, which costs it less.
const adapter = new PrismaPg(
  { connectionString: databaseUrl, max: poolSize, options: '-c plan_cache_mode=auto' },
  { statementNameGenerator: statementName },
);
const db = new prisma.PrismaClient({ adapter });

// Prisma compares no rows: a keyset of two columns is an OR.
function olderThan([at, id], key) {
  if (at === 'infinity') return { [key]: { not: null } };
  return { OR: [{ [key]: { lt: at } }, { [key]: at, id: { lt: id } }] };
}

const columns = (...names) => Object.fromEntries(names.map((name) => [name, true]));

const FEED = {
  ...columns('id', 'channel_id', 'external_id', 'subject', 'status', 'customer_email'),
  ...columns('customer_name', 'last_inbound_at', 'last_message_id'),
  messages: {
    select: columns('id', 'external_id', 'subject', 'body_text', 'body_html', 'sent_at'),
    where: { direction: 'inbound' },
    orderBy: [{ sent_at: 'desc' }, { id: 'desc' }],
    take: 1,
  },
  drafts: {
    select: columns(
      ...['id', 'version', 'status', 'model_key', 'prompt_version', 'prompt_version_id'],
      ...['suggested_text', 'suggested_html', 'top_sources', 'trigger_message_id'],
      ...['style_score', 'toxicity_score', 'created_at', 'revision'],
    ),
    where: { status: 'pending' },
  },
};

serve({
  async listTweets({ status, limit, after: [, id] }) {
    const found = await db.tweets.findMany({
      include: {
        drafts: { select: { id: true }, where: { status: { in: ['pending', 'approved'] } } },
      },
      where: { tenant_id: tenantId, status, id: { lt: id } },
      orderBy: { id: 'desc' },
      take: limit + 1,
    });
    const items = found.map(({ drafts, ...tweet }) => ({ ...tweet, has_draft: drafts.length > 0 }));
    return page(items, limit, 'created_at');
  },

  async getRun(id, userId) {
    const run = await db.runs.findUnique({
      where: { tenant_id_id: { tenant_id: tenantId, id }, user_id: userId },
      include: {
        cards: { orderBy: { number: 'asc' } },
        report: true,
        stages: { orderBy: { stage_number: 'asc' } },
      },
    });
    if (!run) throw refuse(404);
    const duration = run.completed_at && run.started_at && run.completed_at - run.started_at;
    return { ...run, duration_ms: duration };
  },

  async getDraft(id) {
    const draft = await db.drafts.findUnique({
      where: { tenant_id_id: { tenant_id: tenantId, id } },
      include: {
        actions: { orderBy: [{ created_at: 'asc' }, { id: 'asc' }] },
        scheduled_reply: true,
        conversation: { select: { last_message_id: true } },
      },
    });
    if (!draft) throw refuse(404);
    return { ...draft, last_message_id: draft.conversation?.last_message_id ?? null };
  },

  async feed({ limit, after }) {
    const found = await db.conversations.findMany({
      select: FEED,
      where: { tenant_id: tenantId, status: 'open', ...olderThan(after, 'last_inbound_at') },
      orderBy: [{ last_inbound_at: 'desc' }, { id: 'desc' }],
      take: limit + 1,
    });
    const items = found.map(({ messages, drafts, ...conversation }) => ({
      ...conversation,
      message: messages[0] ?? null,
      draft: drafts[0] ?? null,
    }));
    return page(items, limit, 'last_inbound_at');
  },

  approve(id, userId) {
    return db.$transaction(async (tx) => {
      await tx.$executeRaw`SET CONSTRAINTS ALL DEFERRED`;
      const where = { tenant_id_id: { tenant_id: tenantId, id } };
      // Two approvals at once: the second waits for the row, and then finds it no longer pending.
      const draft = await tx.drafts
        .update({ where: { ...where, status: 'pending' }, data: { status: 'approved' } })
        .catch((error) => {
          throw error.code === 'P2025' ? refuse(409) : error;
        });
      const texts = { final_text: draft.suggested_text.trim(), final_html: draft.suggested_html };
      const own = { tenant_id: tenantId, draft_id: id, ...texts };
      const action = await tx.draft_actions.create({
        data: { ...own, user_id: userId, type: 'approve' },
      });
      const reply = await tx.scheduled_replies.create({
        data: {
          ...own,
          conversation_id: draft.conversation_id,
          status: 'scheduled',
          scheduled_for: new Date(),
        },
      });
      return { ...draft, action, scheduled_reply: reply, learning_sample_id: null, warnings: [] };
    });
  },

  receiveMessage(body) {
    return db.$transaction(async (tx) => {
      const channel = await tx.channels.findUnique({
        where: {
          tenant_id_type_external_id: {
            tenant_id: tenantId,
            type: body.channel_type,
            external_id: body.channel_external_id,
          },
        },
      });
      const { subject, customer_email, customer_name } = body;
      const own = {
        tenant_id: tenantId,
        channel_id: channel.id,
        external_id: body.conversation_external_id,
      };
      const conversation = await tx.conversations.upsert({
        where: { tenant_id_channel_id_external_id: own },
        create: { ...own, subject, customer_email, customer_name },
        update: { status: 'open', customer_email, customer_name },
      });
      const message = await tx.messages.create({
        data: {
          tenant_id: tenantId,
          conversation_id: conversation.id,
          external_id: body.external_id,
          direction: 'inbound',
          subject,
          body_text: body.body_text,
        },
      });
      const ids = { conversation_id: conversation.id, message_id: message.id };
      const job = await tx.jobs.create({
        data: { tenant_id: tenantId, type: 'draft', unique_key: message.id, payload: ids },
      });
      return {
        ...ids,
        channel_id: channel.id,
        conversation_status: conversation.status,
        created: true,
        job_id: job.id,
        version: 1,
        warnings: [],
      };
    });
  },
});
