"""The pytest plugin: claims files and audits inside a test suite.

Guarantees: importing it imports no formula, so that a session without claims pays nothing for it.
"""
