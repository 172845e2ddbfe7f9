"""The environment that tests run in; loaded before Django reads its settings."""

import gc
import os

os.environ.setdefault("ENVIRONMENT", "test")
os.environ.setdefault("SECRET_KEY", "a-key-for-tests-alone-0123456789-abcdefghijklmnopqrstuvwxyz")
os.environ.setdefault("EMAIL_URL", "memorymail://")
# Playwright's own event loop makes Django think that a test is asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# Looking for what can be forgotten among all that is imported and migrated took a tenth of every run.
gc.set_threshold(200_000, 50, 100)
