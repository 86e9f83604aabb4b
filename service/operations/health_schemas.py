"""What goes in and out of the routes of health."""

from marshmallow import fields

from service.schemas import Answer, Choice, one_of


class Health(Answer):
    status = one_of(Choice("HealthStatus", "ok", "unavailable"))


class Readiness(Health):
    problems = fields.List(fields.String())
    warnings = fields.List(fields.String())
