// node-pg on the plain schema; the application makes the ids, and writes the audit in the same transaction.

import { randomBytes } from 'node:crypto';
import { page, refuse, serve } from './server.js';
import { part, pool, statements, transaction } from './statements.js';

const ACCOUNT = '00000000-0000-7000-8000-000000000001';
const rows = statements('sql/plain');

const newId = () => `c${Date.now().toString(36)}${randomBytes(8).toString('hex')}`;
const before = (at) => (at === 'infinity' ? at : new Date(at));

const audit = (client, userId, action, type, id, diff) =>
  rows(client, 'insert_audit', newId(), userId, action, type, id, diff);

serve({
  async listTweets({ status, limit, after: [at] }) {
    const found = await rows(pool, 'list_tweets', status, before(at), limit + 1);
    return page(found, limit, 'created_at');
  },

  async getRun(id, userId) {
    const [[run], cards, stages] = await Promise.all([
      rows(pool, 'get_run', id, userId),
      rows(pool, 'list_cards', id),
      rows(pool, 'list_stages', id),
    ]);
    if (!run) throw refuse(404);
    return { ...run, cards, report: part(run, 'report'), stages };
  },

  async getDraft(id) {
    const found = await rows(pool, 'get_draft', id);
    if (found.length === 0) throw refuse(404);
    return { ...found[0], actions: found.map((row) => part(row, 'action')).filter(Boolean) };
  },

  async feed({ limit, after: [at] }) {
    const found = await rows(pool, 'feed', ACCOUNT, before(at), limit + 1);
    const items = found.map((row) => ({
      ...row,
      message: part(row, 'message'),
      draft: part(row, 'draft'),
    }));
    return page(items, limit, 'updated_at');
  },

  approve(id, userId) {
    return transaction(async (client) => {
      const [draft] = await rows(client, 'send_draft', id);
      if (!draft) throw refuse(409);
      const texts = [draft.suggested_text.trim(), draft.suggested_html];
      const [message] = await rows(
        client,
        'insert_reply',
        newId(),
        draft.conversation_id,
        ...texts,
      );
      const [action] = await rows(
        client,
        'insert_action',
        newId(),
        id,
        userId,
        ...texts,
        message.id,
      );
      await audit(client, userId, 'APPROVE', 'draft', id, { status: ['pending', 'sent'] });
      return { ...draft, action };
    });
  },

  receiveMessage(body) {
    return transaction(async (client) => {
      const [channel] = await rows(client, 'find_channel', body.channel_external_id);
      const [conversation] = await rows(
        client,
        'upsert_conversation',
        newId(),
        channel.account_id,
        channel.id,
        body.conversation_external_id,
        body.subject,
        body.customer_email,
        body.customer_name,
      );
      const [message] = await rows(
        client,
        'insert_message',
        newId(),
        conversation.id,
        body.external_id,
        body.subject,
        body.body_text,
      );
      const ids = { conversation_id: conversation.id, message_id: message.id };
      const [job] = await rows(client, 'insert_job', newId(), channel.account_id, ids);
      await audit(client, null, 'CREATE', 'message', message.id, ids);
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
