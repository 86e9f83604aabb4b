"""The reply desk: episodes, their ingestion, and the tweets to reply to."""

from flask import Blueprint

blueprint = Blueprint("tweets", __name__)

from service.tweets import episodes, tweets
