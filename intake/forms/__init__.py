from intake.forms.requests import LossForm, RequestFilterForm, RequestForm

__all__ = ["LossForm", "RequestFilterForm", "RequestForm"]
