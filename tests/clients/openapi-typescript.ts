// What the README, docs/reply-desk.md and a pipeline do, through openapi-fetch with the types that openapi-typescript
// made.
import createClient from "openapi-fetch";
import type { components, paths } from "./openapi-typescript.gen.js";

type Card = components["schemas"]["NewPipelineCard"];

const person = { "Draftroom-User": process.env.PERSON! };
const api = createClient<paths>({
  baseUrl: process.env.URL!,
  headers: { Authorization: `Bearer ${process.env.KEY}` },
});

async function done<T>(call: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data, error } = await call;
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
}

async function send(external_id: string) {
  const claimed = await done(api.POST("/v1/scheduled-replies/claim", { body: { worker: "poster-1" } }));
  const { id, lease_id } = claimed.items[0]!;
  return done(
    api.POST("/v1/scheduled-replies/{reply_id}/confirm", {
      params: { path: { reply_id: id } },
      body: { lease_id, external_id },
    }),
  );
}

async function tour(): Promise<unknown[]> {
  const { conversation_id } = await done(
    api.POST("/v1/intake/messages", {
      body: {
        channel_type: "email",
        channel_external_id: "help@example.com",
        conversation_external_id: "TICKET-7",
        external_id: "MESSAGE-7",
        body_text: "When will my order ship?",
      },
    }),
  );
  const jobs = await done(api.POST("/v1/jobs/claim", { body: { type: "draft", worker: "drafter-1" } }));
  const draft = await done(
    api.POST("/v1/conversations/{conversation_id}/drafts", {
      params: { path: { conversation_id } },
      body: {
        model_key: "gpt-4o-mini",
        prompt_version: "v1",
        suggested_text: "Hi Kim, it ships on Tuesday.",
        cost_micros: 5500,
        job_id: jobs.items[0]!.id,
        lease_id: jobs.items[0]!.lease_id,
      },
    }),
  );
  const feed = await done(api.GET("/v1/drafts/feed", { params: { query: { pending_only: true } } }));
  const shown = feed.items[0]!.draft!;
  const decision = await done(
    api.POST("/v1/drafts/{draft_id}/edit", {
      params: { path: { draft_id: draft.id }, header: { ...person, "If-Match": `"${shown.revision}"` } },
      body: { mode: "now", final_text: "Hi Kim, it ships on Friday." },
    }),
  );
  const confirmed = await send("OUT-7");
  const samples = await done(api.GET("/v1/learning-samples"));
  const timeline = await done(
    api.GET("/v1/conversations/{conversation_id}/timeline", { params: { path: { conversation_id } } }),
  );
  return [
    shown.suggested_text,
    decision.status,
    confirmed.status,
    samples.items[0]!.edit_distance,
    timeline.items.map((entry) => entry.kind),
  ];
}

async function desk(): Promise<unknown[]> {
  const episode = await done(
    api.POST("/v1/episodes", {
      body: {
        title: "How it ships",
        transcript_url: "https://example.com/12.txt",
        steps: ["chunking", "summary"],
      },
    }),
  );
  const params = { path: { episode_id: episode.id, name: "summary" } };
  const step = await done(api.POST("/v1/episodes/{episode_id}/steps/{name}/start", { params }));
  const finished = await done(
    api.POST("/v1/episodes/{episode_id}/steps/{name}/finish", { params, body: { ok: true } }),
  );
  const reserved = await done(api.POST("/v1/quota/reserve", { body: { kind: "search", count: 30 } }));
  const received = await done(
    api.POST("/v1/tweets/batch", {
      body: {
        tweets: [
          {
            external_id: "1790000000000000001",
            author_handle: "listener",
            full_text: "Which episode was about shipping?",
            episode_id: episode.id,
          },
        ],
      },
    }),
  );
  const tweet = { path: { tweet_id: received.items[0]!.id! } };
  const classified = await done(
    api.POST("/v1/tweets/{tweet_id}/classify", {
      params: tweet,
      body: { score: 0.91, status: "relevant" },
    }),
  );
  const { id: prompt_id } = await done(
    api.POST("/v1/prompts", {
      body: { kind: "reply", label: "reply_v1", system_prompt: "Be brief.", user_template: "{tweet}" },
    }),
  );
  const prompt = { path: { prompt_id } };
  await done(api.POST("/v1/prompts/{prompt_id}/activate", { params: prompt, body: { reason: "first" } }));
  const draft = await done(
    api.POST("/v1/tweets/{tweet_id}/drafts", {
      params: tweet,
      body: {
        model_key: "claude-3.5",
        prompt_version_id: prompt_id,
        suggested_text: "Episode 12, from minute 20.",
        style_score: 0.9,
        toxicity_score: 0.01,
        cost_micros: 5500,
      },
    }),
  );
  const run = await done(
    api.POST("/v1/model-runs", {
      body: {
        run_type: "DRAFT_REPLY",
        input_ref: received.items[0]!.id,
        model: "claude-3.5",
        cost_micros: 5500,
      },
    }),
  );
  const tweets = await done(
    api.GET("/v1/tweets", { params: { query: { status: "relevant|drafted" } } }),
  );
  await done(
    api.POST("/v1/drafts/{draft_id}/edit", {
      params: { path: { draft_id: draft.id }, header: person },
      body: { mode: "now", final_text: "Episode 12, from minute 21." },
    }),
  );
  await send("1790000000000000002");
  const posted = await done(api.GET("/v1/tweets/{tweet_id}", { params: tweet }));
  const costs = await done(api.GET("/v1/model-runs/costs", { params: { query: { by: "model" } } }));
  const counted = await done(api.POST("/v1/prompts/{prompt_id}/recompute-metrics", { params: prompt }));
  const quota = await done(api.GET("/v1/quota"));
  return [
    step.status,
    finished.status,
    reserved.remaining,
    classified.status,
    run.cost_micros,
    tweets.items[0]!.has_draft,
    posted.status,
    costs.items[0]!.cost_micros,
    counted.approval_rate,
    quota.used,
  ];
}

async function pipeline(): Promise<unknown[]> {
  const run = await done(
    api.POST("/v1/pipeline-runs", {
      params: { header: person },
      body: {
        company_id: "lactalis-canada",
        company_name: "Lactalis Canada",
        document_name: "trends.pdf",
        document_url: "https://example.com/trends.pdf",
        document_type: "application/pdf",
      },
    }),
  );
  const params = { path: { pipeline_run_id: run.id } };
  const claimed = await done(api.POST("/v1/pipeline-runs/claim", { body: { worker: "pipeline-1" } }));
  const lease_id = claimed.items[0]!.lease_id;
  for (const stage_number of [1, 2, 3, 4]) {
    await done(
      api.POST("/v1/pipeline-runs/{pipeline_run_id}/stages", {
        params,
        body: { lease_id, stage_number, status: "completed", markdown_output: `# Stage ${stage_number}` },
      }),
    );
  }
  await done(
    api.POST("/v1/pipeline-runs/{pipeline_run_id}/report", {
      params,
      body: {
        lease_id,
        inspiration1_title: "Milk in bottles",
        inspiration1_content: "They come back.",
        inspiration2_title: "Cheese by post",
        inspiration2_content: "It keeps.",
      },
    }),
  );
  const cards = [1, 2, 3, 4, 5].map((number): Card => ({
    number,
    title: `Card ${number}`,
    tagline: "Fresh.",
    problem: "Waste.",
    solution: "Less.",
    why_now: "Now.",
    target_segment: "Households.",
    quick_win: "One street.",
  }));
  const completed = await done(
    api.POST("/v1/pipeline-runs/{pipeline_run_id}/complete", {
      params,
      body: { lease_id, markdown_output: "# Five opportunities", cards },
    }),
  );
  const shown = await done(
    api.GET("/v1/pipeline-runs/{pipeline_run_id}", { params: { ...params, header: person } }),
  );
  await done(
    api.PUT("/v1/opportunity-cards/{opportunity_card_id}/star", {
      params: { path: { opportunity_card_id: shown.cards[0]!.id }, header: person },
      body: { starred: true },
    }),
  );
  const starred = await done(
    api.GET("/v1/opportunity-cards", { params: { header: person, query: { starred: true } } }),
  );
  return [
    completed.status,
    shown.stages.length,
    shown.report!.inspiration1_title,
    starred.items.map((card) => card.title),
  ];
}

console.log(JSON.stringify({ tour: await tour(), desk: await desk(), pipeline: await pipeline() }));
