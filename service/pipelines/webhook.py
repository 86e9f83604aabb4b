"""The tenant's webhook: for executors that hold no API key, and show a secret instead.

A worker claims the run and tells the executor tenant, run and lease_id; so they work under one lease.
"""

import hmac
from typing import Any
from uuid import UUID

from flask import Response, request

from service import auth, errors
from service.caller import Caller
from service.pipelines import blueprint, run_schemas, work, work_schemas
from service.pipelines import webhook_schemas as schemas
from service.pipelines.schemas import MAX_BODY
from service.queries import queries
from service.rest import changed, one, operation, session
from service.secrets import Cell
from service.state import state
from service.telemetry import request_id

HEADER = "X-Webhook-Secret"
RUN = "/hooks/tenants/<uuid:tenant_id>/pipeline-runs/<uuid:pipeline_run_id>"


@blueprint.get("/v1/pipeline-webhook")
@operation("identity:read", returns=schemas.PipelineWebhook, problems=("NOT_FOUND",))
def get_pipeline_webhook() -> Response:
    """Show since when the tenant has a webhook for pipelines; never its secret."""
    return one(queries.pipelines.get_webhook())


@blueprint.put("/v1/pipeline-webhook")
@operation("identity:write", body=schemas.NewPipelineWebhook, returns=schemas.PipelineWebhook)
def set_pipeline_webhook(body: dict[str, Any]) -> Response:
    """Set or rotate the secret of the tenant's webhook for pipelines. The one before works for grace_seconds more."""
    webhook_id = session().row(queries.pipelines.get_webhook_id()).id
    cell = _cell(auth.caller().tenant_id, webhook_id)
    secret = state().secrets.encrypt(body["secret"].encode(), cell)
    return changed(
        queries.pipelines.set_webhook(id=webhook_id, secret=secret, grace=body["grace"]),
        queries.pipelines.get_webhook(),
    )


@blueprint.delete("/v1/pipeline-webhook")
@operation("identity:write", returns=schemas.PipelineWebhook, problems=("NOT_FOUND",))
def remove_pipeline_webhook() -> Response:
    """Remove the tenant's webhook for pipelines: no secret works any more."""
    return one(queries.pipelines.remove_webhook())


def reporter(path: dict[str, Any]) -> Caller:
    """Who shows the secret of the tenant that the path names; raises UNAUTHENTICATED otherwise."""
    caller = Caller(
        tenant_id=str(path["tenant_id"]),
        actor="webhook",
        request_id=request_id(),
        ip=auth.address(request.remote_addr),
    )
    stored = state().database.session(caller).maybe_row(queries.pipelines.get_webhook_secrets())
    known = []
    if stored is not None:
        cell = _cell(caller.tenant_id, stored.id)
        both = (stored.secret, stored.other_secret)
        known = [state().secrets.decrypt(one, cell) for one in both if one is not None]
    given = request.headers.get(HEADER, "").encode("utf-8", "replace")
    if any(secret is not None and hmac.compare_digest(secret, given) for secret in known):
        return caller
    if None in known:
        raise errors.unavailable("a secret of the webhook cannot be read: set it again")
    raise errors.unauthenticated(f"{HEADER} is not the secret of the tenant's webhook")


def _cell(tenant_id: str, webhook_id: UUID) -> Cell:
    # Of the secret before, too: it is moved as it is.
    return Cell(tenant_id, "pipelines.webhooks.secret", str(webhook_id))


@blueprint.post(f"{RUN}/stages")
@operation(
    None,
    by=reporter,
    body=work_schemas.PipelineStageReport,
    max_body=MAX_BODY,
    returns=work_schemas.PipelineStageOutput,
)
def pipeline_stage_webhook(
    tenant_id: UUID, pipeline_run_id: UUID, body: dict[str, Any]
) -> Response:
    """Report a stage over the webhook, as POST /v1/pipeline-runs/{id}/stages does."""
    return work.report_stage(pipeline_run_id, body)


@blueprint.post(f"{RUN}/report")
@operation(
    None,
    by=reporter,
    body=work_schemas.NewInspirationReport,
    returns=work_schemas.InspirationReport,
)
def pipeline_report_webhook(
    tenant_id: UUID, pipeline_run_id: UUID, body: dict[str, Any]
) -> Response:
    """Report the inspirations over the webhook, as POST /v1/pipeline-runs/{id}/report does."""
    return work.report_inspirations(pipeline_run_id, body)


@blueprint.post(f"{RUN}/complete")
@operation(
    None,
    by=reporter,
    body=work_schemas.PipelineRunCompletion,
    max_body=MAX_BODY,
    returns=run_schemas.PipelineRun,
)
def pipeline_completion_webhook(
    tenant_id: UUID, pipeline_run_id: UUID, body: dict[str, Any]
) -> Response:
    """Report the end of a run over the webhook, as POST /v1/pipeline-runs/{id}/complete does."""
    return work.complete_run(pipeline_run_id, body)


@blueprint.post(f"{RUN}/fail")
@operation(None, by=reporter, body=work_schemas.PipelineRunFailure, returns=run_schemas.PipelineRun)
def pipeline_failure_webhook(
    tenant_id: UUID, pipeline_run_id: UUID, body: dict[str, Any]
) -> Response:
    """Report a failure over the webhook, as POST /v1/pipeline-runs/{id}/fail does."""
    return work.fail_run(pipeline_run_id, body)
