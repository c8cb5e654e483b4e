from messaging.actions.codes import CodeDraft, queue_code
from messaging.actions.links import issue_link, prolong_links, revoke_links
from messaging.actions.pauses import pause_channel, resume_channel
from messaging.actions.queueing import MessageDraft, Subject, queue_message
from messaging.actions.templates import TextRefused, edit_template

__all__ = [
    "CodeDraft",
    "MessageDraft",
    "Subject",
    "TextRefused",
    "edit_template",
    "issue_link",
    "pause_channel",
    "prolong_links",
    "queue_code",
    "queue_message",
    "resume_channel",
    "revoke_links",
]
