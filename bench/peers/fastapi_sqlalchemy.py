"""FastAPI with SQLAlchemy 2's ORM on asyncpg, answers checked and dumped by pydantic; uvicorn with uvloop.

`python -m bench.peers.fastapi_sqlalchemy` runs two processes. Each listens on the port itself (SO_REUSEPORT), as
gunicorn's workers do: with one queue for both, most of the connections could land on one of them.
"""

import os
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import (
    BigInteger,
    DateTime,
    FetchedValue,
    ForeignKeyConstraint,
    Text,
    and_,
    bindparam,
    exists,
    func,
    literal,
    select,
    text,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    aliased,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)

from bench.peers import settings

TENANT_ID = UUID(settings.TENANT_ID)
# What never varies is part of the statement, or no generic plan could use an index on such rows only.
OPEN = literal("open", literal_execute=True)
PENDING = literal("pending", literal_execute=True)
LIVE = bindparam("live", ["pending", "approved"], expanding=True, literal_execute=True)
LAST = datetime(9999, 1, 1, tzinfo=UTC)  # asyncpg has no infinity

# Tables ----------------------------------------------------------------------------------------------


class Base(DeclarativeBase):
    type_annotation_map = {
        str: Text,
        int: BigInteger,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        list[str]: ARRAY(Text),
    }


def generated() -> Any:
    """A column that the server fills in: by its default, or in a trigger."""
    return mapped_column(server_default=FetchedValue(), server_onupdate=FetchedValue())


class Own:
    """A tenant's row."""

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=FetchedValue())
    created_at: Mapped[datetime] = generated()


class Tweet(Own, Base):
    __tablename__ = "tweets"
    __table_args__ = {"schema": "tweets"}

    external_id: Mapped[str]
    author_handle: Mapped[str]
    text_preview: Mapped[str] = generated()
    relevance_score: Mapped[float | None]
    status: Mapped[str]
    flags: Mapped[dict[str, Any] | None]


class Channel(Own, Base):
    __tablename__ = "channels"
    __table_args__ = {"schema": "inbox"}

    type: Mapped[str]
    external_id: Mapped[str]


class Conversation(Own, Base):
    __tablename__ = "conversations"
    __table_args__ = {"schema": "inbox"}

    channel_id: Mapped[UUID]
    external_id: Mapped[str]
    subject: Mapped[str | None]
    status: Mapped[str]
    customer_email: Mapped[str | None]
    customer_name: Mapped[str | None]
    last_inbound_at: Mapped[datetime | None]
    last_message_id: Mapped[UUID | None]


class Message(Own, Base):
    __tablename__ = "messages"
    __table_args__ = {"schema": "inbox"}

    conversation_id: Mapped[UUID]
    external_id: Mapped[str | None]
    direction: Mapped[str]
    subject: Mapped[str | None]
    body_text: Mapped[str | None]
    body_html: Mapped[str | None]
    sent_at: Mapped[datetime] = generated()


class Draft(Own, Base):
    __tablename__ = "drafts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "conversation_id"],
            ["inbox.conversations.tenant_id", "inbox.conversations.id"],
        ),
        {"schema": "drafts"},
    )
    __mapper_args__ = {"eager_defaults": True}  # the new revision comes with the UPDATE

    conversation_id: Mapped[UUID | None]
    tweet_id: Mapped[UUID | None]
    trigger_message_id: Mapped[UUID | None]
    author_user_id: Mapped[UUID | None]
    version: Mapped[int]
    status: Mapped[str]
    model_key: Mapped[str]
    prompt_version: Mapped[str]
    prompt_version_id: Mapped[UUID | None]
    suggested_text: Mapped[str | None]
    suggested_html: Mapped[str | None]
    top_sources: Mapped[list[Any]]
    style_score: Mapped[float | None]
    toxicity_score: Mapped[float | None]
    tokens_in: Mapped[int | None]
    tokens_out: Mapped[int | None]
    cost_micros: Mapped[int | None]
    latency_ms: Mapped[int | None]
    superseded_by_id: Mapped[UUID | None]
    superseded_reason: Mapped[str | None]
    updated_at: Mapped[datetime] = generated()
    redacted_at: Mapped[datetime | None]
    revision: Mapped[int] = generated()

    actions: Mapped[list["DraftAction"]] = relationship(
        order_by="(DraftAction.created_at, DraftAction.id)"
    )
    scheduled_reply: Mapped["ScheduledReply | None"] = relationship()
    conversation: Mapped["Conversation | None"] = relationship()

    @property
    def last_message_id(self) -> UUID | None:
        return self.conversation and self.conversation.last_message_id


class DraftAction(Own, Base):
    __tablename__ = "draft_actions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "draft_id"], ["drafts.drafts.tenant_id", "drafts.drafts.id"]
        ),
        {"schema": "drafts"},
    )

    draft_id: Mapped[UUID]
    user_id: Mapped[UUID]
    type: Mapped[str]
    reason: Mapped[str | None]
    final_text: Mapped[str | None]
    final_html: Mapped[str | None]
    diff: Mapped[list[Any] | None]
    edit_distance: Mapped[int | None]
    redacted_at: Mapped[datetime | None]


class ScheduledReply(Own, Base):
    __tablename__ = "scheduled_replies"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "draft_id"], ["drafts.drafts.tenant_id", "drafts.drafts.id"]
        ),
        {"schema": "drafts"},
    )

    conversation_id: Mapped[UUID | None]
    tweet_id: Mapped[UUID | None]
    draft_id: Mapped[UUID]
    status: Mapped[str]
    final_text: Mapped[str | None]
    final_html: Mapped[str | None]
    scheduled_for: Mapped[datetime | None]
    hold_reason: Mapped[str | None]
    attempts: Mapped[int] = generated()
    max_attempts: Mapped[int] = generated()
    locked_by: Mapped[str | None]
    lease_expires_at: Mapped[datetime | None]
    error: Mapped[str | None]
    external_id: Mapped[str | None]
    message_id: Mapped[UUID | None]
    sent_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = generated()
    redacted_at: Mapped[datetime | None]
    revision: Mapped[int] = generated()


class Run(Own, Base):
    __tablename__ = "runs"
    __table_args__ = {"schema": "pipelines"}

    user_id: Mapped[UUID]
    external_id: Mapped[str | None]
    company_id: Mapped[str]
    company_name: Mapped[str]
    document_name: Mapped[str]
    document_url: Mapped[str]
    document_type: Mapped[str | None]
    document_size: Mapped[int | None]
    pipeline_version: Mapped[str | None]
    status: Mapped[str]
    current_stage: Mapped[int]
    attempts: Mapped[int]
    max_attempts: Mapped[int]
    error_message: Mapped[str | None]
    lease_expires_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = generated()
    revision: Mapped[int] = generated()

    cards: Mapped[list["Card"]] = relationship(order_by="Card.number")
    stages: Mapped[list["Stage"]] = relationship(order_by="Stage.stage_number")
    report: Mapped["Report | None"] = relationship()

    @property
    def duration_ms(self) -> int | None:
        if self.started_at is None or self.completed_at is None:
            return None
        return round(1000 * (self.completed_at - self.started_at).total_seconds())


def of_run() -> tuple[Any, ...]:
    run = ForeignKeyConstraint(
        ["tenant_id", "run_id"], ["pipelines.runs.tenant_id", "pipelines.runs.id"]
    )
    return run, {"schema": "pipelines"}


class Card(Own, Base):
    __tablename__ = "opportunity_cards"
    __table_args__ = of_run()

    run_id: Mapped[UUID]
    number: Mapped[int]
    title: Mapped[str]
    tagline: Mapped[str]
    problem: Mapped[str]
    solution: Mapped[str]
    why_now: Mapped[str]
    target_segment: Mapped[str]
    quick_win: Mapped[str]
    starred: Mapped[bool]


class Stage(Own, Base):
    __tablename__ = "stage_outputs"
    __table_args__ = of_run()

    run_id: Mapped[UUID]
    stage_number: Mapped[int]
    name: Mapped[str]
    status: Mapped[str]
    markdown_output: Mapped[str | None]
    json_output: Mapped[dict[str, Any] | None]
    updated_at: Mapped[datetime] = generated()


class Report(Own, Base):
    __tablename__ = "inspiration_reports"
    __table_args__ = of_run()

    run_id: Mapped[UUID]
    inspiration1_title: Mapped[str]
    inspiration1_content: Mapped[str]
    inspiration1_elements: Mapped[list[str]]
    inspiration2_title: Mapped[str]
    inspiration2_content: Mapped[str]
    inspiration2_elements: Mapped[list[str]]
    updated_at: Mapped[datetime] = generated()


class Job(Own, Base):
    __tablename__ = "jobs"
    __table_args__ = {"schema": "operations"}

    type: Mapped[str]
    unique_key: Mapped[str | None]
    payload: Mapped[dict[str, Any]]


# Answers ---------------------------------------------------------------------------------------------


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ListedTweet(Answer):
    id: UUID
    external_id: str
    author_handle: str
    text_preview: str
    created_at: datetime
    relevance_score: float | None
    status: str
    flags: dict[str, Any] | None


class TweetItem(ListedTweet):
    has_draft: bool


class Action(Answer):
    id: UUID
    draft_id: UUID
    user_id: UUID
    type: str
    reason: str | None
    final_text: str | None
    final_html: str | None
    diff: list[Any] | None
    edit_distance: int | None
    created_at: datetime
    redacted_at: datetime | None


class Reply(Answer):
    id: UUID
    conversation_id: UUID | None
    tweet_id: UUID | None
    draft_id: UUID
    status: str
    final_text: str | None
    final_html: str | None
    scheduled_for: datetime | None
    hold_reason: str | None
    attempts: int
    max_attempts: int
    locked_by: str | None
    lease_expires_at: datetime | None
    error: str | None
    external_id: str | None
    message_id: UUID | None
    sent_at: datetime | None
    created_at: datetime
    updated_at: datetime
    redacted_at: datetime | None
    revision: int


class DraftDetail(Answer):
    id: UUID
    conversation_id: UUID | None
    tweet_id: UUID | None
    trigger_message_id: UUID | None
    author_user_id: UUID | None
    version: int
    status: str
    model_key: str
    prompt_version: str
    prompt_version_id: UUID | None
    suggested_text: str | None
    suggested_html: str | None
    top_sources: list[Any]
    style_score: float | None
    toxicity_score: float | None
    tokens_in: int | None
    tokens_out: int | None
    cost_micros: int | None
    latency_ms: int | None
    superseded_by_id: UUID | None
    superseded_reason: str | None
    last_message_id: UUID | None
    created_at: datetime
    updated_at: datetime
    redacted_at: datetime | None
    revision: int
    actions: list[Action]
    scheduled_reply: Reply | None


class FeedMessage(Answer):
    id: UUID
    external_id: str | None
    subject: str | None
    body_text: str | None
    body_html: str | None
    sent_at: datetime


class FeedDraft(Answer):
    id: UUID
    version: int
    status: str
    model_key: str
    prompt_version: str
    prompt_version_id: UUID | None
    suggested_text: str | None
    suggested_html: str | None
    top_sources: list[Any]
    trigger_message_id: UUID | None
    style_score: float | None
    toxicity_score: float | None
    created_at: datetime
    revision: int


class FeedConversation(Answer):
    id: UUID
    channel_id: UUID
    external_id: str
    subject: str | None
    status: str
    customer_email: str | None
    customer_name: str | None
    last_inbound_at: datetime | None
    last_message_id: UUID | None


class FeedItem(FeedConversation):
    message: FeedMessage | None
    draft: FeedDraft | None


class Decision(Answer):
    id: UUID
    conversation_id: UUID | None
    tweet_id: UUID | None
    version: int
    status: str
    revision: int
    action: Action
    scheduled_reply: Reply | None
    learning_sample_id: UUID | None
    warnings: list[str]


class RunCard(Answer):
    id: UUID
    number: int
    title: str
    tagline: str
    problem: str
    solution: str
    why_now: str
    target_segment: str
    quick_win: str
    starred: bool


class RunStage(Answer):
    stage_number: int
    name: str
    status: str
    markdown_output: str | None
    json_output: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime


class RunReport(Answer):
    id: UUID
    inspiration1_title: str
    inspiration1_content: str
    inspiration1_elements: list[str]
    inspiration2_title: str
    inspiration2_content: str
    inspiration2_elements: list[str]
    created_at: datetime
    updated_at: datetime


class RunDetail(Answer):
    id: UUID
    user_id: UUID
    external_id: str | None
    company_id: str
    company_name: str
    document_name: str
    document_url: str
    document_type: str | None
    document_size: int | None
    pipeline_version: str | None
    status: str
    current_stage: int
    attempts: int
    max_attempts: int
    error_message: str | None
    lease_expires_at: datetime | None
    due_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    duration_ms: int | None
    created_at: datetime
    updated_at: datetime
    revision: int
    cards: list[RunCard]
    report: RunReport | None
    stages: list[RunStage]


class IntakeMessage(BaseModel):
    channel_type: str
    channel_external_id: str
    conversation_external_id: str
    external_id: str
    subject: str | None = None
    body_text: str
    customer_email: str | None = None
    customer_name: str | None = None


class Received(BaseModel):
    channel_id: UUID
    conversation_id: UUID
    conversation_status: str
    message_id: UUID
    created: bool
    job_id: UUID | None
    version: int
    warnings: list[str]


class TweetPage(BaseModel):
    items: list[TweetItem]
    next_cursor: str | None


class FeedPage(BaseModel):
    items: list[FeedItem]
    next_cursor: str | None


# Routes ----------------------------------------------------------------------------------------------


def authenticate(authorization: Annotated[str | None, Header()] = None) -> None:
    if not settings.is_allowed(authorization):
        raise HTTPException(401)


engine = create_async_engine(
    settings.DATABASE_URL.replace("postgresql://", "postgresql+asyncpg://", 1),
    pool_size=settings.POOL_SIZE,
    max_overflow=0,
)
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI(dependencies=[Depends(authenticate)])


async def new_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(new_session)]


def keys(cursor: str | None) -> tuple[datetime, UUID]:
    at, id_ = settings.decode_cursor(cursor)
    return LAST if at == "infinity" else datetime.fromisoformat(at), UUID(id_)


@app.get("/v1/tweets", response_model=TweetPage)
async def list_tweets(
    session: Session, status: str, limit: int = 30, cursor: str | None = None
) -> Any:
    # The page first, or the drafts of all tweets might be read.
    listed = aliased(
        Tweet,
        select(Tweet)
        .where(
            Tweet.tenant_id == TENANT_ID,
            Tweet.status == status,
            Tweet.id < keys(cursor)[1],
        )
        .order_by(Tweet.id.desc())
        .limit(limit + 1)
        .subquery(),
    )
    has_draft = (
        exists()
        .where(Draft.tenant_id == TENANT_ID, Draft.tweet_id == listed.id)
        .where(Draft.status.in_(LIVE))
    )
    found = await session.execute(select(listed, has_draft).order_by(listed.id.desc()))
    rows = found.all()
    page, more = rows[:limit], len(rows) > limit
    last = page[-1][0] if page else None
    return {
        "items": [
            {**ListedTweet.model_validate(tweet).model_dump(), "has_draft": live}
            for tweet, live in page
        ],
        "next_cursor": settings.encode_cursor(last.created_at, last.id) if more and last else None,
    }


@app.get("/v1/pipeline-runs/{run_id}", response_model=RunDetail)
async def get_run(session: Session, run_id: UUID, draftroom_user: Annotated[UUID, Header()]) -> Any:
    run = await session.scalar(
        select(Run)
        .where(Run.tenant_id == TENANT_ID, Run.id == run_id, Run.user_id == draftroom_user)
        .options(selectinload(Run.cards), selectinload(Run.stages), joinedload(Run.report))
    )
    if run is None:
        raise HTTPException(404)
    return run


@app.get("/v1/drafts/feed", response_model=FeedPage)
async def feed(session: Session, limit: int = 30, cursor: str | None = None) -> Any:
    latest = (
        select(Message)
        .where(
            Message.tenant_id == TENANT_ID,
            Message.conversation_id == Conversation.id,
            Message.direction == "inbound",
        )
        .order_by(Message.sent_at.desc(), Message.id.desc())
        .limit(1)
        .lateral()
    )
    latest_message = aliased(Message, latest)
    pending = and_(
        Draft.tenant_id == TENANT_ID,
        Draft.conversation_id == Conversation.id,
        Draft.status == PENDING,
    )
    found = await session.execute(
        select(Conversation, latest_message, Draft)
        .select_from(Conversation)
        .outerjoin(latest_message, true())
        .outerjoin(Draft, pending)
        .where(
            Conversation.tenant_id == TENANT_ID,
            Conversation.status == OPEN,
            tuple_(Conversation.last_inbound_at, Conversation.id) < keys(cursor),
        )
        .order_by(Conversation.last_inbound_at.desc(), Conversation.id.desc())
        .limit(limit + 1)
    )
    rows = found.all()
    page, more = rows[:limit], len(rows) > limit
    last = page[-1][0] if page else None
    return {
        "items": [
            {
                **FeedConversation.model_validate(conversation).model_dump(),
                "message": message,
                "draft": draft,
            }
            for conversation, message, draft in page
        ],
        "next_cursor": settings.encode_cursor(last.last_inbound_at, last.id)
        if more and last
        else None,
    }


@app.get("/v1/drafts/{draft_id}", response_model=DraftDetail)
async def get_draft(session: Session, draft_id: UUID) -> Any:
    draft = await session.get(
        Draft,
        (TENANT_ID, draft_id),
        options=[
            joinedload(Draft.conversation),
            selectinload(Draft.actions),
            selectinload(Draft.scheduled_reply),
        ],
    )
    if draft is None:
        raise HTTPException(404)
    return draft


@app.post("/v1/drafts/{draft_id}/approve", response_model=Decision)
async def approve(
    session: Session, draft_id: UUID, draftroom_user: Annotated[UUID, Header()]
) -> Any:
    async with session.begin():
        await session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        draft = await session.get(Draft, (TENANT_ID, draft_id), with_for_update=True)
        if draft is None:
            raise HTTPException(404)
        if draft.status != "pending" or draft.suggested_text is None:
            raise HTTPException(409)
        draft.status = "approved"
        texts = {
            "final_text": draft.suggested_text.strip(),
            "final_html": draft.suggested_html,
        }
        own = {"tenant_id": TENANT_ID, "draft_id": draft_id}
        action = DraftAction(**own, user_id=draftroom_user, type="approve", **texts)
        reply = ScheduledReply(
            **own,
            conversation_id=draft.conversation_id,
            status="scheduled",
            scheduled_for=datetime.now(UTC),
            **texts,
        )
        session.add_all([action, reply])
        await session.flush()
    return {
        "id": draft.id,
        "conversation_id": draft.conversation_id,
        "tweet_id": draft.tweet_id,
        "version": draft.version,
        "status": draft.status,
        "revision": draft.revision,
        "action": action,
        "scheduled_reply": reply,
        "learning_sample_id": None,
        "warnings": [],
    }


@app.post("/v1/intake/messages", response_model=Received, status_code=201)
async def receive_message(session: Session, body: IntakeMessage) -> Any:
    async with session.begin():
        channel_id = await session.scalar(
            select(Channel.id).where(
                Channel.tenant_id == TENANT_ID,
                Channel.type == body.channel_type,
                Channel.external_id == body.channel_external_id,
            )
        )
        new = insert(Conversation).values(
            tenant_id=TENANT_ID,
            channel_id=channel_id,
            external_id=body.conversation_external_id,
            subject=body.subject,
            customer_email=body.customer_email,
            customer_name=body.customer_name,
        )
        known = Conversation.__table__.c
        upserted = await session.execute(
            new.on_conflict_do_update(
                index_elements=["tenant_id", "channel_id", "external_id"],
                set_={
                    "status": "open",
                    "subject": func.coalesce(known.subject, new.excluded.subject),
                    "customer_email": func.coalesce(
                        new.excluded.customer_email, known.customer_email
                    ),
                    "customer_name": func.coalesce(new.excluded.customer_name, known.customer_name),
                },
            ).returning(Conversation.id, Conversation.status)
        )
        conversation_id, status = upserted.one()
        message_id = await session.scalar(
            insert(Message)
            .values(
                tenant_id=TENANT_ID,
                conversation_id=conversation_id,
                external_id=body.external_id,
                direction="inbound",
                subject=body.subject,
                body_text=body.body_text,
            )
            .on_conflict_do_nothing(index_elements=["tenant_id", "conversation_id", "external_id"])
            .returning(Message.id)
        )
        if message_id is None:
            raise HTTPException(409)
        ids = {"conversation_id": str(conversation_id), "message_id": str(message_id)}
        job = Job(tenant_id=TENANT_ID, type="draft", unique_key=ids["message_id"], payload=ids)
        session.add(job)
        await session.flush()
    return {
        **ids,
        "channel_id": channel_id,
        "conversation_status": status,
        "created": True,
        "job_id": job.id,
        "version": 1,
        "warnings": [],
    }


def main() -> None:
    os.fork()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("127.0.0.1", settings.PORT))
    config = uvicorn.Config(app, loop="uvloop", http="httptools", log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
