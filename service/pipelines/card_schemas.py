"""What goes in and out of the routes of cards."""

from typing import Any

from marshmallow import Schema, ValidationError, fields

from service.pipelines.schemas import prose
from service.schemas import Answer, PageQuery, count, example, flag, moment, whole, words_of

CARDS = 5  # of a run
CARDS_OF_AN_EXAMPLE = [
    {
        "number": number,
        "title": title,
        "tagline": "Fresh each morning.",
        "problem": "People throw milk away.",
        "solution": "Less of it, more often.",
        "why_now": "Bottles are collected again.",
        "target_segment": "Households of one.",
        "quick_win": "One street, for one month.",
    }
    for number, title in enumerate(
        ("Half pints", "Milk by post", "Empty shelves", "Slow cheese", "The dairy bus"), 1
    )
]


class PipelineRunCard(Answer):
    id = fields.UUID()
    number = fields.Integer()
    title = fields.String()
    tagline = fields.String()
    problem = fields.String()
    solution = fields.String()
    why_now = fields.String()
    target_segment = fields.String()
    quick_win = fields.String()
    starred = fields.Boolean()


class NewPipelineCard(Schema):
    number = whole(1, CARDS, required=True)
    title = words_of(300, required=True)
    tagline = prose(8192, required=True)
    problem = prose(8192, required=True)
    solution = prose(8192, required=True)
    why_now = prose(8192, required=True)
    target_segment = prose(8192, required=True)
    quick_win = prose(8192, required=True)


def each_number_once(cards: list[dict[str, Any]]) -> None:
    if cards and sorted(card["number"] for card in cards) != list(range(1, CARDS + 1)):
        raise ValidationError(f"must be {CARDS} cards with the numbers 1 to {CARDS}")


class PipelineCard(PipelineRunCard):
    run_id = fields.UUID()
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class PipelineCardQuery(PageQuery):
    starred = fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        metadata={"description": "true for the starred ones only"},
    )


class StarredCardCount(Answer):
    starred = count()


@example(starred=True)
class PipelineCardStar(Schema):
    starred = flag(required=True)
