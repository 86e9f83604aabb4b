"""What goes in and out of the routes of runs."""

import json
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from service.schemas import (
    AN_ID,
    Answer,
    BoundedList,
    Choice,
    PageQuery,
    Words,
    count,
    example,
    flag,
    moment,
    not_blank,
    one_of,
    optional,
    whole,
    words_of,
)

STATUSES = Choice(
    "ResourceRunStatus", "scheduled", "in_progress", "paused", "completed", "failed", "cancelled"
)
ACTIVE = ["scheduled", "in_progress"]
STEP_STATUSES = Choice("ResourceRunStepStatus", "scheduled", "in_progress", "completed", "skipped")
ANY_VALUE = {
    "anyOf": [{"type": type_} for type_ in ("object", "string", "number", "boolean", "null")]
    + [{"type": "array", "items": {}, "maxItems": 8192}],
    "description": "Any JSON of at most 8 KB",
}
A_DAY = 86_400_000  # milliseconds
MAX_STEPS = 100
MAX_INPUTS = 1000  # of all steps together
MAX_OUTPUTS = 1000


def at_most(kilobytes: int) -> Any:
    """As PostgreSQL writes it."""

    def validate(value: Any) -> None:
        if len(json.dumps(value, ensure_ascii=False).encode()) > kilobytes * 1024:
            raise ValidationError(f"must have at most {kilobytes} KB")

    return validate


def run_data(**arguments: Any) -> fields.Dict:
    return fields.Dict(keys=fields.String(), validate=at_most(16), **arguments)


def milliseconds(**arguments: Any) -> fields.Integer:
    return whole(0, A_DAY, metadata={"description": "In milliseconds, up to a day"}, **arguments)


def reason(**arguments: Any) -> fields.String:
    """Why a run failed, limited as it is stored."""

    def not_too_long(value: str) -> None:
        if len(value.encode()) > 8192:
            raise ValidationError("must have at most 8 KB")

    return fields.String(validate=[not_blank, not_too_long], **arguments)


class NewResourceRunValue(Schema):
    key = words_of(128, required=True)
    value = fields.Raw(required=True, allow_none=True, validate=at_most(8), metadata={**ANY_VALUE})


def each_key_once(values: list[dict[str, Any]]) -> None:
    if len({value["key"] for value in values}) < len(values):
        raise ValidationError("has a key twice")


def outputs(**arguments: Any) -> BoundedList:
    return BoundedList(
        fields.Nested(NewResourceRunValue),
        at_most=MAX_OUTPUTS,
        validate=[each_key_once],
        **arguments,
    )


class NewResourceRunStep(Schema):
    name = words_of(128, required=True)
    inputs = BoundedList(
        fields.Nested(NewResourceRunValue),
        at_most=MAX_INPUTS,
        load_default=list,
        validate=[each_key_once],
    )


def few_inputs(steps: list[dict[str, Any]]) -> None:
    if sum(len(step["inputs"]) for step in steps) > MAX_INPUTS:
        raise ValidationError(f"must have at most {MAX_INPUTS} inputs together")


def new_steps(**arguments: Any) -> BoundedList:
    return BoundedList(
        fields.Nested(NewResourceRunStep), at_most=MAX_STEPS, validate=[few_inputs], **arguments
    )


@example(version_id=AN_ID, name="First try", data={"temperature": 0.2})
class NewResourceRun(Schema):
    version_id = fields.UUID(required=True)
    team_id = optional(
        fields.UUID(
            metadata={"description": "The team for which it is, where one may run resources"}
        )
    )
    name = words_of(128, required=True)
    is_private = flag(
        load_default=True,
        metadata={"description": "Whether only its user and team see it"},
    )
    was_run_automatically = flag(
        load_default=False,
        metadata={"description": "Whether a worker runs it, and not the user"},
    )
    data = run_data(load_default=dict)
    due_at = optional(
        moment(metadata={"description": "From when on a worker may claim it; now if not given"})
    )
    max_attempts = whole(
        1, 100, load_default=3, metadata={"description": "How often a worker may try it"}
    )
    steps = new_steps(
        load_default=list,
        metadata={"description": "For a worker; those of others come when they are executed"},
    )

    @validates_schema
    def _steps_for_a_worker(self, data: dict[str, Any], **_: object) -> None:
        if data["steps"] and not data["was_run_automatically"]:
            raise ValidationError("come with execute, unless a worker runs it", "steps")


@example(name="Second try", data={"temperature": 0.7})
class ResourceRunChanges(Schema):
    name = words_of(128)
    is_private = flag()
    data = run_data()
    status = one_of(STATUSES)
    error = reason(metadata={"description": "Why it failed"})
    time_elapsed = milliseconds()
    completed_complexity = whole(0, 2**31 - 1)
    context_switches = whole(0, 2**31 - 1)

    @validates_schema
    def _error_of_a_failure(self, data: dict[str, Any], **_: object) -> None:
        if "error" in data and data.get("status") != "failed":
            raise ValidationError("is for a run that failed", "error")


@example(steps=[{"name": "Read", "inputs": [{"key": "url", "value": "https://example.com"}]}])
class ResourceRunExecution(Schema):
    steps = new_steps(at_least=1, required=True)


class ResourceRun(Answer):
    id = fields.UUID()
    version_id = fields.UUID()
    user_id = fields.UUID()
    team_id = fields.UUID(allow_none=True)
    name = fields.String()
    is_private = fields.Boolean()
    was_run_automatically = fields.Boolean()
    status = one_of(STATUSES)
    due_at = moment()
    attempts = count()
    max_attempts = count()
    locked_by = fields.String(allow_none=True)
    lease_expires_at = moment(allow_none=True)
    error = fields.String(allow_none=True)
    started_at = moment(allow_none=True)
    completed_at = moment(allow_none=True)
    time_elapsed = milliseconds(allow_none=True)
    completed_complexity = count()
    context_switches = count()
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class ResourceRunRoot(Answer):
    id = fields.UUID()
    public_id = fields.String()
    resource_type = fields.String()


class ResourceRunVersion(Answer):
    id = fields.UUID()
    public_id = fields.String()
    version_label = fields.String()
    root = fields.Nested(ResourceRunRoot)


class ResourceRunUser(Answer):
    id = fields.UUID()
    public_id = fields.String()
    name = fields.String()
    handle = fields.String(allow_none=True)


class ResourceRunValue(Answer):
    key = fields.String()
    value = fields.Raw(allow_none=True, metadata={**ANY_VALUE})


class ExecutedResourceRunStep(Answer):
    id = fields.UUID()
    step = whole(1, MAX_STEPS)
    name = fields.String()
    status = one_of(STEP_STATUSES)
    created_at = moment()


class ResourceRunStepDetail(ExecutedResourceRunStep):
    started_at = moment(allow_none=True)
    completed_at = moment(allow_none=True)
    time_elapsed = milliseconds(allow_none=True)
    inputs = fields.List(fields.Nested(ResourceRunValue))
    outputs = fields.List(fields.Nested(ResourceRunValue))


class ResourceRunDetail(ResourceRun):
    data = fields.Dict(keys=fields.String())
    version = fields.Nested(
        ResourceRunVersion,
        allow_none=True,
        metadata={"description": "null if the resource is deleted, or not to be seen any more"},
    )
    user = fields.Nested(ResourceRunUser)
    steps = fields.List(
        fields.Nested(ResourceRunStepDetail), metadata={"description": "By their numbers"}
    )


class ExecutedResourceRun(Answer):
    run = fields.Nested(ResourceRun)
    steps = fields.List(fields.Nested(ExecutedResourceRunStep))
    input_count = count()


def all_users() -> fields.Boolean:
    return fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        metadata={"description": "Those of all users; takes the scope `library:manage`"},
    )


class ActiveResourceRunQuery(PageQuery):
    all_users = all_users()


class ResourceRunQuery(ActiveResourceRunQuery):
    status = Words(STATUSES, "|", "One or more statuses with | between them, or several times")
    version_id = optional(fields.UUID())
    team_id = optional(
        fields.UUID(metadata={"description": "Those of a team in which one is a member"})
    )


class ResourceRunStatsQuery(Schema):
    all_users = all_users()


class ResourceRunsByStatus(Answer):
    scheduled = count()
    in_progress = count()
    paused = count()
    completed = count()
    failed = count()
    cancelled = count()


class ResourceRunStats(Answer):
    total = count()
    by_status = fields.Nested(ResourceRunsByStatus)
    average_execution_time = fields.Float(
        allow_none=True,
        metadata={
            "description": "Of the completed runs that told their time_elapsed, in milliseconds; null if none did"
        },
    )


# Steps -----------------------------------------------------------------------------------------------


class ResourceRunStep(ExecutedResourceRunStep):
    run_id = fields.UUID()
    started_at = moment(allow_none=True)
    completed_at = moment(allow_none=True)
    time_elapsed = milliseconds(allow_none=True)
    updated_at = moment()
    revision = fields.Integer()


@example(time_elapsed=1200, outputs=[{"key": "words", "value": 12}])
class ResourceRunStepCompletion(Schema):
    time_elapsed = optional(milliseconds())
    outputs = outputs(load_default=list)


@example(outputs=[{"key": "words", "value": 12}])
class ResourceRunOutputs(Schema):
    outputs = outputs(at_least=1, required=True)
