from intake.forms.imports import MappingForm, UploadForm
from intake.forms.requests import LossForm, RequestFilterForm, RequestForm

__all__ = ["LossForm", "MappingForm", "RequestFilterForm", "RequestForm", "UploadForm"]
