"""The page of the explorer, on Panel and Bokeh, which are imported nowhere else.

desk      the page as one component; its scripts are the .js files beside it
visit     one visitor: questions of the page, answers, undo and redo
slow      questions that take long, which are worked out in a thread
told      answers: plain dicts, and pictures as raw pixels
scatter   the maps: points once, colors as often as wanted

serving   a server for the page: where it listens, how long visits are kept
door      who may come in
handlers  what the server answers with, and nothing else
messages  what a page may ask of its server

desk.js puts the page together of map, bar, stage, sliders, random, walk, directions, own, take,
strip and analysis (with gauges), one script each; turns.js is what they share.
"""
