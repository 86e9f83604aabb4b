"""Demo data for development: a support desk and a reply desk in the middle of their day, a campaign of which a first
video is out, a team with a routine that was run, and a finished pipeline run.

All of it in one transaction. The desk is known by the tenant's id, the run by its external id: loading it again
changes nothing.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from service.caller import Caller
from service.config import Settings
from service.database import Database, Row, Transaction
from service.drafts.diff import diff, distance
from service.drafts.draft_schemas import NewDraft, NewTweetDraft
from service.identity import tenants
from service.identity.permissions import (
    DEFAULT_ADMIN_PERMISSIONS,
    DEFAULT_MEMBER_PERMISSIONS,
    DEFAULT_TEAM_CHAT_CONFIG,
)
from service.identity.schemas import NewUser
from service.identity.team_schemas import NewTeam
from service.inbox.intake_schemas import IntakeMessage
from service.library.resource_schemas import NewResource
from service.library.run_schemas import (
    NewResourceRun,
    ResourceRunChanges,
    ResourceRunExecution,
    ResourceRunStepCompletion,
)
from service.operations.job_schemas import NewJob
from service.operations.source_document_schemas import SourceDocumentState
from service.pipelines.run_schemas import PipelineRunImport
from service.queries import Bound, queries
from service.secrets import Cell, Secrets
from service.studio.account_schemas import NewSocialAccount
from service.studio.feedback_schemas import NewFeedback
from service.studio.generation_schemas import NewGeneration
from service.studio.snapshot_schemas import NewSnapshot
from service.studio.video_schemas import NewVideo, VideoCompletion
from service.tweets.tweet_schemas import NewTweet

TENANT_ID = "0190d3a0-0000-7000-8000-000000000001"
PGOPTIONS = (
    f"-c app.tenant_id={TENANT_ID} -c app.user_id=any"  # of whoever looks at it in plain SQL
)

SUGGESTION = "Hi Pat,\n\norder 1042 left our warehouse on Tuesday and should arrive within 5 days."
ANSWER = f"{SUGGESTION.replace('within 5 days', 'by Friday')}\n\nBest regards, Alex of Hot Rod AN"


def load(settings: Settings) -> str | None:
    """Loads the demo data; returns the demo's API key, or None when it was loaded before."""
    database_url, secret_key = settings.for_database()
    secrets = Secrets(secret_key)
    database = Database(settings, database_url)
    database.open()
    try:
        return seed(database, secrets)
    finally:
        database.close()


def seed(database: Database, secrets: Secrets) -> str | None:
    """As `load`, into a database that is open."""
    caller = Caller(tenant_id=TENANT_ID, actor="demo", role="admin")

    def work(tx: Transaction) -> str | None:
        known = tx.maybe_json(queries.identity.get_tenant()) is not None
        key = None if known else _desk(tx, secrets)
        _finished_run(tx)
        return key

    return database.atomically(caller, work)


def _desk(tx: Transaction, secrets: Secrets) -> str:
    owner = {"email": "owner@hotrodan.example", "display_name": "Olive Owner"}
    created = tenants.create(tx, secrets, "Hot Rod AN", NewUser().load(owner), tenant_id=TENANT_ID)
    agent = {
        "email": "agent@hotrodan.example",
        "display_name": "Alex Agent",
        "role": "agent",
        "handle": "alex",
    }
    user = _row(tx, queries.identity.create_user(**NewUser().load(agent)))
    _answered(tx, user.id)
    _waiting(tx)
    _heard(tx)
    _posted(tx, secrets)
    _row(
        tx,
        queries.operations.record_source_document(
            **SourceDocumentState().load(
                {
                    "source_url": "https://hotrodan.example/shipping",
                    "title": "Shipping times",
                    "hash": "9f2c66d1",
                    "indexed_at": datetime.now(UTC).isoformat(),
                }
            )
        ),
    )
    crawl = NewJob().load({"type": "crawl", "payload": {"site": "https://hotrodan.example"}})
    _row(tx, queries.operations.enqueue_job(**crawl))
    job = _claim(tx, "crawl")
    metrics = {"documents_indexed": 42}
    _row(tx, queries.operations.complete_job(id=job.id, lease_id=job.lease_id, metrics=metrics))
    _shared(tx, created["admin_id"], user.id)
    return str(created["key"])


def _finished_run(tx: Transaction) -> None:
    """A run of the test user that was completed, with its five cards."""
    sign_in = {"auth_provider": "https://clerk.example", "auth_subject": "test_user_123"}
    person = {"email": "test@example.com", "display_name": "Test User", **sign_in}
    known = tx.maybe_row(queries.identity.authenticate_user(**sign_in))
    user_id = (known or _row(tx, queries.identity.create_user(**NewUser().load(person)))).id
    now = datetime.now(UTC).isoformat()
    finished = {
        "external_id": "seed",
        "company_id": "lactalis-canada",
        "company_name": "Lactalis",
        "document_name": "test-report.pdf",
        "document_url": "https://example.com/test.pdf",
        "document_type": "application/pdf",
        "status": "completed",
        "created_at": now,
        "completed_at": now,
        "cards": [
            {
                "number": number,
                "title": f"Test Opportunity {number}",
                "tagline": f"Test tagline {number}",
                "problem": "Test problem",
                "solution": "Test solution",
                "why_now": "Test timing",
                "target_segment": "Test segment",
                "quick_win": "Test quick win",
            }
            for number in range(1, 6)
        ],
    }
    tx.execute(queries.operations.enter_for_all_users())
    tx.execute(queries.pipelines.import_run(user_id=user_id, **PipelineRunImport().load(finished)))


def _answered(tx: Transaction, user_id: Any) -> None:
    """A question whose draft was edited and sent."""
    draft = _question(
        tx,
        "TICKET-122",
        "Pat Customer",
        "Where is my order?",
        "Hi, I ordered fuel line fittings last week (order 1042). When will they arrive?\n\nPat",
        SUGGESTION,
    )
    _row(
        tx,
        queries.drafts.decide(
            id=draft.id,
            revision=None,
            user_id=user_id,
            role="agent",
            type="edit",
            status="approved",
            superseded_by_id=None,
            reason=None,
            final_text=ANSWER,
            final_html=None,
            diff=diff(SUGGESTION, ANSWER),
            edit_distance=distance(SUGGESTION, ANSWER),
            embeddings=None,
            warnings=[],
            reply_status="scheduled",
            scheduled_for=None,
            confirm_toxicity=False,
            confirm_closed=False,
            seen_message_id=None,
            skip_tweet=False,
        ),
    )
    reply = _row(
        tx,
        queries.drafts.claim_replies(worker="demo", lease_id=uuid4(), lease="60 seconds", limit=1),
    )
    _row(
        tx,
        queries.drafts.confirm_reply(
            id=reply.id, lease_id=reply.lease_id, external_id="ZOHO-OUT-1", sent_at=None
        ),
    )


def _waiting(tx: Transaction) -> None:
    """A question whose draft waits for a decision."""
    _question(
        tx,
        "TICKET-123",
        "Sam Customer",
        "Which pump?",
        "Hello! Which fuel pump do I need for a 450 hp engine on E85? 🏎️",
        "Hi Sam,\n\nfor 450 hp on E85 we suggest a 340 lph pump with -8 AN feed line.",
    )


def _heard(tx: Transaction) -> None:
    """An episode, and tweets about it: one with a draft that waits, one that nobody has looked at."""
    episode = _row(
        tx,
        queries.tweets.create_episode(
            title="Engine swaps",
            raw_transcript=None,
            transcript_url="https://hotrodan.example/episodes/12.txt",
            published_at=None,
            created_by_id=None,
            steps=["chunking", "embedding", "summary", "keywords"],
        ),
    )
    texts = {
        "gearhead": "Which episode was the one about LS swaps?",
        "wrenchturner": "Great show. My neighbours disagree.",
    }
    waiting, _ = tx.rows(
        queries.tweets.receive_tweets(
            tweets=[
                NewTweet().load(
                    {
                        "external_id": f"179000000000000010{n}",
                        "author_handle": handle,
                        "full_text": text,
                        "episode_id": str(episode.id),
                    }
                )
                for n, (handle, text) in enumerate(texts.items())
            ]
        )
    )
    _row(
        tx,
        queries.tweets.classify_tweet(
            id=waiting.id, status="relevant", score=0.91, model_key="classifier-2"
        ),
    )
    draft = NewTweetDraft().load(
        {
            "model_key": "gpt-4o-mini",
            "prompt_version": "reply_v1",
            "suggested_text": "That is episode 12, from minute 20: https://hotrodan.example/episodes/12",
        }
    )
    _row(
        tx,
        queries.drafts.create_tweet_draft(
            tweet_id=waiting.id, tweet_external_id=None, author_user_id=None, **draft
        ),
    )


def _posted(tx: Transaction, secrets: Secrets) -> None:
    """Two concepts, and the video of one of them: made, posted on an account, counted and reported on."""
    concept = {
        "category": "tech",
        "title": "Three lines under the hood",
        "caption": "Which one feeds the engine?",
        "hashtags": ["#hotrod", "#fuellines"],
        "script": [{"time_range": "0-3s", "visual": "A hood opens in the dark."}],
        "prompts": {"sora": "The hood of a hot rod opens in the dark, close-up."},
        "virality": {"tiktok": 71, "youtube-shorts": 58},
    }
    trend = {"trend_source": "reddit", "trend_topic": "weekend builds"}
    other = {**concept, "title": "A swap in a minute", "caption": "Blink and you miss it."}
    batch = {
        "model_key": "claude-3.5",
        "trends": [{"topic": "weekend builds", "source": "reddit", "score": 74}],
        "concepts": [concept | trend, other],
    }
    generation = _row(
        tx, queries.studio.create_generation(created_by_id=None, **NewGeneration().load(batch))
    )
    concept_id = generation.concepts[0]["id"]
    asked = NewVideo().load({"platform": "tiktok", "provider": "sora"})
    video = _row(tx, queries.studio.request_video(concept_id=concept_id, **asked))
    made = {
        "lease_id": str(_claim(tx, "generate-video").lease_id),
        "object_key": "videos/demo.mp4",
        "cost_micros": 2_500_000,
    }
    _row(tx, queries.studio.complete_video(id=video.id, **VideoCompletion().load(made)))

    account = NewSocialAccount().load(
        {"platform": "tiktok", "username": "hotrodan", "niche": "tech", "access_token": "act.demo"}
    )
    account_id = _row(tx, queries.operations.new_id()).id
    cell = Cell(TENANT_ID, "studio.social_accounts.access_token", str(account_id))
    account["access_token"] = secrets.encrypt(account["access_token"].encode(), cell)
    _row(tx, queries.studio.create_social_account(id=account_id, **account))
    post = _row(
        tx,
        queries.studio.create_social_post(
            video_id=video.id, platform=None, caption=None, idempotency_key=None
        ),
    )
    _row(
        tx,
        queries.studio.schedule_post(
            id=post.id, account_id=account_id, scheduled_for=None, revision=None
        ),
    )
    claimed = _row(
        tx,
        queries.studio.claim_posts(worker="demo", lease_id=uuid4(), lease="60 seconds", limit=1),
    )
    _row(
        tx,
        queries.studio.confirm_post(
            id=post.id,
            lease_id=claimed.lease_id,
            external_id="7301",
            post_url="https://example.com/@hotrodan/video/7301",
            posted_at=None,
        ),
    )

    counted = {"views": 12_000, "likes": 420, "comments": 65, "shares": 31}
    snapshot = {"video_id": str(video.id), "snapshot_at": datetime.now(UTC).isoformat(), **counted}
    tx.rows(queries.studio.record_snapshots(snapshots=[NewSnapshot().load(snapshot)]))
    report = NewFeedback().load({"platform": "tiktok", "source": "api", **counted})
    _row(tx, queries.studio.record_feedback(concept_id=concept_id, **report))


def _shared(tx: Transaction, owner_id: Any, agent_id: Any) -> None:
    """A team of two, and its routine, which the agent ran once."""
    tx.execute(queries.operations.enter_for_all_users())
    workshop = {"name": "Workshop", "handle": "workshop", "user_ids": [str(agent_id)]}
    made = _row(
        tx,
        queries.identity.create_team(
            created_by_id=owner_id,
            admin_permissions=DEFAULT_ADMIN_PERMISSIONS,
            member_permissions=DEFAULT_MEMBER_PERMISSIONS,
            chat_config=DEFAULT_TEAM_CHAT_CONFIG,
            **NewTeam().load(workshop),
        ),
    )
    team_id = made.team["id"]
    english = {
        "language": "en",
        "name": "Leak test",
        "description": "Before an assembled fuel line goes out.",
    }
    routine = {
        "resource_type": "Routine",
        "team_id": team_id,
        "version": {"is_complete": True, "config": {"bar": 10}, "translations": [english]},
    }
    resource = _row(
        tx, queries.library.create_resource(user_id=owner_id, **NewResource().load(routine))
    )
    assert resource.latest_version
    asked = {
        "version_id": resource.latest_version["id"],
        "team_id": team_id,
        "name": "Order 1042",
        "is_private": False,
    }
    run = _row(tx, queries.library.create_run(user_id=agent_id, **NewResourceRun().load(asked)))
    steps = [{"name": "Pressurize", "inputs": [{"key": "bar", "value": 10}]}, {"name": "Look"}]
    execution = ResourceRunExecution().load({"steps": steps})
    _row(tx, queries.library.execute_run(id=run.id, revision=None, **execution))
    reports = [{}, {"outputs": [{"key": "drops", "value": 0}]}]
    for step, told in enumerate(reports, start=1):
        report = ResourceRunStepCompletion().load(told)
        completed = queries.library.report_step(
            run_id=run.id, step=step, status="completed", **report
        )
        _row(tx, completed)
    ended = ResourceRunChanges().load({"status": "completed", "time_elapsed": 240_000})
    _row(tx, queries.library.update_run(id=run.id, revision=None, changes=ended))


def _question(
    tx: Transaction, ticket: str, name: str, subject: str, question: str, suggestion: str
) -> Any:
    """A conversation with one question, and the pending draft that answers it."""
    channel = _row(
        tx,
        queries.inbox.ensure_channel(
            type="email", external_id="zoho-mailbox-hotrodan", name="Zoho mailbox", metadata={}
        ),
    )
    message = IntakeMessage().load(
        {
            "channel_id": str(channel.id),
            "conversation_external_id": ticket,
            "external_id": f"{ticket}-1",
            "customer_name": name,
            "customer_email": f"{name.split()[0].lower()}@example.com",
            "subject": subject,
            "body_text": question,
        }
    )
    content = {k: v for k, v in message.items() if not k.startswith("channel_")}
    received = _row(tx, queries.inbox.receive_message(channel_id=channel.id, **content))
    job = _claim(tx, "draft")
    draft = NewDraft().load(
        {
            "trigger_message_id": str(received.message_id),
            "model_key": "gpt-4o-mini",
            "prompt_version": "v1",
            "suggested_text": suggestion,
            "top_sources": [{"url": "https://hotrodan.example/shipping", "score": 0.82}],
            "tokens_in": 1200,
            "tokens_out": 110,
            "cost_micros": 5500,
            "latency_ms": 1420,
            "job_id": str(job.id),
            "lease_id": str(job.lease_id),
        }
    )
    return _row(
        tx,
        queries.drafts.create_draft(
            conversation_id=received.conversation_id, author_user_id=None, **draft
        ),
    )


def _claim(tx: Transaction, job_type: str) -> Any:
    return _row(
        tx,
        queries.operations.claim_jobs(
            type=job_type, worker="demo", lease_id=uuid4(), lease="60 seconds", limit=1
        ),
    )


def _row(tx: Transaction, bound: Bound[Any, Row]) -> Row:
    return tx.rows(bound)[0]
