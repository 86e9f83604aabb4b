// What the README, docs/reply-desk.md and a pipeline do, through the client that @hey-api/openapi-ts made: it checks
// each request and each answer with zod.
import * as api from "./hey-api/sdk.gen.js";
import { client } from "./hey-api/client.gen.js";
import type { NewPipelineCard, ScheduledReply } from "./hey-api/types.gen.js";

const headers = { "Draftroom-User": process.env.PERSON! };
client.setConfig({ baseUrl: process.env.URL!, auth: process.env.KEY!, throwOnError: true });

async function done<T>(call: Promise<{ data: T }>): Promise<NonNullable<T>> {
  const { data } = await call;
  if (data == null) throw new Error("there is no answer");
  return data;
}

async function send(external_id: string): Promise<ScheduledReply> {
  const claimed = await done(api.claimReplies({ throwOnError: true, body: { worker: "poster-1" } }));
  const reply = claimed.items[0]!;
  const body = { lease_id: reply.lease_id, external_id };
  return done(api.confirmReply({ throwOnError: true, path: { reply_id: reply.id }, body }));
}

async function tour(): Promise<unknown[]> {
  const { conversation_id } = await done(
    api.receiveMessage({
      throwOnError: true,
      body: {
        channel_type: "email",
        channel_external_id: "help@example.com",
        conversation_external_id: "TICKET-7",
        external_id: "MESSAGE-7",
        body_text: "When will my order ship?",
      },
    }),
  );
  const jobs = await done(api.claimJobs({ throwOnError: true, body: { type: "draft", worker: "drafter-1" } }));
  const draft = await done(
    api.createDraft({
      throwOnError: true,
      path: { conversation_id },
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
  const feed = await done(api.listDraftFeed({ throwOnError: true, query: { pending_only: true } }));
  const shown = feed.items[0]!.draft!;
  const decision = await done(
    api.editDraft({
      throwOnError: true,
      path: { draft_id: draft.id },
      headers: { ...headers, "If-Match": `"${shown.revision}"` },
      body: { mode: "now", final_text: "Hi Kim, it ships on Friday." },
    }),
  );
  const confirmed = await send("OUT-7");
  const samples = await done(api.listLearningSamples({ throwOnError: true }));
  const timeline = await done(api.listConversationTimeline({ throwOnError: true, path: { conversation_id } }));
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
    api.createEpisode({
      throwOnError: true,
      body: {
        title: "How it ships",
        transcript_url: "https://example.com/12.txt",
        steps: ["chunking", "summary"],
      },
    }),
  );
  const path = { episode_id: episode.id, name: "summary" };
  const step = await done(api.startEpisodeStep({ throwOnError: true, path }));
  const finished = await done(api.finishEpisodeStep({ throwOnError: true, path, body: { ok: true } }));
  const reserved = await done(api.reserveQuota({ throwOnError: true, body: { kind: "search", count: 30 } }));
  const received = await done(
    api.receiveTweets({
      throwOnError: true,
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
  const tweet_id = received.items[0]!.id!;
  const classified = await done(
    api.classifyTweet({ throwOnError: true, path: { tweet_id }, body: { score: 0.91, status: "relevant" } }),
  );
  const prompt = await done(
    api.createPrompt({
      throwOnError: true,
      body: { kind: "reply", label: "reply_v1", system_prompt: "Be brief.", user_template: "{tweet}" },
    }),
  );
  const prompt_id = prompt.id;
  await done(api.activatePrompt({ throwOnError: true, path: { prompt_id }, body: { reason: "first" } }));
  const draft = await done(
    api.createTweetDraft({
      throwOnError: true,
      path: { tweet_id },
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
    api.recordModelRun({
      throwOnError: true,
      body: { run_type: "DRAFT_REPLY", input_ref: tweet_id, model: "claude-3.5", cost_micros: 5500 },
    }),
  );
  const tweets = await done(api.listTweets({ throwOnError: true, query: { status: "relevant|drafted" } }));
  await done(
    api.editDraft({
      throwOnError: true,
      path: { draft_id: draft.id },
      headers,
      body: { mode: "now", final_text: "Episode 12, from minute 21." },
    }),
  );
  await send("1790000000000000002");
  const posted = await done(api.getTweet({ throwOnError: true, path: { tweet_id } }));
  const costs = await done(api.sumModelCosts({ throwOnError: true, query: { by: "model" } }));
  const counted = await done(api.recomputePromptMetrics({ throwOnError: true, path: { prompt_id } }));
  const quota = await done(api.getQuota({ throwOnError: true }));
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
    api.createPipelineRun({
      throwOnError: true,
      headers,
      body: {
        company_id: "lactalis-canada",
        company_name: "Lactalis Canada",
        document_name: "trends.pdf",
        document_url: "https://example.com/trends.pdf",
        document_type: "application/pdf",
      },
    }),
  );
  const path = { pipeline_run_id: run.id };
  const claimed = await done(api.claimPipelineRuns({ throwOnError: true, body: { worker: "pipeline-1" } }));
  const lease_id = claimed.items[0]!.lease_id;
  for (const stage_number of [1, 2, 3, 4]) {
    const markdown_output = `# Stage ${stage_number}`;
    const body = { lease_id, stage_number, status: "completed" as const, markdown_output };
    await done(api.reportPipelineStage({ throwOnError: true, path, body }));
  }
  await done(
    api.reportPipelineInspirations({
      throwOnError: true,
      path,
      body: {
        lease_id,
        inspiration1_title: "Milk in bottles",
        inspiration1_content: "They come back.",
        inspiration2_title: "Cheese by post",
        inspiration2_content: "It keeps.",
      },
    }),
  );
  const cards = [1, 2, 3, 4, 5].map((number): NewPipelineCard => ({
    number,
    title: `Card ${number}`,
    tagline: "Fresh.",
    problem: "Waste.",
    solution: "Less.",
    why_now: "Now.",
    target_segment: "Households.",
    quick_win: "One street.",
  }));
  const body = { lease_id, markdown_output: "# Five opportunities", cards };
  const completed = await done(api.completePipelineRun({ throwOnError: true, path, body }));
  const shown = await done(api.getPipelineRun({ throwOnError: true, path, headers }));
  const opportunity_card_id = shown.cards[0]!.id;
  await done(
    api.starOpportunityCard({
      throwOnError: true,
      path: { opportunity_card_id },
      headers,
      body: { starred: true },
    }),
  );
  const starred = await done(api.listOpportunityCards({ throwOnError: true, headers, query: { starred: true } }));
  return [
    completed.status,
    shown.stages.length,
    shown.report!.inspiration1_title,
    starred.items.map((card) => card.title),
  ];
}

console.log(JSON.stringify({ tour: await tour(), desk: await desk(), pipeline: await pipeline() }));
