"""What goes in and out of the routes of erasures."""

from marshmallow import Schema, fields

from service.schemas import Answer, count, example, flag, metadata, moment, words_of


@example(email="kim@example.com")
class Customer(Schema):
    email = words_of(
        320,
        required=True,
        metadata={"description": "The address, as `customer_email` of conversations has it"},
    )


@example(email="kim@example.com", dry_run=True)
class NewErasure(Customer):
    dry_run = flag(load_default=False, metadata={"description": "Only count; by default false"})


class Erasure(Answer):
    id = fields.UUID()
    person = fields.String(
        metadata={"description": "A keyed hash of the address: the same for the same address"}
    )
    dry_run = fields.Boolean()
    counts = fields.Dict(
        keys=fields.String(),
        values=count(),
        metadata={"description": "How many rows went, or would go, by table"},
    )
    requested_by = fields.String(metadata={"description": "user:<id>, key:<id> or a command"})
    finished_at = moment(allow_none=True, metadata={"description": "null until it is done"})
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class ExportedRow(Answer):
    entity = fields.String(metadata={"description": "A table, for example inbox.messages"})
    data = metadata(metadata={"description": "The row as it is"})
