# The scenario player behind regression/run: parser, scripted servers, stepped clock, comparison.
# Modules, lowest first: records, script, loop, network, clock, settings, authority, behaviour, replies, players, clients,
# daemon, judge, play.
