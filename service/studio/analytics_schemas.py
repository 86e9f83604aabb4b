"""What goes in and out of the routes of the studio's analytics."""

from marshmallow import fields

from service.schemas import Answer, count, one_of
from service.studio.schemas import CATEGORIES


class ConceptsOfCategory(Answer):
    category = one_of(CATEGORIES)
    concepts = count()
    share = fields.Float(metadata={"description": "Of all concepts of these days, 0 to 1"})


class ConceptsOfTrend(Answer):
    trend_topic = fields.String()
    concepts = count()


class ConceptsOfDay(Answer):
    day = fields.Date(metadata={"description": "In UTC; a day without any is not there"})
    generations = count()
    concepts = count()
