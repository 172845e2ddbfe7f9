"""The pages of whoever looks after people, places, services, hours and promises. It may import every app below api.

What the pages change is written by the apps that own it; here are forms, views and what needs several apps at once.
"""
