"""What to tell whom: an outbox that is written with its cause and sent by a job.

Mail goes to people, hooks to other systems. It knows nothing of what it tells about. Who may be told, and with which
files, is asked again at sending, through the functions that the setting TOLD_ABOUT names. It may import the apps up to
service_levels.
"""
