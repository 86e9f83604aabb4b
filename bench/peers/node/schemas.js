// The answers, as Fastify's serializer (fast-json-stringify) wants to know them.

const text = { type: 'string' };
const number = { type: 'number' };
const integer = { type: 'integer' };
const flag = { type: 'boolean' };
const time = { type: 'string', format: 'date-time' };
const json = {};
const maybe = (schema) => ({ ...schema, nullable: true });

const object = (properties) => ({ type: 'object', properties });
const page = (item) =>
  object({ items: { type: 'array', items: item }, next_cursor: maybe(text) });

const tweet = object({
  id: text,
  external_id: text,
  author_handle: text,
  text_preview: text,
  created_at: time,
  relevance_score: maybe(number),
  status: text,
  has_draft: flag,
  flags: json,
});

const action = object({
  id: text,
  draft_id: text,
  user_id: text,
  type: text,
  reason: maybe(text),
  final_text: maybe(text),
  final_html: maybe(text),
  diff: json,
  edit_distance: maybe(integer),
  created_at: time,
  redacted_at: maybe(time),
});

const reply = object({
  id: text,
  conversation_id: maybe(text),
  tweet_id: maybe(text),
  draft_id: text,
  status: text,
  final_text: maybe(text),
  final_html: maybe(text),
  scheduled_for: maybe(time),
  hold_reason: maybe(text),
  attempts: integer,
  max_attempts: integer,
  locked_by: maybe(text),
  lease_expires_at: maybe(time),
  error: maybe(text),
  external_id: maybe(text),
  message_id: maybe(text),
  sent_at: maybe(time),
  created_at: time,
  updated_at: time,
  redacted_at: maybe(time),
  revision: integer,
});

const draft = {
  id: text,
  version: integer,
  status: text,
  model_key: text,
  prompt_version: text,
  prompt_version_id: maybe(text),
  suggested_text: maybe(text),
  suggested_html: maybe(text),
  top_sources: json,
  trigger_message_id: maybe(text),
  style_score: maybe(number),
  toxicity_score: maybe(number),
  created_at: time,
  revision: integer,
};

export const tweets = page(tweet);

export const draftDetail = object({
  ...draft,
  conversation_id: maybe(text),
  tweet_id: maybe(text),
  author_user_id: maybe(text),
  tokens_in: maybe(integer),
  tokens_out: maybe(integer),
  cost_micros: maybe(integer),
  latency_ms: maybe(integer),
  superseded_by_id: maybe(text),
  superseded_reason: maybe(text),
  last_message_id: maybe(text),
  updated_at: time,
  redacted_at: maybe(time),
  actions: { type: 'array', items: action },
  scheduled_reply: maybe(reply),
});

export const feed = page(
  object({
    id: text,
    channel_id: text,
    external_id: text,
    subject: maybe(text),
    status: text,
    customer_email: maybe(text),
    customer_name: maybe(text),
    last_inbound_at: maybe(time),
    last_message_id: maybe(text),
    message: maybe(
      object({
        id: text,
        external_id: maybe(text),
        subject: maybe(text),
        body_text: maybe(text),
        body_html: maybe(text),
        sent_at: time,
      }),
    ),
    draft: maybe(object(draft)),
  }),
);

export const decision = object({
  id: text,
  conversation_id: maybe(text),
  tweet_id: maybe(text),
  version: integer,
  status: text,
  revision: integer,
  action,
  scheduled_reply: maybe(reply),
  learning_sample_id: maybe(text),
  warnings: { type: 'array', items: text },
});

export const runDetail = object({
  id: text,
  user_id: text,
  external_id: maybe(text),
  company_id: text,
  company_name: text,
  document_name: text,
  document_url: text,
  document_type: maybe(text),
  document_size: maybe(integer),
  pipeline_version: maybe(text),
  status: text,
  current_stage: integer,
  attempts: integer,
  max_attempts: integer,
  error_message: maybe(text),
  lease_expires_at: maybe(time),
  due_at: time,
  started_at: maybe(time),
  completed_at: maybe(time),
  duration_ms: maybe(integer),
  created_at: time,
  updated_at: time,
  revision: integer,
  cards: {
    type: 'array',
    items: object({
      id: text,
      number: integer,
      title: text,
      tagline: text,
      problem: text,
      solution: text,
      why_now: text,
      target_segment: text,
      quick_win: text,
      starred: flag,
    }),
  },
  report: maybe(
    object({
      id: text,
      inspiration1_title: text,
      inspiration1_content: text,
      inspiration1_elements: { type: 'array', items: text },
      inspiration2_title: text,
      inspiration2_content: text,
      inspiration2_elements: { type: 'array', items: text },
      created_at: time,
      updated_at: time,
    }),
  ),
  stages: {
    type: 'array',
    items: object({
      stage_number: integer,
      name: text,
      status: text,
      markdown_output: maybe(text),
      json_output: json,
      created_at: time,
      updated_at: time,
    }),
  },
});

export const received = object({
  channel_id: text,
  conversation_id: text,
  conversation_status: text,
  message_id: text,
  created: flag,
  job_id: maybe(text),
  version: integer,
  warnings: { type: 'array', items: text },
});
