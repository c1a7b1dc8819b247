"""Audits of implementations: the certified gradient of the intended loss against floats."""
