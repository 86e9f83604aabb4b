"""The campaign studio: generated concepts, videos, posts, what they earned and what was learned."""

from flask import Blueprint

blueprint = Blueprint("studio", __name__)

from service.studio import (
    accounts,
    adjustments,
    alerts,
    analytics,
    concepts,
    critiques,
    feedback,
    generations,
    insights,
    posting,
    posts,
    snapshots,
    subscriptions,
    trends,
    videos,
)
