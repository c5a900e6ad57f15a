"""The four colours in Chinese, as the page and the facts name them."""

COLOUR_WORDS = {"blue": "蓝色", "yellow": "黄色", "orange": "橙色", "red": "红色"}
