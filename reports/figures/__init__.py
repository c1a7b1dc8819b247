"""Figures of reports: drawn from certified values, told in words, illustrating claims."""
