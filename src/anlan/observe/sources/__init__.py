"""Feeds: one package for each way in which readings reach the city by themselves."""
