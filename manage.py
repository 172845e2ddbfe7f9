#!/usr/bin/env python
"""The command line of the service desk: `manage.py help` lists what it can do."""

import os
import sys

from django.core.management import execute_from_command_line

from servicedesk.config.environment import prepare_demo

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servicedesk.config.settings")
    if sys.argv[1:2] == ["demo"]:
        prepare_demo()
    execute_from_command_line(sys.argv)
