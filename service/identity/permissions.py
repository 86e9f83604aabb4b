"""What the members of a team may do, and what a new team begins with.

The database refuses what a member lacks the permission for; an admin of the team needs none.
"""

PERMISSIONS = {
    "add-members": "Add members with the permissions that members have by default",
    "edit-team": "Change the team itself, and put others below it",
    "write-resources": "Create and change resources of the team",
    "delete-resources": "Delete and restore resources of the team",
    "run-resources": "Start runs of the team and report on them",
    "write-chat": "Open chats of the team, set them up and say who takes part in them",
}

# An admin who is made a member again keeps them.
DEFAULT_ADMIN_PERMISSIONS = list(PERMISSIONS)

# Of who is added without any being named. Only admins give more, says identity.require_membership() in the database.
DEFAULT_MEMBER_PERMISSIONS = ["write-resources", "run-resources", "write-chat"]

# Of the chat that is made with a team: for clients to keep to.
DEFAULT_TEAM_CHAT_CONFIG = {
    "max_participants": 100,
    "message_retention_days": 365,
    "uploads": True,
    "moderation": False,
    "assistant": True,
}
