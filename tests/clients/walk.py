"""What the README, docs/reply-desk.md and a pipeline do, through the client that openapi-python-client made."""

import json
import os
from typing import TypeVar
from uuid import UUID

from draftroom_client import AuthenticatedClient, models
from draftroom_client.api.drafts import (
    claim_replies,
    confirm_reply,
    create_draft,
    create_tweet_draft,
    edit_draft,
    list_draft_feed,
    list_learning_samples,
)
from draftroom_client.api.inbox import list_conversation_timeline, receive_message
from draftroom_client.api.models import (
    activate_prompt,
    create_prompt,
    get_quota,
    recompute_prompt_metrics,
    record_model_run,
    reserve_quota,
    sum_model_costs,
)
from draftroom_client.api.operations import claim_jobs
from draftroom_client.api.pipelines import (
    claim_pipeline_runs,
    complete_pipeline_run,
    create_pipeline_run,
    get_pipeline_run,
    list_opportunity_cards,
    report_pipeline_inspirations,
    report_pipeline_stage,
    star_opportunity_card,
)
from draftroom_client.api.tweets import (
    classify_tweet,
    create_episode,
    finish_episode_step,
    get_tweet,
    list_tweets,
    receive_tweets,
    start_episode_step,
)
from draftroom_client.types import Unset

T = TypeVar("T")

client = AuthenticatedClient(os.environ["URL"], os.environ["KEY"])
PERSON = os.environ["PERSON"]


def done(answer: T | models.Problem | None) -> T:
    assert answer is not None
    assert not isinstance(answer, models.Problem), answer
    return answer


def given(value: T | Unset | None) -> T:
    assert value is not None
    assert not isinstance(value, Unset)
    return value


def tour() -> list[object]:
    received = done(
        receive_message.sync(
            client=client,
            body=models.IntakeMessage(
                channel_type=models.ChannelType.EMAIL,
                channel_external_id="help@example.com",
                conversation_external_id="TICKET-7",
                external_id="MESSAGE-7",
                body_text="When will my order ship?",
            ),
        )
    )
    claim = models.JobClaim(type_=models.JobType.DRAFT, worker="drafter-1")
    [job] = done(claim_jobs.sync(client=client, body=claim)).items
    draft = done(
        create_draft.sync(
            received.conversation_id,
            client=client,
            body=models.NewDraft(
                model_key="gpt-4o-mini",
                prompt_version="v1",
                suggested_text="Hi Kim, it ships on Tuesday.",
                cost_micros=5500,
                job_id=job.id,
                lease_id=job.lease_id,
            ),
        )
    )
    [item] = done(list_draft_feed.sync(client=client, pending_only=True)).items
    shown = given(item.draft)
    decision = done(
        edit_draft.sync(
            draft.id,
            client=client,
            draftroom_user=PERSON,
            if_match=f'"{shown.revision}"',
            body=models.DraftEdit(
                mode=models.ReplyMode.NOW, final_text="Hi Kim, it ships on Friday."
            ),
        )
    )
    confirmed = send("OUT-7")
    [sample] = done(list_learning_samples.sync(client=client)).items
    timeline = done(list_conversation_timeline.sync(received.conversation_id, client=client)).items
    return [
        shown.suggested_text,
        decision.status,
        confirmed.status,
        sample.edit_distance,
        [entry.kind for entry in timeline],
    ]


def send(external_id: str) -> models.ScheduledReply:
    claimed = done(claim_replies.sync(client=client, body=models.ReplyClaim(worker="poster-1")))
    [reply] = claimed.items
    body = models.ReplyConfirmation(lease_id=reply.lease_id, external_id=external_id)
    return done(confirm_reply.sync(reply.id, client=client, body=body))


def desk() -> list[object]:
    new_episode = models.NewEpisode(
        title="How it ships",
        transcript_url="https://example.com/12.txt",
        steps=["chunking", "summary"],
    )
    episode = done(create_episode.sync(client=client, body=new_episode))
    step = done(start_episode_step.sync(episode.id, "summary", client=client))
    result = models.EpisodeStepResult(ok=True)
    finished = done(finish_episode_step.sync(episode.id, "summary", client=client, body=result))
    use = models.QuotaUse(kind=models.QuotaKind.SEARCH, count=30)
    reserved = done(reserve_quota.sync(client=client, body=use))
    new_tweet = models.NewTweet(
        external_id="1790000000000000001",
        author_handle="listener",
        full_text="Which episode was about shipping?",
        episode_id=episode.id,
    )
    [received] = done(
        receive_tweets.sync(client=client, body=models.NewTweets(tweets=[new_tweet]))
    ).items
    classification = models.TweetClassification(score=0.91, status=models.TweetVerdict.RELEVANT)
    classified = done(classify_tweet.sync(received.id, client=client, body=classification))
    new_prompt = models.NewPrompt(
        kind="reply", label="reply_v1", system_prompt="Be brief.", user_template="{tweet}"
    )
    prompt = done(create_prompt.sync(client=client, body=new_prompt))
    activation = models.NewPromptActivation(reason="first")
    done(activate_prompt.sync(prompt.id, client=client, body=activation))
    draft = done(
        create_tweet_draft.sync(
            received.id,
            client=client,
            body=models.NewTweetDraft(
                model_key="claude-3.5",
                prompt_version_id=prompt.id,
                suggested_text="Episode 12, from minute 20.",
                style_score=0.9,
                toxicity_score=0.01,
                cost_micros=5500,
            ),
        )
    )
    run = done(
        record_model_run.sync(
            client=client,
            body=models.NewModelRun(
                run_type=models.ModelRunType.DRAFT_REPLY,
                input_ref=str(received.id),
                model="claude-3.5",
                cost_micros=5500,
            ),
        )
    )
    [tweet] = done(list_tweets.sync(client=client, status="relevant|drafted")).items
    body = models.DraftEdit(mode=models.ReplyMode.NOW, final_text="Episode 12, from minute 21.")
    done(edit_draft.sync(draft.id, client=client, draftroom_user=PERSON, body=body))
    send("1790000000000000002")
    posted = done(get_tweet.sync(received.id, client=client))
    [cost] = done(sum_model_costs.sync(client=client, by=models.CostGrouping.MODEL)).items
    counted = done(recompute_prompt_metrics.sync(prompt.id, client=client))
    quota = done(get_quota.sync(client=client))
    return [
        step.status,
        finished.status,
        reserved.remaining,
        classified.status,
        run.cost_micros,
        given(tweet.has_draft),
        posted.status,
        cost.cost_micros,
        counted.approval_rate,
        quota.used,
    ]


def pipeline() -> list[object]:
    new_run = models.NewPipelineRun(
        company_id="lactalis-canada",
        company_name="Lactalis Canada",
        document_name="trends.pdf",
        document_url="https://example.com/trends.pdf",
        document_type=models.DocumentType.APPLICATIONPDF,
    )
    run = done(create_pipeline_run.sync(client=client, draftroom_user=PERSON, body=new_run))
    [claimed] = done(
        claim_pipeline_runs.sync(client=client, body=models.PipelineRunClaim(worker="pipeline-1"))
    ).items
    lease_id: UUID = claimed.lease_id
    for number in range(1, 5):
        report = models.PipelineStageReport(
            lease_id=lease_id,
            stage_number=number,
            status=models.PipelineStageStatus.COMPLETED,
            markdown_output=f"# Stage {number}",
        )
        done(report_pipeline_stage.sync(run.id, client=client, body=report))
    inspirations = models.NewInspirationReport(
        lease_id=lease_id,
        inspiration1_title="Milk in bottles",
        inspiration1_content="They come back.",
        inspiration2_title="Cheese by post",
        inspiration2_content="It keeps.",
    )
    done(report_pipeline_inspirations.sync(run.id, client=client, body=inspirations))
    cards = [
        models.NewPipelineCard(
            number=number,
            title=f"Card {number}",
            tagline="Fresh.",
            problem="Waste.",
            solution="Less.",
            why_now="Now.",
            target_segment="Households.",
            quick_win="One street.",
        )
        for number in range(1, 6)
    ]
    completion = models.PipelineRunCompletion(
        lease_id=lease_id, markdown_output="# Five opportunities", cards=cards
    )
    completed = done(complete_pipeline_run.sync(run.id, client=client, body=completion))
    shown = done(get_pipeline_run.sync(run.id, client=client, draftroom_user=PERSON))
    star = models.PipelineCardStar(starred=True)
    done(
        star_opportunity_card.sync(
            shown.cards[0].id, client=client, draftroom_user=PERSON, body=star
        )
    )
    starred = done(
        list_opportunity_cards.sync(client=client, draftroom_user=PERSON, starred=True)
    ).items
    return [
        completed.status,
        len(shown.stages),
        given(shown.report).inspiration1_title,
        [card.title for card in starred],
    ]


print(json.dumps({"tour": tour(), "desk": desk(), "pipeline": pipeline()}))
