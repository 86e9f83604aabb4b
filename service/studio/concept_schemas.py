"""What goes in and out of the routes of concepts.

What a concept is made of has two schemas: a client must take what it does not know, the service does not.
"""

from marshmallow import EXCLUDE, Schema, fields, validate

from service.schemas import (
    Answer,
    BoundedList,
    Matches,
    PageQuery,
    example,
    moment,
    one_of,
    optional,
    whole,
    words_of,
)
from service.studio.schemas import CATEGORIES


class NewScriptSegment(Schema):
    time_range = words_of(50, required=True, metadata={"description": "Such as 0-3s"})
    visual = words_of(2000, required=True, metadata={"description": "What is seen"})
    on_screen_text = optional(words_of(500))
    camera = optional(words_of(500))


class ScriptSegment(NewScriptSegment):
    class Meta:
        unknown = EXCLUDE


class NewVideoPrompts(Schema):
    """What a provider of videos is asked, by provider."""

    sora = words_of(8000)
    veo = words_of(8000)
    runway = words_of(8000)
    luma = words_of(8000)


class VideoPrompts(NewVideoPrompts):
    class Meta:
        unknown = EXCLUDE


def _score(platform: str) -> fields.Float:
    return fields.Float(
        data_key=platform, attribute=platform, validate=validate.Range(0, 100), allow_nan=False
    )


class NewVirality(Schema):
    """The score that is predicted, 0 to 100, by platform."""

    tiktok = _score("tiktok")
    youtube_shorts = _score("youtube-shorts")
    instagram_reels = _score("instagram-reels")


class Virality(NewVirality):
    class Meta:
        unknown = EXCLUDE


class NewConceptVariant(Schema):
    name = words_of(
        50, required=True, metadata={"description": "What feedback calls it, such as A"}
    )
    hook = optional(words_of(500))
    title = optional(words_of(300))
    caption = optional(words_of(2200))


class ConceptVariant(NewConceptVariant):
    class Meta:
        unknown = EXCLUDE


def hashtags() -> BoundedList:
    tag = Matches(r"^#?[^\s#]{1,100}$", error="must have 1 to 100 characters without white space")
    return BoundedList(fields.String(validate=tag), at_most=30)


def script() -> BoundedList:
    return BoundedList(
        fields.Nested(NewScriptSegment),
        at_most=50,
        metadata={"description": "The video's segments, in order"},
    )


def variants() -> BoundedList:
    return BoundedList(
        fields.Nested(NewConceptVariant),
        at_most=10,
        metadata={"description": "What is to be tried against each other"},
    )


def time_of_day() -> fields.String:
    return fields.String(
        validate=Matches(
            r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$", error="must be a time such as 18:30"
        ),
        metadata={"description": "When it is best posted, in UTC"},
    )


@example(title="The toaster that knows you", post_time="18:30")
class ConceptChanges(Schema):
    title = words_of(300)
    caption = words_of(2200, metadata={"description": "What is posted with the video"})
    hashtags = hashtags()
    script = script()
    prompts = fields.Nested(NewVideoPrompts)
    why_it_works = words_of(4000, allow_none=True)
    monetization = words_of(4000, allow_none=True)
    variants = variants()
    post_time = time_of_day()
    trend_source = words_of(200, allow_none=True, metadata={"description": "Where it was seen"})
    trend_topic = words_of(200, allow_none=True, metadata={"description": "What it is about"})


class NewConcept(Schema):
    category = one_of(CATEGORIES, required=True)
    title = words_of(300, required=True)
    caption = words_of(
        2200, required=True, metadata={"description": "What is posted with the video"}
    )
    hashtags = hashtags()
    script = script()
    prompts = fields.Nested(NewVideoPrompts)
    why_it_works = optional(words_of(4000))
    monetization = optional(words_of(4000))
    virality = fields.Nested(NewVirality)
    variants = variants()
    post_time = optional(time_of_day())
    trend_source = optional(words_of(200, metadata={"description": "Where it was seen"}))
    trend_topic = optional(words_of(200, metadata={"description": "What it is about"}))


class ConceptItem(Answer):
    id = fields.UUID()
    generation_id = fields.UUID()
    position = whole(1, 100)
    category = one_of(CATEGORIES)
    title = fields.String()
    caption = fields.String()
    hashtags = fields.List(fields.String())
    virality = fields.Nested(Virality)
    trend_source = fields.String(allow_none=True)
    trend_topic = fields.String(allow_none=True)
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class Concept(ConceptItem):
    script = fields.List(fields.Nested(ScriptSegment))
    prompts = fields.Nested(VideoPrompts)
    why_it_works = fields.String(allow_none=True)
    monetization = fields.String(allow_none=True)
    variants = fields.List(fields.Nested(ConceptVariant))
    post_time = fields.String(
        allow_none=True, metadata={"description": "When it is best posted, in UTC"}
    )


class ConceptQuery(PageQuery):
    category = optional(one_of(CATEGORIES))


class ConceptSearch(PageQuery):
    q = words_of(200, required=True, metadata={"description": "Words that all occur"})
