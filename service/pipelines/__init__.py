"""Innovation pipelines: a user's runs over a document, what their stages put out, reports, opportunity cards."""

from flask import Blueprint

blueprint = Blueprint("pipelines", __name__)

from service.pipelines import cards, runs, webhook, work
