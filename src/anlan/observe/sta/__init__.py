"""OGC SensorThings API 1.1, Part 1: Sensing (18-088), over the city's stations and readings.

Reading and writing without HTTP: `requests.read`, `requests.write`, `requests.entity_json`,
`requests.create_observations`. Over HTTP: `routes`.
"""
