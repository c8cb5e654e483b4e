from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.models import Branch, Service
from clinic.permissions import ByAccessTable
from intake.actions import (
    RequestOrder,
    book_request,
    lose_request,
    receive_request,
    take_request,
)
from intake.models import LossReason, Request, RequestKind
from intake.queries import STATES, RequestFilter, access_request, list_requests
from patients.models import Patient, Source

LONGEST_UTM = 200
