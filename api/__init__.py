"""The programming interface: one module for each noun, with its serializer, view set and routes.

No models and no rules of its own: the same querysets, workflows and filters as the pages. Imports everything.
"""
