"""Telegram: reads updates, renders replies, runs the channel."""
