"""What came in: channels, conversations, messages, attachments."""

from flask import Blueprint

blueprint = Blueprint("inbox", __name__)

from service.inbox import attachments, channels, conversations, intake, messages
