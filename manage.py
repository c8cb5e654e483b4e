#!/usr/bin/env python
"""Django's command line, with the embedded servers up unless the environment names others."""

import os
import sys

from django.core.management import execute_from_command_line

from clinic_crm import addresses, embedded


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic_crm.settings")
    addresses.adopt()
    embedded.join()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
