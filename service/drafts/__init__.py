"""What a model drafted, who decided, what went out, what was learned."""

from flask import Blueprint

blueprint = Blueprint("drafts", __name__)

from service.drafts import decisions, deliveries, drafts, learning
