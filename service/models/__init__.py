"""What models are told, did and cost: prompts, model runs, quota."""

from flask import Blueprint

blueprint = Blueprint("models", __name__)

from service.models import prompts, quota, runs
