// node-pg on Draftroom's schema.

import { page, refuse, serve, tenantId } from './server.js';
import { part, pool, statements, transaction } from './statements.js';

const rows = statements('sql', tenantId);

serve({
  async listTweets({ status, limit, after: [, id] }) {
    return page(await rows(pool, 'list_tweets', status, id, limit + 1), limit, 'created_at');
  },

  async getRun(id, userId) {
    const [[run], cards, stages] = await Promise.all([
      rows(pool, 'get_run', id, userId),
      rows(pool, 'list_cards', id, userId),
      rows(pool, 'list_stages', id, userId),
    ]);
    if (!run) throw refuse(404);
    return { ...run, cards, report: part(run, 'report'), stages };
  },

  async getDraft(id) {
    const found = await rows(pool, 'get_draft', id);
    if (found.length === 0) throw refuse(404);
    const actions = found.map((row) => part(row, 'action')).filter(Boolean);
    return { ...found[0], actions, scheduled_reply: part(found[0], 'reply') };
  },

  async feed({ limit, after }) {
    const found = await rows(pool, 'feed', ...after, limit + 1);
    const items = found.map((row) => ({
      ...row,
      message: part(row, 'message'),
      draft: part(row, 'draft'),
    }));
    return page(items, limit, 'last_inbound_at');
  },

  approve(id, userId) {
    return transaction(async (client) => {
      await client.query('SET CONSTRAINTS ALL DEFERRED');
      const [locked] = await rows(client, 'lock_draft', id);
      if (!locked) throw refuse(404);
      if (locked.status !== 'pending') throw refuse(409);
      const texts = [locked.suggested_text.trim(), locked.suggested_html];
      const [draft] = await rows(client, 'approve_draft', id);
      const [action] = await rows(client, 'insert_action', id, userId, ...texts);
      const [reply] = await rows(client, 'insert_reply', draft.conversation_id, id, ...texts);
      return { ...draft, action, scheduled_reply: reply, learning_sample_id: null, warnings: [] };
    });
  },

  receiveMessage(body) {
    return transaction(async (client) => {
      const [channel] = await rows(
        client,
        'find_channel',
        body.channel_type,
        body.channel_external_id,
      );
      const [conversation] = await rows(
        client,
        'upsert_conversation',
        channel.id,
        body.conversation_external_id,
        body.subject,
        body.customer_email,
        body.customer_name,
      );
      const [message] = await rows(
        client,
        'insert_message',
        conversation.id,
        body.external_id,
        body.subject,
        body.body_text,
      );
      if (!message) throw refuse(409);
      const ids = { conversation_id: conversation.id, message_id: message.id };
      const [job] = await rows(client, 'insert_job', message.id, ids);
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
