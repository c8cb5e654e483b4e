from django.urls import path

from messaging.views import messages, templates, unsubscribe

app_name = "messaging"
urlpatterns = [
    path("u/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("messages/", messages.messages, name="messages"),
    path("messages/<int:message_id>/", messages.message, name="message"),
    path("messages/channels/<str:channel>/resume/", messages.channel_resume, name="channel_resume"),
    path("messages/texts/", templates.templates, name="templates"),
    path("messages/texts/<int:template_id>/", templates.template, name="template"),
    path(
        "messages/texts/<int:template_id>/preview/",
        templates.template_preview,
        name="template_preview",
    ),
    path(
        "messages/texts/<int:template_id>/letter/",
        templates.template_letter,
        name="template_letter",
    ),
]
