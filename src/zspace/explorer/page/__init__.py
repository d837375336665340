"""The page of the explorer, on Panel and Bokeh, which are imported nowhere else.

serving     a server for the page: address, token, origins, limits
visit       one visitor: questions of the page, answers, undo and redo
layout      the page's parts and where they stand
scatter     the map: points once, colors as often as wanted
components  the parts with a script of their own: stage.js, sliders.js
"""
