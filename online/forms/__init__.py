from online.forms.guests import DATA, CodeForm, PersonForm, WishForm
from online.forms.staff import ProfileForm, SettingForm

__all__ = ["DATA", "CodeForm", "PersonForm", "ProfileForm", "SettingForm", "WishForm"]
