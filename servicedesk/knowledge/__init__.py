"""What people are told beforehand, so that they need not ask: outages, planned work, advice.

Pages to read and to write it, a card on the first screen, and what the page of sign-in says of outages. It knows
nothing of requests. It may import the apps up to notifications.
"""
