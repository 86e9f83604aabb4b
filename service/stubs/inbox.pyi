"""Written by `make sql` from sql/ and the schema; edit those."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Literal, NamedTuple
from uuid import UUID

from service.queries import Bound, Query

class ArchiveConversation(Query[Literal["maybe"]]):
    """Archives a conversation and removes the texts from it: retention keeps no body of an archived conversation. No row when it is archived, a reply is on its way out, or the revision is another. Runs after inbox.lock_conversation. Learning samples stay: they are the record of what was corrected."""

    def __call__(
        self,
        *,
        id: UUID | str,
        revision: int | None,
    ) -> Bound[Literal["maybe"], ConversationRow]: ...

class AttachToDraft(Query[Literal["maybe"]]):
    """Notes a file of a draft; no row when it is noted already, under its key or its external id, or there is no such draft."""

    def __call__(
        self,
        *,
        draft_id: UUID | str,
        file_name: str,
        mime_type: str,
        size_bytes: int,
        object_key: str,
        external_id: str | None,
        url: str | None,
    ) -> Bound[Literal["maybe"], AttachmentRow]: ...

class AttachToMessage(Query[Literal["maybe"]]):
    """Notes a file of a message; no row when it is noted already, under its key or its external id, or there is no such message."""

    def __call__(
        self,
        *,
        message_id: UUID | str,
        file_name: str,
        mime_type: str,
        size_bytes: int,
        object_key: str,
        external_id: str | None,
        url: str | None,
    ) -> Bound[Literal["maybe"], AttachmentRow]: ...

class CreateChannel(Query[Literal["one"]]):
    """A channel, made before its first message. Its id comes first: its secret is encrypted for it."""

    def __call__(
        self,
        *,
        id: UUID | str,
        type: str,
        external_id: str,
        name: str,
        metadata: Any,
        signing_secret: bytes | None,
    ) -> Bound[Literal["one"], ChannelRow]: ...

class EnsureChannelRow(NamedTuple):
    id: UUID
    signing_secret: bytes | None

class EnsureChannel(Query[Literal["one"]]):
    """Makes the channel of the first message that names it. Of two first messages at once the second waits and gets the same channel: the empty update is there to return it. Of no key column: that would lock the channel against the foreign keys of messages that others take in, and deadlock with them."""

    def __call__(
        self,
        *,
        type: str,
        external_id: str,
        name: str,
        metadata: Any,
    ) -> Bound[Literal["one"], EnsureChannelRow]: ...

class EraseConversationsRow(NamedTuple):
    messages: int
    message_versions: int
    attachments: int
    drafts: int
    draft_actions: int
    scheduled_replies: int
    learning_samples: int
    refs: Any
    last_id: UUID | None
    conversations: int

class EraseConversations(Query[Literal["one"]]):
    """Deletes some conversations of a customer, in the order of their ids, with all that hangs on them, and tells how many rows of each table went; a dry run only counts. `refs` are the ids by which others may name what went, `last_id` is where the next batch begins. The owner alone may delete. Index: conversations_customer."""

    def __call__(
        self,
        *,
        email: str,
        after_id: UUID | str,
        limit: int,
        dry_run: bool,
    ) -> Bound[Literal["one"], EraseConversationsRow]: ...

class EraseJobsRow(NamedTuple):
    rows: int
    attempts: int
    last_id: UUID | None

class EraseJobs(Query[Literal["one"]]):
    """Looks at some jobs, in the order of their ids, and deletes those that name a customer's address, also in the error of an attempt, or a conversation that is theirs or no longer there. Their attempts go with them. A dry run only counts. `last_id` is where the next batch begins, NULL at the end. Index: the primary key, then job_attempts_job."""

    def __call__(
        self,
        *,
        email: str,
        mention: str,
        after_id: UUID | str,
        limit: int,
        dry_run: bool,
    ) -> Bound[Literal["one"], EraseJobsRow]: ...

class EraseNotificationsRow(NamedTuple):
    rows: int
    last_id: UUID | None

class EraseNotifications(Query[Literal["one"]]):
    """Looks at some notifications, in the order of their ids, and deletes those that name a customer's address, or a conversation that is theirs or no longer there; a dry run only counts. `last_id` is where the next batch begins, NULL at the end. Index: the primary key."""

    def __call__(
        self,
        *,
        email: str,
        mention: str,
        after_id: UUID | str,
        limit: int,
        dry_run: bool,
    ) -> Bound[Literal["one"], EraseNotificationsRow]: ...

class ExportCustomerRow(NamedTuple):
    entity: str
    data: Any

class ExportCustomer(Query[Literal["many"]]):
    """All that is kept of a customer: their conversations with what hangs on them, and the jobs and notifications that name a conversation of theirs or their address, jobs with their attempts. A row of each as it is, whatever its columns."""

    def __call__(
        self,
        *,
        email: str,
        mention: str,
    ) -> Bound[Literal["many"], ExportCustomerRow]: ...

class FindChannelRow(NamedTuple):
    id: UUID
    signing_secret: bytes | None

class FindChannel(Query[Literal["maybe"]]):
    """The channel that a message names by its external id, with its signing secret, encrypted. Index: channels_external_id_key."""

    def __call__(
        self,
        *,
        type: str,
        external_id: str,
    ) -> Bound[Literal["maybe"], FindChannelRow]: ...

class FindDraftAttachment(Query[Literal["one"]]):
    """A file that a draft has already, by its key or its external id. Indexes: attachments_object_key, attachments_external_id."""

    def __call__(
        self,
        *,
        draft_id: UUID | str,
        object_key: str,
        external_id: str | None,
    ) -> Bound[Literal["one"], AttachmentRow]: ...

class FindMessageAttachment(Query[Literal["one"]]):
    """A file that a message has already, by its key or its external id. Indexes: attachments_object_key, attachments_external_id."""

    def __call__(
        self,
        *,
        message_id: UUID | str,
        object_key: str,
        external_id: str | None,
    ) -> Bound[Literal["one"], AttachmentRow]: ...

class ForgetConversationsRow(NamedTuple):
    rows: int

class ForgetConversations(Query[Literal["one"]]):
    """Deletes conversations that were archived longer ago than what is kept, the oldest first, with all that hangs on them, and tells how many; a dry run only counts. The owner alone may delete. Index: conversations_status."""

    def __call__(
        self,
        *,
        keep: timedelta | str,
        limit: int | None,
        dry_run: bool,
    ) -> Bound[Literal["one"], ForgetConversationsRow]: ...

class ChannelRow(NamedTuple):
    id: UUID
    type: str
    external_id: str
    name: str
    metadata: Any
    is_signed: bool
    created_at: datetime
    updated_at: datetime
    revision: int

class GetChannel(Query[Literal["one"]]):
    """One channel; never its signing secret."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], ChannelRow]: ...

class GetChannelSecretRow(NamedTuple):
    id: UUID
    signing_secret: bytes | None

class GetChannelSecret(Query[Literal["maybe"]]):
    """The signing secret, encrypted, of the channel that a message names by its id."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["maybe"], GetChannelSecretRow]: ...

class ConversationRow(NamedTuple):
    id: UUID
    channel_id: UUID
    external_id: str
    subject: str | None
    status: str
    customer_email: str | None
    customer_name: str | None
    last_message_at: datetime | None
    last_inbound_at: datetime | None
    last_message_id: UUID | None
    draft_count: int
    created_at: datetime
    updated_at: datetime
    revision: int

class GetConversation(Query[Literal["one"]]):
    """One conversation."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], ConversationRow]: ...

class MessageRow(NamedTuple):
    id: UUID
    conversation_id: UUID
    external_id: str | None
    direction: str
    subject: str | None
    body_text: str | None
    body_html: str | None
    metadata: Any
    warnings: Any
    latest_version: int
    sent_at: datetime
    created_at: datetime
    redacted_at: datetime | None

class GetMessage(Query[Literal["one"]]):
    """One message."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], MessageRow]: ...

class ListChannels(Query[Literal["page"]]):
    """Channels of a tenant, newest first. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ChannelRow]: ...

class ListConversations(Query[Literal["page"]]):
    """Conversations of a tenant, newest first. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ConversationRow]: ...

class ListConversationsByChannel(Query[Literal["page"]]):
    """Conversations of one channel, newest first. Index: conversations_channel."""

    def __call__(
        self,
        *,
        channel_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ConversationRow]: ...

class ListConversationsByChannelOldestFirst(Query[Literal["page"]]):
    """Conversations of one channel, oldest first. Index: conversations_channel."""

    def __call__(
        self,
        *,
        channel_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ConversationRow]: ...

class ListConversationsByExternalId(Query[Literal["page"]]):
    """The conversations, one per channel, that have an external id, newest first. Index: conversations_external_id."""

    def __call__(
        self,
        *,
        external_id: str,
        status: str | None,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ConversationRow]: ...

class ListConversationsByExternalIdOldestFirst(Query[Literal["page"]]):
    """The conversations, one per channel, that have an external id, oldest first. Index: conversations_external_id."""

    def __call__(
        self,
        *,
        external_id: str,
        status: str | None,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ConversationRow]: ...

class ListConversationsByStatus(Query[Literal["page"]]):
    """Conversations of one status, newest first. Index: conversations_status."""

    def __call__(
        self,
        *,
        status: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ConversationRow]: ...

class ListConversationsByStatusOldestFirst(Query[Literal["page"]]):
    """Conversations of one status, oldest first. Index: conversations_status."""

    def __call__(
        self,
        *,
        status: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ConversationRow]: ...

class ListConversationsOldestFirst(Query[Literal["page"]]):
    """Conversations of a tenant, oldest first. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ConversationRow]: ...

class ListDraftAttachments(Query[Literal["page"]]):
    """Files of a draft, oldest first. Index: attachments_draft."""

    def __call__(
        self,
        *,
        draft_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], AttachmentRow]: ...

class ListIdleConversationsRow(NamedTuple):
    id: UUID
    revision: int

class ListIdleConversations(Query[Literal["many"]]):
    """Conversations of one status in which nothing has happened for longer than they are kept so, and that have no reply on its way, which would keep them from being archived. Some of them, in the order of their ids. Index: conversations_status."""

    def __call__(
        self,
        *,
        status: str,
        keep: timedelta | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["many"], ListIdleConversationsRow]: ...

class AttachmentRow(NamedTuple):
    id: UUID
    message_id: UUID | None
    draft_id: UUID | None
    file_name: str
    mime_type: str
    size_bytes: int | None
    object_key: str
    external_id: str | None
    url: str | None
    created_at: datetime

class ListMessageAttachments(Query[Literal["page"]]):
    """Files of a message, oldest first. Index: attachments_message."""

    def __call__(
        self,
        *,
        message_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], AttachmentRow]: ...

class ListMessageVersionsRow(NamedTuple):
    id: UUID
    message_id: UUID
    version: int
    subject: str | None
    body_text: str | None
    body_html: str | None
    metadata: Any
    warnings: Any
    sent_at: datetime
    created_at: datetime
    redacted_at: datetime | None

class ListMessageVersions(Query[Literal["page"]]):
    """Other texts that came under the external id of a message, the latest first. Index: message_versions_version_key."""

    def __call__(
        self,
        *,
        message_id: UUID | str,
        after_version: int,
        limit: int,
    ) -> Bound[Literal["page"], ListMessageVersionsRow]: ...

class ListMessages(Query[Literal["page"]]):
    """Messages of a conversation, newest first. Index: messages_conversation_sent."""

    def __call__(
        self,
        *,
        conversation_id: UUID | str,
        after_sent_at: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], MessageRow]: ...

class ListMessagesOldestFirst(Query[Literal["page"]]):
    """Messages of a conversation, oldest first. Index: messages_conversation_sent."""

    def __call__(
        self,
        *,
        conversation_id: UUID | str,
        after_sent_at: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], MessageRow]: ...

class ListStaleSecretsRow(NamedTuple):
    id: UUID
    signing_secret: bytes

class ListStaleSecrets(Query[Literal["many"]]):
    """Channels whose signing secret is encrypted under another key than the present one, some of them in the order of the primary key: the secret begins with the id of its key."""

    def __call__(
        self,
        *,
        key_id: bytes,
        after: Any,
        limit: int,
    ) -> Bound[Literal["many"], ListStaleSecretsRow]: ...

class LockConversation(Query[Literal["exec"]]):
    """Keeps new drafts and replies out of a conversation while it is archived. A statement of its own, sent before the next: what others committed while it waited must be visible to that one."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["exec"], None]: ...

class ReceiveMessageRow(NamedTuple):
    channel_id: UUID
    conversation_id: UUID
    conversation_status: str
    message_id: UUID
    created: bool
    job_id: UUID | None
    version: int
    warnings: Any

class ReceiveMessage(Query[Literal["one"]]):
    """Takes a message in: the conversation is found or made by its external id, the message and each of its files are stored once, and a new inbound message of an open conversation asks for one draft. A message that is known changes nothing; if its text differs, that text is kept as another version of it. The status is what the channel says; if it says none, a new inbound message reopens the conversation, and any other brings it back from the archive, which keeps no bodies. A message that was sent before the conversation's latest comes late: it neither changes the status nor replaces a name. A new conversation has its first message noted from the start; an open one of which the message says nothing new is only locked, for inbox.note_message() writes it then. Of two deliveries at once the second waits for the conversation's row, and then finds the message: the empty update is there to return it. Indexes: conversations_external_id, messages_external_id_key (by the statistics messages_conversation), jobs_unique_key."""

    def __call__(
        self,
        *,
        channel_id: UUID | str,
        conversation_external_id: str,
        status: str | None,
        customer_email: str | None,
        customer_name: str | None,
        external_id: str | None,
        direction: str,
        subject: str | None,
        body_text: str | None,
        body_html: str | None,
        metadata: Any,
        sent_at: datetime | str | None,
        attachments: Any,
        warnings: Any,
    ) -> Bound[Literal["one"], ReceiveMessageRow]: ...

class ReplaceSecrets(Query[Literal["rowcount"]]):
    """Puts signing secrets in the place of those that `old` names; one that somebody set meanwhile stays."""

    def __call__(
        self,
        *,
        secrets: Any,
    ) -> Bound[Literal["rowcount"], None]: ...

class TimelineRow(NamedTuple):
    at: datetime
    id: UUID
    kind: str
    data: Any

class Timeline(Query[Literal["page"]]):
    """What happened in a conversation, oldest first: messages, drafts, actions and deliveries. Each part brings at most a page, by its own index, before they are merged. Indexes: messages_conversation_sent, drafts_version_key, draft_actions_draft, scheduled_replies_conversation."""

    def __call__(
        self,
        *,
        conversation_id: UUID | str,
        after_at: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], TimelineRow]: ...

class UpdateChannel(Query[Literal["maybe"]]):
    """Changes what `changes` names, and the signing secret if it is to be replaced; no row when there is no such channel, or the revision is another."""

    def __call__(
        self,
        *,
        id: UUID | str,
        changes: Any,
        replace_secret: bool,
        signing_secret: bytes | None,
        revision: int | None,
    ) -> Bound[Literal["maybe"], ChannelRow]: ...

class UpdateConversation(Query[Literal["maybe"]]):
    """Changes what `changes` names; no row when there is no such conversation, or the revision is another. Which status changes are legal says operations.status_transitions."""

    def __call__(
        self,
        *,
        id: UUID | str,
        changes: Any,
        revision: int | None,
    ) -> Bound[Literal["maybe"], ConversationRow]: ...

class Inbox:
    archive_conversation: ArchiveConversation
    attach_to_draft: AttachToDraft
    attach_to_message: AttachToMessage
    create_channel: CreateChannel
    ensure_channel: EnsureChannel
    erase_conversations: EraseConversations
    erase_jobs: EraseJobs
    erase_notifications: EraseNotifications
    export_customer: ExportCustomer
    find_channel: FindChannel
    find_draft_attachment: FindDraftAttachment
    find_message_attachment: FindMessageAttachment
    forget_conversations: ForgetConversations
    get_channel: GetChannel
    get_channel_secret: GetChannelSecret
    get_conversation: GetConversation
    get_message: GetMessage
    list_channels: ListChannels
    list_conversations: ListConversations
    list_conversations_by_channel: ListConversationsByChannel
    list_conversations_by_channel_oldest_first: ListConversationsByChannelOldestFirst
    list_conversations_by_external_id: ListConversationsByExternalId
    list_conversations_by_external_id_oldest_first: ListConversationsByExternalIdOldestFirst
    list_conversations_by_status: ListConversationsByStatus
    list_conversations_by_status_oldest_first: ListConversationsByStatusOldestFirst
    list_conversations_oldest_first: ListConversationsOldestFirst
    list_draft_attachments: ListDraftAttachments
    list_idle_conversations: ListIdleConversations
    list_message_attachments: ListMessageAttachments
    list_message_versions: ListMessageVersions
    list_messages: ListMessages
    list_messages_oldest_first: ListMessagesOldestFirst
    list_stale_secrets: ListStaleSecrets
    lock_conversation: LockConversation
    receive_message: ReceiveMessage
    replace_secrets: ReplaceSecrets
    timeline: Timeline
    update_channel: UpdateChannel
    update_conversation: UpdateConversation
