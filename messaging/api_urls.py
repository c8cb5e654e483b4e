from django.urls import path

from messaging import api

app_name = "messaging_api"

urlpatterns = [
    path("messages/", api.MessageList.as_view(), name="messages"),
    path("messages/<int:message_id>/", api.MessageDetail.as_view(), name="message"),
]
