"""Written by `make sql` from sql/ and the schema; edit those."""

from service.stubs.catalogue import Catalogue
from service.stubs.drafts import Drafts
from service.stubs.identity import Identity
from service.stubs.inbox import Inbox
from service.stubs.library import Library
from service.stubs.models import Models
from service.stubs.operations import Operations
from service.stubs.pipelines import Pipelines
from service.stubs.studio import Studio
from service.stubs.tweets import Tweets
from service.stubs.webhooks import Webhooks

class Queries:
    catalogue: Catalogue
    drafts: Drafts
    identity: Identity
    inbox: Inbox
    library: Library
    models: Models
    operations: Operations
    pipelines: Pipelines
    studio: Studio
    tweets: Tweets
    webhooks: Webhooks
