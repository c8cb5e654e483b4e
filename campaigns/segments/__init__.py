"""The language of segments: traits, rules over them, and their compilation to one SQL statement."""
