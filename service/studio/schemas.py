"""What the schemas of the studio share."""

from service.schemas import Choice

CATEGORIES = Choice(
    "ConceptCategory",
    "news",
    "absurd",
    "luxury",
    "emotional",
    "tech",
    "cartoon",
    "gaming",
    "fitness",
    "food",
    "finance",
    "music",
    "relationships",
)
PLATFORMS = Choice("VideoPlatform", "tiktok", "youtube-shorts", "instagram-reels")
PROVIDERS = Choice("VideoProvider", "sora", "veo", "runway", "luma")
