from messaging.actions.links import issue_link, revoke_links
from messaging.actions.queueing import MessageDraft, Subject, queue_message

__all__ = ["MessageDraft", "Subject", "issue_link", "queue_message", "revoke_links"]
