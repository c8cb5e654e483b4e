"""The product's web application with the locks of booking off, for gunicorn."""

import importlib
from contextlib import ExitStack

from clinic_crm.wsgi import application

__all__ = ["application"]

# What names the models can be imported only now that Django is ready.
weakened = importlib.import_module("benchmarks.reception.weakened")
off = ExitStack()  # lives as long as the module, and so does what it holds
off.enter_context(weakened.no_locks())
