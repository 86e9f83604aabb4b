"""Social accounts over REST: what may be posted on, how often, and the tokens for it.

The tokens come in and go out again only together with a claim, in service/studio/posting.py.
"""

from typing import Any
from uuid import UUID

from flask import Response

from service.auth import caller
from service.queries import queries
from service.rest import changed, one, operation, page, session
from service.schemas import PageQuery
from service.secrets import Cell
from service.state import state
from service.studio import account_schemas as schemas
from service.studio import blueprint


@blueprint.get("/v1/social-accounts")
@operation(
    "studio:read", query=schemas.SocialAccountQuery, returns=schemas.SocialAccount, many=True
)
def list_social_accounts(query: dict[str, Any]) -> Response:
    """List accounts, newest first; those of one platform by name."""
    return page(
        (queries.studio.list_social_accounts, queries.studio.list_social_accounts_by_platform),
        query,
    )


@blueprint.get("/v1/social-accounts/to-refresh")
@operation("studio:read", query=PageQuery, returns=schemas.SocialAccount, many=True)
def list_social_accounts_to_refresh(query: dict[str, Any]) -> Response:
    """List active accounts whose access token expires within 5 minutes, or has, the most urgent first."""
    return page(queries.studio.list_social_accounts_to_refresh, query)


@blueprint.post("/v1/social-accounts")
@operation("studio:write", body=schemas.NewSocialAccount, returns=schemas.SocialAccount, status=201)
def create_social_account(body: dict[str, Any]) -> Response:
    """Add an account with its tokens, which no answer shows but that of a claim."""
    account_id = session().row(queries.operations.new_id()).id
    tokens = _encrypted(body, account_id)
    account = queries.studio.create_social_account(**{**body, **tokens}, id=account_id)
    return one(account, status=201)


@blueprint.get("/v1/social-accounts/<uuid:account_id>")
@operation("studio:read", returns=schemas.SocialAccount)
def get_social_account(account_id: UUID) -> Response:
    """Show an account; never its tokens."""
    return one(queries.studio.get_social_account(id=account_id))


@blueprint.patch("/v1/social-accounts/<uuid:account_id>")
@operation(
    "studio:write", body=schemas.SocialAccountChanges, returns=schemas.SocialAccount, if_match=True
)
def update_social_account(account_id: UUID, body: dict[str, Any], revision: int | None) -> Response:
    """Change an account. One that is not active keeps its posts, and they wait."""
    return changed(
        queries.studio.update_social_account(id=account_id, changes=body, revision=revision),
        queries.studio.get_social_account(id=account_id),
        revision,
    )


@blueprint.put("/v1/social-accounts/<uuid:account_id>/tokens")
@operation("studio:post", body=schemas.SocialTokens, returns=schemas.SocialAccount, if_match=True)
def replace_social_tokens(account_id: UUID, body: dict[str, Any], revision: int | None) -> Response:
    """Store the tokens that the platform gave anew.

    Whoever refreshes after a claim sends its `account_revision` as If-Match: of two at once, one is told.
    """
    tokens = _encrypted(body, account_id)
    return changed(
        queries.studio.replace_tokens(id=account_id, revision=revision, **{**body, **tokens}),
        queries.studio.get_social_account(id=account_id),
        revision,
    )


@blueprint.delete("/v1/social-accounts/<uuid:account_id>/tokens")
@operation("studio:write", returns=schemas.SocialAccount, if_match=True)
def remove_social_tokens(account_id: UUID, revision: int | None) -> Response:
    """Forget the tokens of an account, which then is not active."""
    return changed(
        queries.studio.remove_tokens(id=account_id, revision=revision),
        queries.studio.get_social_account(id=account_id),
        revision,
    )


def token_cell(account_id: UUID | str, name: str) -> Cell:
    """Where a token of an account is stored."""
    return Cell(caller().tenant_id, f"studio.social_accounts.{name}", str(account_id))


def _encrypted(body: dict[str, Any], account_id: UUID) -> dict[str, bytes | None]:
    encrypt = state().secrets.encrypt
    return {
        name: body[name] and encrypt(body[name].encode(), token_cell(account_id, name))
        for name in ("access_token", "refresh_token")
    }
