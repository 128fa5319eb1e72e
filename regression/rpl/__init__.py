# The scenario player behind regression/run: parser, scripted servers, stepped clock, comparison.
# Modules, lowest first: script, records, authority, behaviour, network, clock, daemon, players, clients, judge, play.
