"""What goes out of the routes of bookmarks and views."""

from marshmallow import fields

from service.library.resource_schemas import Resource
from service.schemas import Answer, flag, moment


class ResourceView(Answer):
    resource_id = fields.UUID()
    is_counted = flag(metadata={"description": "Whether it was the first view of the day"})


class BookmarkState(Answer):
    resource_id = fields.UUID()
    is_bookmarked = flag(metadata={"description": "Whether one keeps it now"})
    is_changed = flag(metadata={"description": "Whether one did not, or did, before"})


class Bookmark(Answer):
    id = fields.UUID()
    created_at = moment(metadata={"description": "Since when one keeps it"})
    resource = fields.Nested(Resource)
