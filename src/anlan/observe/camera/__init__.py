"""Cameras 实景监测: pictures at a cadence, and the water level read off a staff gauge in them."""
