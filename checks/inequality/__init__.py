"""Inequalities and signs: exact certificates for every number of classes."""
