"""What goes in and out of the routes of workers, which run resources."""

from typing import Any

from marshmallow import Schema, ValidationError, fields

from service.claims import Claim, Report
from service.library.run_schemas import MAX_OUTPUTS, MAX_STEPS, milliseconds, outputs, reason
from service.schemas import (
    AN_ID,
    Answer,
    BoundedList,
    Choice,
    count,
    example,
    flag,
    metadata,
    moment,
    one_of,
    optional,
    whole,
)


@example(worker="runner-1")
class ResourceRunClaim(Claim):
    pass


class ClaimedResourceRun(Answer):
    id = fields.UUID()
    version_id = fields.UUID()
    user_id = fields.UUID()
    team_id = fields.UUID(allow_none=True)
    name = fields.String()
    data = fields.Dict(keys=fields.String())
    config = metadata(metadata={"description": "Of the version: what is to be run"})
    attempts = count()
    max_attempts = count()
    lease_id = fields.UUID()
    lease_expires_at = moment()


class DoneResourceRunStep(Schema):
    step = whole(1, MAX_STEPS, required=True)
    status = one_of(
        Choice("DoneResourceRunStepStatus", "completed", "skipped"), load_default="completed"
    )
    time_elapsed = optional(milliseconds())
    outputs = outputs(load_default=list)


def each_step_once(steps: list[dict[str, Any]]) -> None:
    if len({step["step"] for step in steps}) < len(steps):
        raise ValidationError("has a step twice")


def few_outputs(steps: list[dict[str, Any]]) -> None:
    if sum(len(step["outputs"]) for step in steps) > MAX_OUTPUTS:
        raise ValidationError(f"must have at most {MAX_OUTPUTS} outputs together")


@example(lease_id=AN_ID, time_elapsed=1200)
class ResourceRunCompletion(Report):
    time_elapsed = optional(milliseconds())
    completed_complexity = optional(whole(0, 2**31 - 1))
    steps = BoundedList(
        fields.Nested(DoneResourceRunStep),
        at_most=MAX_STEPS,
        load_default=list,
        validate=[each_step_once, few_outputs],
        metadata={"description": "Steps of the run that it does not name are completed, too"},
    )


@example(lease_id=AN_ID, error="The model did not answer.", retry=True)
class ResourceRunFailure(Report):
    error = reason(required=True)
    retry = flag(
        load_default=False,
        metadata={"description": "true when trying again may help; otherwise it is final"},
    )
