"""Stand-ins for the world outside: an SMS gateway, a mail server, and the phone that shows both.

They are vendors, not parts of the product: no Django, no database, their own journals, and the
wire formats of the real ones. Started by `python -m demo.sinks`.
"""
